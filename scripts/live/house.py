"""The house around the simulated plant: switches that move it, and a story they play.

The switches are helpers in Home Assistant, so a visitor may use them as well.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
import json
from typing import Any

from .client import Client

CHEAP_RATE = "input_boolean.cheap_rate"
BRIGHT_SUN = "input_boolean.bright_sun"
HEATER = "input_boolean.immersion_heater"
EARTH_FAULT = "input_boolean.earth_fault"

HEATER_POWER = 3000
"""Watts that the immersion heater draws."""

MOVES = "move_the_plant"

_CHANGES = f"""\
{{{{ {{
  '{BRIGHT_SUN}': {{'sun': 0.9 if trigger.to_state.state == 'on' else none}},
  '{HEATER}': {{'load': {600 + HEATER_POWER} if trigger.to_state.state == 'on' else none}},
  '{EARTH_FAULT}': {{'alarms': {{'safety_dsp': ['insulation']}}
                    if trigger.to_state.state == 'on' else {{}}}},
}}[trigger.entity_id] }}}}"""
"""What a switch means for the plant; none gives sky and household their way."""


def configuration(control_port: int) -> str:
    """Write the house as the part of a configuration.yaml."""
    house: dict[str, Any] = {
        "input_boolean": {
            _name(CHEAP_RATE): _switch("Cheap rate", "clock-check-outline"),
            _name(BRIGHT_SUN): _switch("Bright sun", "white-balance-sunny"),
            _name(HEATER): _switch("Immersion heater", "water-boiler"),
            _name(EARTH_FAULT): _switch("Earth fault", "flash-alert"),
        },
        "rest_command": {
            MOVES: {
                "url": f"http://127.0.0.1:{control_port}/set",
                "method": "post",
                "content_type": "application/json",
                "payload": "{{ changes | to_json }}",
            }
        },
        "automation house": [
            {
                "id": "house",
                "alias": "Demo: the switches move the simulated plant",
                "triggers": [
                    {
                        "trigger": "state",
                        "entity_id": [BRIGHT_SUN, HEATER, EARTH_FAULT],
                    }
                ],
                "actions": [
                    {
                        "action": f"rest_command.{MOVES}",
                        "data": {"changes": _CHANGES},
                    }
                ],
                "mode": "queued",
            }
        ],
    }
    # JSON is YAML, too.
    return "".join(f"{key}: {json.dumps(part)}\n" for key, part in house.items())


def _name(entity_id: str) -> str:
    return entity_id.partition(".")[2]


def _switch(name: str, icon: str) -> Mapping[str, object]:
    return {"name": name, "icon": f"mdi:{icon}", "initial": False}


async def switch(client: Client, entity_id: str, *, on: bool) -> None:
    """Flip a switch as a visitor does."""
    action = "turn_on" if on else "turn_off"
    await client.post(f"services/input_boolean/{action}", {"entity_id": entity_id})


@dataclass(frozen=True)
class Cue:
    """What the house does, and how many seconds after the demo began to show."""

    after: float
    switch: str
    on: bool
    says: str


STORY = (
    Cue(5, CHEAP_RATE, on=True, says="electricity is cheap: the battery charges"),
    Cue(5, BRIGHT_SUN, on=True, says="the sun comes out: soon the heater runs"),
    Cue(180, CHEAP_RATE, on=False, says="the cheap time is over"),
    Cue(
        190, EARTH_FAULT, on=True, says="an earth fault: the heater stops, you are told"
    ),
    Cue(250, EARTH_FAULT, on=False, says="the earth fault is gone"),
    Cue(300, BRIGHT_SUN, on=False, says="sky and household go their own way"),
)
"""One course past all three automations.

A surplus has to last a minute, and is looked for in four of five: 150 s are enough.
"""


class Story:
    """Plays the cues in their order."""

    def __init__(self, client: Client, cues: Iterable[Cue] = STORY) -> None:
        """Begin before the first cue."""
        self._client = client
        self._coming = list(cues)

    async def go_on(self, seconds: float) -> list[str]:
        """Play what is due so long after the beginning; tell what it was."""
        told = []
        while self._coming and self._coming[0].after <= seconds:
            cue = self._coming.pop(0)
            await switch(self._client, cue.switch, on=cue.on)
            told.append(cue.says)
        return told
