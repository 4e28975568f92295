"""What the rules of a contact go by: readings of the plant, and what the owner names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any, Final

from homeassistant.const import STATE_ON
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_CONTACT_CURRENTS,
    CONF_CONTACT_RUNNING,
    CONF_CONTACT_SURPLUS,
    CONF_CONTACT_SWITCH,
)
from ..control.charge_limit import Charger
from ..control.contact_inputs import Inputs, Sample
from ..control.leases import LeaseMode
from ..coordinator import InstagenCoordinator
from ..plant.identity import Feature
from ..plant.states import WorkStatus
from ..steering import Steering
from .panel import running_by

_CURRENTS: Final = ("grid_current_l1", "grid_current_l2", "grid_current_l3")
_READINGS: Final = (
    "pv_power",
    "load_power",
    "battery_charge_power",
    "battery_power",
    "battery_soc",
    "off_grid",
    "earth_fault",
    "work_status",
)


@dataclass(frozen=True, kw_only=True)
class Named:
    """The entities that the owner named."""

    switch: str
    running: str | None = None
    surplus: str | None = None
    currents: Sequence[str] = ()

    @property
    def all(self) -> list[str]:
        """Every one of them."""
        named = (self.switch, self.running, self.surplus, *self.currents)
        return [one for one in named if one]


def named_in(options: Mapping[str, Any]) -> Named | None:
    """Return what the options name; None without a switch."""
    if not (switch := options.get(CONF_CONTACT_SWITCH)):
        return None
    return Named(
        switch=switch,
        running=options.get(CONF_CONTACT_RUNNING),
        surplus=options.get(CONF_CONTACT_SURPLUS),
        currents=options.get(CONF_CONTACT_CURRENTS, ()),
    )


class LocalReadings:
    """Remembers when the plant told what, and puts a moment together."""

    def __init__(
        self, coordinator: InstagenCoordinator, steering: Steering, named: Named
    ) -> None:
        """Ask for what the rules need; ``wanted`` are its keys."""
        self._hass: HomeAssistant = coordinator.hass
        self._coordinator = coordinator
        self._steering = steering
        self._named = named
        possible = coordinator.possible_keys()
        self.wanted = [key for key in (*_READINGS, *_CURRENTS) if key in possible]
        self._phases = [key for key in _CURRENTS if key in possible]
        self._at: dict[str, datetime] = {}

    @callback
    def stamp(self, slow: bool) -> None:
        """Take note that the plant answered now."""
        now, silent = dt_util.utcnow(), self._coordinator.data.is_silent
        for key in self.wanted:
            if not silent(key) and (slow or key not in _CURRENTS):
                self._at[key] = now

    def look(self, *, reset: bool = False) -> Inputs:
        """Return this moment."""
        now = dt_util.utcnow()
        off_grid = self._told("off_grid")
        fault = self._told("earth_fault")
        status = self._told("work_status")
        alarm = status.value == WorkStatus.FAULT and fault.value is not True
        return Inputs(
            now=now,
            zone=dt_util.get_default_time_zone(),
            pv=self._told("pv_power"),
            load=self._told("load_power"),
            charging=self._told("battery_charge_power"),
            battery=self._told("battery_power"),
            surplus=self._sensed(self._named.surplus),
            soc=self._told("battery_soc"),
            grid=_grid(off_grid),
            currents=self._currents(),
            lease_current=self._lease_current(),
            alarm=Sample(alarm, status.at),
            earth_fault=fault,
            confirmed=self._confirmed(now),
            contact=self.switched(),
            reset=reset,
        )

    def switched(self) -> bool | None:
        """Return how the owner's switch stands."""
        state = self._hass.states.get(self._named.switch)
        known = state is not None and state.state in {"on", "off"}
        return state.state == STATE_ON if known and state else None

    def _told(self, key: str) -> Sample[Any]:
        return Sample(self._coordinator.data.get(key), self._at.get(key))

    def _sensed(self, entity_id: str | None) -> Sample[float]:
        state = self._hass.states.get(entity_id) if entity_id else None
        return _number(state)

    def _currents(self) -> Sample[tuple[float, ...]]:
        """Return the phases; one that is missing makes all of them unknown."""
        if self._named.currents:
            told = [self._sensed(one) for one in self._named.currents]
        else:
            told = [self._told(key) for key in self._phases]
        values = [one.value for one in told if isinstance(one.value, int | float)]
        moments = [one.at for one in told if one.at is not None]
        if not told or len(values) != len(told) or len(moments) != len(told):
            return Sample()
        return Sample(tuple(map(float, values)), min(moments))

    @property
    def charger(self) -> Charger:
        """What charges the battery."""
        identity = self._coordinator.identity
        return Charger(
            rated_power=identity.rated_power,
            inverters=identity.inverters,
            three_phases=Feature.PHASE_3 in self._coordinator.features,
        )

    def _lease_current(self) -> float:
        """Return the A of each phase that a forced charge of ours takes."""
        lease = self._steering.desk.current
        if lease is None or lease.mode is not LeaseMode.FORCE_CHARGE:
            return 0.0
        power = self._told("battery_charge_power").value
        if not isinstance(power, int | float):
            return 0.0
        return max(0.0, power) / self.charger.volts

    def _confirmed(self, now: datetime) -> Sample[bool] | None:
        if self._named.running is None:
            return None
        return Sample(running_by(self._hass, self._named.running), now)


def _grid(off_grid: Sample[Any]) -> Sample[bool]:
    away = off_grid.value
    return Sample(not away if isinstance(away, bool) else None, off_grid.at)


def _number(state: State | None) -> Sample[float]:
    """Read a sensor; its age is that of its last report, whatever it told."""
    try:
        value = float(state.state) if state else None
    except ValueError:
        value = None
    if state is None or value is None or not isfinite(value):
        return Sample()
    return Sample(value, state.last_reported)
