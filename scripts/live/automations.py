"""Three automations made of the bundled blueprints, and what became of them."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from . import DOMAIN
from .client import Client
from .entities import Entity
from .house import CHEAP_RATE, EARTH_FAULT, HEATER, HEATER_POWER, switch
from .waiting import WaitError, wait_for

RUN_TIMEOUT = 60.0
"""An earth fault waits for the next poll, 10 s at most; the rest is for slow machines."""

KEPT_TRACES = 50
"""Each look at the whole leaves a trace; those that did something shall stay."""

type Ids = Mapping[str, str]
"""Entity ids by key."""


@dataclass(frozen=True)
class Show:
    """An automation of the demo: what it is made of, and what it takes to see it act."""

    name: str
    blueprint: str
    needs: frozenset[str]
    cues: tuple[str, ...]
    """Switches that have to be on, in this order, for it to act within a poll."""

    @property
    def entity_id(self) -> str:
        """Return the entity that Home Assistant makes of the name."""
        return f"automation.{self.name.lower().replace('-', '_').replace(' ', '_')}"

    def inputs(self, entry_id: str, ids: Ids) -> dict[str, object]:
        """Fill the blueprint's form."""
        plant = {} if self.blueprint == "solar_surplus_load" else {"plant": entry_id}
        return {**plant, **_INPUTS[self.blueprint](ids), "on_message": [self._tell()]}

    def _tell(self) -> dict[str, object]:
        return {
            "action": "persistent_notification.create",
            "data": {"title": self.name, "message": "{{ message }}"},
        }


_INPUTS = {
    "cheap_rate_charge": lambda ids: {
        "soc": ids["battery_soc"],
        "signal": CHEAP_RATE,
    },
    # The demo knows no time of day, and its load bears to be switched often.
    "solar_surplus_load": lambda ids: {
        "load": HEATER,
        "nominal": HEATER_POWER,
        "solar": ids["pv_power"],
        "house": ids["load_power"],
        "window_start": "00:00:00",
        "window_end": "23:59:59",
        "forbidden": ids["earth_fault"],
        "least_run": 0,
        "least_pause": 0,
    },
    "alarm_notice": lambda ids: {
        "alarm": ids["alarm"],
        "quiet_start": "00:00:00",
        "quiet_end": "00:00:00",
    },
}

SHOWS = (
    Show(
        "Cheap-rate charge",
        "cheap_rate_charge",
        frozenset({"battery_soc"}),
        (CHEAP_RATE,),
    ),
    # Sun has to last a minute; the guard that stops the load does it at once.
    Show(
        "Solar surplus load",
        "solar_surplus_load",
        frozenset({"pv_power", "load_power", "earth_fault"}),
        (HEATER, EARTH_FAULT),
    ),
    Show(
        "Alarm notice",
        "alarm_notice",
        frozenset({"alarm", "earth_fault"}),
        (EARTH_FAULT,),
    ),
)


async def install(
    client: Client, entry_id: str, entities: Iterable[Entity]
) -> tuple[Show, ...]:
    """Bring the blueprints in and make the automations that the plant has entities for."""
    ids = {entity.key: entity.entity_id for entity in entities if not entity.disabled}
    await client.post(f"services/{DOMAIN}/install_blueprints?return_response", {})
    made = tuple(show for show in SHOWS if show.needs <= ids.keys())
    for show in made:
        await client.post(
            f"config/automation/config/{show.blueprint}",
            {
                "alias": show.name,
                "use_blueprint": {
                    "path": f"{DOMAIN}/{show.blueprint}.yaml",
                    "input": show.inputs(entry_id, ids),
                },
                "trace": {"stored_traces": KEPT_TRACES},
            },
        )
    return made


async def rehearse(client: Client, shows: Iterable[Show]) -> dict[str, Any]:
    """Give each automation its cue; return what it did, by blueprint, none if nothing.

    Afterwards the switches are off again.
    """
    shows = tuple(shows)
    cues = tuple(dict.fromkeys(cue for show in shows for cue in show.cues))
    done: dict[str, Any] = {}
    for cue in cues:
        await switch(client, cue, on=True)

    async def all_ran() -> bool | None:
        for show in shows:
            done[show.blueprint] = await _outcome(client, show)
        return True if all(done.values()) else None

    # What did not run is named in the summary; that says more than an error.
    with suppress(WaitError):
        await wait_for(all_ran, RUN_TIMEOUT, "a run of each automation")
    for cue in cues:
        await switch(client, cue, on=False)
    return done


async def _outcome(client: Client, show: Show) -> dict[str, Any] | None:
    """Tell of the last run that came to its end; none if there was none."""
    state = await client.get(f"states/{show.entity_id}")
    async with client.socket() as socket:
        traces = await socket.call(
            "trace/list", domain="automation", item_id=show.blueprint
        )
        said = await socket.call("persistent_notification/get")
    finished = [one for one in traces if one["script_execution"] == "finished"]
    messages = [one["message"] for one in said if one["title"] == show.name]
    if not finished or not messages:
        return None
    return {
        "entity_id": show.entity_id,
        "last_triggered": state["attributes"]["last_triggered"],
        "outcome": finished[-1]["script_execution"],
        "trigger": finished[-1]["trigger"],
        "says": messages,
    }
