"""A simulated plant as the cloud sees it: one upload every five minutes, while it is connected."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from custom_components.instagen.simulated import FAULT_BITS, SimulatedPlant
from custom_components.instagen.simulated.settings import factory_settings

from .errors import JobFailed
from .live_desk import LiveDesk
from .made_up import energies_of
from .source import ENERGIES, UPLOAD, Alarm, Desk, Energies, Reading, Sample, added

_STEP: Final = UPLOAD * 1000
_FOREVER: Final = 1 << 62
_RESTART: Final = 30_000
"""Milliseconds that a stick is away when it restarts; made up."""

_BEFORE: Final = 90
"""Days of made-up history before the plant was put behind the cloud."""

_ALIKE: Final = {"pv_to_load": "load_from_pv"}
"""Energies that the plant knows by the other end's name, too."""


class LivePlant:
    """Watches a plant and keeps what it uploaded."""

    def __init__(
        self,
        plant: SimulatedPlant,
        *,
        sid: int,
        serial: str,
        connected: Callable[[], bool] | None = None,
    ) -> None:
        """Take the plant, its numbers here, and what tells whether the stick is there."""
        self.plant = plant
        self._sid = sid
        self._serial = serial
        self._connected = connected or (lambda: True)
        self.desk: Desk = LiveDesk(plant, self.command)
        self._away_until = 0
        self._closed = False
        self._latest: Reading | None = None
        self._days: dict[date, dict[str, float]] = {}
        self._curves: dict[date, list[Sample]] = {}
        self._open: dict[int, datetime] = {}
        self._past: list[Alarm] = []
        self._kw = sum(string.peak_power for string in plant.config.strings) / 1000
        self._due = 0
        self._started = plant.local_time.date()
        self.look()
        plant.watch(self)

    def close(self) -> None:
        """Take no more uploads."""
        self._closed = True

    # -- uploads ----

    @property
    def due(self) -> int:
        """The plant's time in ms of the next upload."""
        return _FOREVER if self._closed else self._due

    def look(self) -> None:
        """Upload when it is time, or when the clock was set back."""
        now = self.plant.now
        if now >= self._due or self._due - now > _STEP:
            self._due = (now // _STEP + 1) * _STEP
            if self.online:
                self.upload()

    @property
    def online(self) -> bool:
        """Whether the stick reaches the cloud."""
        here = self.plant.overrides.cloud and self.plant.now >= self._away_until
        return here and self._connected()

    def upload(self) -> None:
        """Take what the plant tells now."""
        state = {**self.plant.detail(), **self.plant.state()}
        local = self.plant.local_time
        self._latest = Reading(local, state)
        self._days[local.date()] = {
            name: _energy(state, name, "_energy_today") for name in ENERGIES
        }
        power = {
            name: float(state.get(f"{name}_power") or 0)
            for name in ("pv", "grid", "load", "battery", "inverter")
        }
        soc = state.get("battery_soc")
        sample = Sample(
            local.hour * 60 + local.minute,
            **power,
            soc=float(soc) if isinstance(soc, int | float) else None,
        )
        self._curves.setdefault(local.date(), []).append(sample)
        self._see_alarms(state, local)

    def _see_alarms(self, state: Mapping[str, Any], now: datetime) -> None:
        raised = {
            code_of(order, number)
            for order, family in enumerate(FAULT_BITS)
            for number in range(32)
            if int(state.get(f"alarm_{family}") or 0) >> number & 1
        }
        for code in raised - self._open.keys():
            self._open[code] = now
        for code in self._open.keys() - raised:
            self._past.append(Alarm(self._serial, code, self._open.pop(code), now))

    # -- what is told ----

    @property
    def first_day(self) -> date:
        """The first day of its history."""
        return self._started - timedelta(days=_BEFORE)

    def reading(self) -> Reading | None:
        """Return the last upload."""
        return self._latest

    def day(self, day: date) -> Energies | None:
        """Return the energies of a day; before the plant was seen they are made up."""
        if day in self._days:
            return self._days[day]
        if self.first_day <= day < self._started:
            battery = self.plant.config.battery
            capacity = battery.capacity if battery else 0.0
            return energies_of(self._sid, self._kw, capacity, day)
        return None

    def lifetime(self) -> Energies:
        """Return the plant's own lifetime counters."""
        if self._latest is None:
            return added([])
        values = self._latest.values
        return {name: _energy(values, name, "_energy") for name in ENERGIES}

    def curve(self, day: date) -> list[Sample]:
        """Return the uploads of a day."""
        return list(self._curves.get(day, ()))

    def alarms(self) -> list[Alarm]:
        """Return every alarm that was seen."""
        now = [Alarm(self._serial, code, at, None) for code, at in self._open.items()]
        return self._past + now

    # -- maintenance ----

    def command(self, dev_type: int, action: int) -> None:
        """Carry a maintenance command out.

        Raises:
            JobFailed: when the device does not know it.
        """
        plant = self.plant
        deeds: dict[tuple[int, int], Callable[[], None]] = {
            (1, 27): self._restart_stick,
            (1, 4097): self._restart_stick,
            (1, 4101): plant.replan,
            (6, 3): plant.restart,
            (6, 6): lambda: plant.set("running", True),
            (6, 7): lambda: plant.set("running", False),
            (6, 8196): lambda: plant.restore(factory_settings(plant.config)),
            (6, 8198): plant.reset_counters,
            (6, 8199): self.upload,
            (6, 8200): plant.replan,
            (6, 8201): plant.replan,
        }
        deed = deeds.get((dev_type, action))
        if deed is None:
            raise JobFailed("00002")
        deed()

    def _restart_stick(self) -> None:
        self._away_until = self.plant.now + _RESTART


def code_of(order: int, number: int) -> int:
    """Return the number of a fault: hundreds for the family, the rest the bit; made up."""
    return (order + 1) * 100 + number


def _energy(values: Mapping[str, Any], name: str, suffix: str) -> float:
    kwh = values.get(f"{name}{suffix}")
    if kwh is None:
        kwh = values.get(f"{_ALIKE.get(name, name)}{suffix}")
    return float(kwh or 0) * 1000


def plant_time(plant: SimulatedPlant, sync: Callable[[], None] | None) -> datetime:
    """Return a plant's time, after its clock caught up."""
    if sync:
        sync()
    return datetime.fromtimestamp(plant.now / 1000, UTC)
