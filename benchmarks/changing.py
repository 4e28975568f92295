"""What it costs to look at a plant's settings, and to change them for a day."""

from datetime import timedelta
from typing import Any, Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant

from custom_components.instagen.const import DOMAIN
from custom_components.instagen.plant.settings import SETTINGS

from .house import Clock, Plant, Stick
from .report import Figure

WISHES: Final = 48
"""One each half hour, as an automation asks that follows half-hourly prices."""

_SLOT: Final = 1_800
_SETTLE: Final = 60
"""Seconds after which the battery is looked at: it has to follow what was asked."""

_WANTED: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("force_charge", {"target_soc": 80, "power": 50, "at_target": "hold"}),
    ("hold", {}),
    ("force_discharge", {"target_soc": 40, "power": 30, "at_target": "hold"}),
    ("force_charge", {"target_soc": 95, "power": 20, "at_target": "hold"}),
)
_LEAST_LOOK: Final = 3
"""Reads that bring all settings: 258 with 259, 303 to 311, 4300 to 4306."""


def _plan() -> list[int]:
    """Return which wish each half hour brings: each third repeats the one before."""
    plan: list[int] = []
    for slot in range(WISHES):
        repeats = slot % 3 == 2
        plan.append(plan[-1] if repeats else (slot - slot // 3) % len(_WANTED))
    return plan


async def look_at_settings(plant: Plant, stick: Stick) -> Figure:
    """Count the requests of a look at all settings, when none has changed."""
    desk = plant.entry.runtime_data.steering.desk
    await desk.refresh(frozenset(SETTINGS))
    before = sum(await stick.tell())
    await desk.refresh(frozenset(SETTINGS))
    ours = sum(await stick.tell()) - before
    return Figure(
        name="settings",
        unit="requests of a look at all settings",
        ours=ours,
        floor=_LEAST_LOOK,
        ratio=round(ours / _LEAST_LOOK, 3),
        target="1.00",
        met=ours == _LEAST_LOOK,
        how="the look that follows a poll once a minute, nothing changed since the last",
    )


async def writes_of_a_day(
    hass: HomeAssistant, plant: Plant, stick: Stick, clock: Clock
) -> Figure:
    """Count the writes of a day of wishes against the changes that they ask for."""
    steering = plant.entry.runtime_data.steering
    plan = _plan()
    needed = 1 + sum(
        later != before for before, later in zip([-1, *plan], plan, strict=False)
    )
    for number in plan:
        action, fields = _WANTED[number]
        until = clock.utcnow() + timedelta(seconds=_SLOT + 120)
        await _call(hass, plant, action, until=until, owner="benchmark", **fields)
        for seconds in (_SETTLE, _SLOT - _SETTLE):
            await stick.tell(advance=seconds)
            clock.advance(seconds)
            await plant.poll()
            await steering.desk.refresh(frozenset(SETTINGS))
    await _call(hass, plant, "cancel_override")
    writes = steering.budget.total
    return Figure(
        name="writes",
        unit=f"device writes of a day with {WISHES} wishes",
        ours=writes,
        floor=needed,
        ratio=round(writes / needed, 3),
        target="1.00",
        met=writes == needed,
        how="half-hourly leases, each third the same as the one before, and the way back "
        "at the end; least: the changes of what is wanted",
        detail={"plan": plan, "journal": len(steering.journal.entries)},
    )


async def _call(hass: HomeAssistant, plant: Plant, action: str, **data: Any) -> None:
    await hass.services.async_call(
        DOMAIN,
        action,
        {ATTR_CONFIG_ENTRY_ID: plant.entry.entry_id, **data},
        blocking=True,
        return_response=True,
    )
