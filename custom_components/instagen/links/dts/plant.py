"""What a stick told about a plant, as the rows look at it.

A plant has one inverter or several, the master first. Powers and energies of the plant
are sums over its inverters; a state is the master's. The grid meter and the meter of
AC-coupled PV are the plant's own, so they are read once, from the first inverter that
tells them: a slave that repeats them must not double them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ...dts_messages import instagen_dts_pb2 as pb

_CLEAR_POWER: Final = 150
"""W; below this a flow says little about a direction."""

_AGREEMENT: Final = 3
"""Answers in a row that must contradict before a sign is turned."""


class _Phase(Protocol):
    @property
    def phase(self) -> int:
        """Which phase it is; sticks may count from 0 or from 1."""


@dataclass(frozen=True)
class PlantData:
    """One answer of each inverter, and the registry."""

    registry: pb.RegistryAnswer
    answers: Sequence[pb.StorageDataAnswer]
    discharge_sign: int = 1
    """What the wire's battery power is multiplied with: + on discharge afterwards."""

    @property
    def master(self) -> pb.StorageDataAnswer:
        """The answer of the inverter that leads."""
        return self.answers[0]

    @property
    def grid(self) -> pb.GridData | None:
        """What the grid meter says."""
        return next((one.grid for one in self.answers if one.grid.phases), None)

    @property
    def ac_pv(self) -> pb.GeneratorData | None:
        """What the meter of AC-coupled PV says."""
        return next((one.ac_pv for one in self.answers if one.ac_pv.phases), None)

    @property
    def batteries(self) -> list[pb.BatteryData]:
        """The batteries fitted, the master's first."""
        return [one.battery for one in self.answers if one.HasField("battery")]

    @property
    def strings(self) -> Mapping[int, pb.PvInput]:
        """The PV inputs by number; a slave's follow those of the inverters before it."""
        found: dict[int, pb.PvInput] = {}
        before = 0
        inverters = inverters_of(self.registry)
        for answer, inverter in zip(self.answers, inverters, strict=False):
            base = 0 if any(one.index == 0 for one in answer.pv_inputs) else 1
            for one in answer.pv_inputs:
                found[before + one.index - base + 1] = one
            before = max(before + inverter.pv_inputs, *found, 0)
        return found


def inverters_of(registry: pb.RegistryAnswer) -> list[pb.Inverter]:
    """Return the inverters that have a serial, the master first."""
    fitted = [inverter for inverter in registry.inverters if inverter.serial]
    return sorted(fitted, key=lambda inverter: inverter.address)


def phase_of[PhaseT: _Phase](phases: Iterable[PhaseT], number: int) -> PhaseT | None:
    """Find a phase by its number from 1."""
    listed = list(phases)
    base = 0 if any(one.phase == 0 for one in listed) else 1
    return next((one for one in listed if one.phase - base + 1 == number), None)


class BatterySign:
    """Finds out which sign the battery's power has on the wire.

    The cloud and Modbus have plus for discharging, a report about this message says the
    opposite (facts/local-protocol.md section 9). The flow fields are never negative, so
    while battery power flows to the house or the grid they prove the sign. The first
    proof decides; turning it later takes three in a row.
    """

    def __init__(self) -> None:
        """Start with the better supported sign."""
        self.sign = 1
        self.proven = False
        self._contradictions = 0

    def learn(self, answer: pb.StorageDataAnswer) -> None:
        """Look at one inverter's battery and flow."""
        told = self._proof(answer)
        if told is None:
            return
        if told == self.sign:
            self.proven, self._contradictions = True, 0
            return
        self._contradictions += 1
        if not self.proven or self._contradictions >= _AGREEMENT:
            self.sign, self.proven, self._contradictions = told, True, 0

    @staticmethod
    def _proof(answer: pb.StorageDataAnswer) -> int | None:
        """Return the sign that an answer proves; None when it proves nothing.

        Charging proves less: what the grid gives to the battery is in no flow field,
        and PV to battery is minutes old (issue #88). So only a discharge counts, and
        only while the two agree about its size.
        """
        power = answer.battery.power
        flow = answer.flow.battery_to_load + answer.flow.battery_to_grid
        if flow < _CLEAR_POWER or not 0.5 * flow <= abs(power) <= 1.5 * flow:
            return None
        if answer.flow.pv_to_battery >= flow:
            return None
        return 1 if power > 0 else -1
