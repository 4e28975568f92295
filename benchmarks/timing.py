"""What takes time on the clock, and what a day leaves in the database."""

import asyncio
from collections import Counter
from statistics import median
from time import perf_counter
from typing import Final

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback

from custom_components.instagen.links.modbus.link import MESSAGE_SPACING

from .house import Clock, Plant, Stick, set_up
from .least import Register, witnesses
from .polling import FAST, SLOW, registers_of
from .report import Figure

LATENCY: Final = 0.1
"""Seconds until the plant answers, in the middle of what is known of the stick."""

PUBLIC_G3_ROWS: Final = 1_950_000
"""Rows a day of the public G3 integration at the same pace."""

_DAY: Final = 86_400
_NO_WAIT: Final = 0.15
_IDENTIFICATION: Final[frozenset[Register]] = frozenset(
    {
        ("input", 1000),  # model
        ("input", 30000),  # work status: is it a plant?
        ("input", 27),  # voltage of a PV input
        ("input", 64),  # voltage of phase 3
        ("input", 201),  # firmware of the safety DSP
        ("input", 1800),  # link of the grid meter
        ("input", 1850),  # link of the PV meter
        ("input", 1901),  # link of the battery
        ("input", 2002),  # energy of a PV input
        ("input", 2070),  # energy of the generator
        ("holding", 303),  # use of the GEN port
    }
)
"""What tells who answers and what is fitted."""


async def poll_time(plant: Plant, stick: Stick, clock: Clock, polls: int) -> Figure:
    """Measure a poll's time against the device's own, with the real message spacing."""
    await stick.tell(latency=LATENCY * 1000)
    ratios: dict[str, list[float]] = {"fast": [], "slow": []}
    for number in range(polls):
        pace = "slow" if number % 2 else "fast"
        clock.advance(SLOW if pace == "slow" else 0, wall=False)
        before = sum(await stick.tell())
        await asyncio.sleep(2 * MESSAGE_SPACING)
        begun = perf_counter()
        await plant.poll()
        taken = perf_counter() - begun
        requests = sum(await stick.tell()) - before
        taken -= (requests - 1) * MESSAGE_SPACING
        ratios[pace].append(taken / (requests * LATENCY))
    await stick.tell(latency=0)
    worst = max(median(kind) for kind in ratios.values())
    return Figure(
        name="poll_time",
        unit="poll time / (requests x answer time), spacing apart",
        ours=round(worst, 3),
        floor=1.0,
        ratio=round(worst, 3),
        target="<= 1.06",
        met=worst <= 1.06,
        how="the plant waits 100 ms before each answer; 150 ms of spacing between "
        "requests is real and taken off. Medians, the worse of fast and slow polls",
        detail={
            pace: {"median": round(median(kind), 3), "max": round(max(kind), 3)}
            for pace, kind in ratios.items()
        },
    )


async def set_up_requests(hass: HomeAssistant, plant: Plant, stick: Stick) -> Figure:
    """Measure a set-up: its requests, and whether it waits for anything else."""
    await hass.config_entries.async_unload(plant.entry.entry_id)
    await stick.tell(latency=LATENCY * 1000)
    before = sum(await stick.tell())
    begun = perf_counter()
    await set_up(hass, plant)
    taken = perf_counter() - begun
    requests = sum(await stick.tell(latency=0)) - before
    shown = set(plant.entity_ids(hass))
    first = registers_of(shown, served=set(plant.coordinator.link.served))
    least = len(witnesses(_IDENTIFICATION | first))
    waited = taken - requests * LATENCY - (requests - 1) * MESSAGE_SPACING
    return Figure(
        name="set_up",
        unit="requests",
        ours=requests,
        floor=least,
        ratio=round(requests / least, 3),
        target="<= 1.2, no fixed waits",
        met=requests / least <= 1.2 and waited < _NO_WAIT,
        how="a second set-up of the entry, so that modules are imported; least: the "
        "witnesses of what identification and the first values need. A fixed wait "
        f"would show as more than {_NO_WAIT} s beside answers and spacing",
        detail={"seconds": round(taken, 3), "beside_the_link": round(waited, 3)},
    )


async def recorder_rows(
    hass: HomeAssistant, plant: Plant, stick: Stick, clock: Clock, polls: int
) -> Figure:
    """Count the rows that a day of polls leaves in the recorder."""
    ids = frozenset(plant.entity_ids(hass).values())
    rows: Counter[str] = Counter()
    attributes: Counter[str] = Counter()

    @callback
    def count(event: Event[EventStateChangedData]) -> None:
        entity_id = event.data["entity_id"]
        old, new = event.data["old_state"], event.data["new_state"]
        if entity_id in ids and old and new:
            rows[entity_id] += 1
            attributes[entity_id] += old.attributes != new.attributes

    stop = hass.bus.async_listen(EVENT_STATE_CHANGED, count)
    for _ in range(polls):
        await stick.tell(advance=FAST)
        clock.advance(FAST)
        await plant.poll()
    stop()
    scale = _DAY / FAST / polls
    a_day = round(rows.total() * scale)
    restless = {key: number for key, number in attributes.items() if number}
    return Figure(
        name="recorder_rows",
        unit="rows a day, default entities, a poll each 10 s",
        ours=a_day,
        floor=PUBLIC_G3_ROWS,
        ratio=round(a_day / PUBLIC_G3_ROWS, 4),
        target="<= 0.1 x the public G3 integration, no attribute that changes each poll",
        met=a_day <= PUBLIC_G3_ROWS / 10 and not restless,
        how="state_changed events of our entities while the plant lives a day of June, "
        "sunrise to sunset and night, polled each 10 of its seconds"
        if scale == 1
        else f"as in the full run, but only {polls} polls at midday, scaled",
        detail={
            "polls": polls,
            "entities": len(ids),
            "attribute_changes": restless,
            "busiest": {
                key: round(number * scale) for key, number in rows.most_common(12)
            },
            "rejected": plant.coordinator.link.statistics.rejected,
            "rereads": plant.coordinator.link.statistics.rereads,
        },
    )
