"""Storage data, 0xC303: what an inverter measures (facts/protobuf-10081.md section 5).

Energies are of the day of the stick's clock and count in whole steps of 0.1 kWh.
"""

from typing import TYPE_CHECKING, Final

from ...dts_messages import instagen_dts_pb2 as pb
from ...plant.states import BatteryState
from .. import assumptions
from ..alarms import AlarmFamily
from ..counters import KWH
from . import newer
from .identity import InverterIdentity
from .numbering import BATTERY_STATE, WORK_STATE
from .packing import scaled
from .shares import part_of, strings_of

if TYPE_CHECKING:
    from ..plant import Value
    from .stick import SimulatedStick

_STEP: Final = KWH // 10
VOLT: Final = 0.1
AMPERE: Final = 0.01
BATTERY_AMPERE: Final = 0.1
HERTZ: Final = 0.01
DEGREE: Final = 0.1


class StorageData:
    """Builds the answer for one inverter from one look at the plant."""

    def __init__(self, stick: SimulatedStick, one: InverterIdentity) -> None:
        self.stick, self.one = stick, one
        self.plant = stick.plant
        self.config = stick.plant.config
        self.values: dict[str, Value] = {**self.plant.detail(), **self.plant.state()}
        self.phases = range(1, self.config.phases + 1)

    def answer(self, offset: int) -> pb.StorageDataAnswer:
        """Return the whole answer; a block that is not fitted is left out."""
        answer = pb.StorageDataAnswer(
            serial=self.one.serial,
            time=self.stick.time,
            offset=offset,
            parts=1,
            pv_inputs=self._pv_inputs(),
            inverter=self._inverter(),
        )
        if self.config.battery:
            answer.battery.CopyFrom(self._battery())
        if self.one.master:
            self._add_house(answer)
        if self.stick.config.tells_packs:
            answer.packs.extend(newer.packs(self))
        return answer

    def _add_house(self, answer: pb.StorageDataAnswer) -> None:
        """Add what hangs on the master only."""
        answer.pv_use.CopyFrom(self._pv_use())
        answer.load_supply.CopyFrom(self._load_supply())
        answer.load.CopyFrom(self._load())
        answer.flow.CopyFrom(self._flow())
        if self.config.meter:
            answer.grid.CopyFrom(self._grid())
        if self.config.generator_power:
            answer.generator.CopyFrom(self._generator())
        if self.config.ac_pv:
            answer.ac_pv.CopyFrom(self._ac_pv())
        if self.number("smart_load_power"):
            answer.smart_loads.append(self._smart_load())

    # -- looking up ---------------------------------------------------------------

    def number(self, key: str) -> float:
        """Return a reading; what is not measured is 0, as proto3 has it."""
        value = self.values.get(key)
        return value if isinstance(value, int | float) else 0.0

    def whole(self, key: str) -> int:
        """Return a reading in whole units."""
        return round(self.number(key))

    def part(self, key: str) -> int:
        """Return this inverter's part of a power in W."""
        return part_of(self.whole(key), self.config, self.one)

    def today(self, name: str) -> int:
        """Return a counter of the stick's day in steps of 0.1 kWh."""
        energy = self.plant.counters.today(name, self.stick.day.number)
        return energy // _STEP

    def part_today(self, name: str) -> int:
        """Return this inverter's part of a counter of the day."""
        energy = self.plant.counters.today(name, self.stick.day.number)
        return part_of(energy, self.config, self.one) // _STEP

    # -- blocks -------------------------------------------------------------------

    def _pv_use(self) -> pb.PvUseToday:
        return pb.PvUseToday(
            to_load=self.today("pv_to_load"),
            to_battery=self.today("pv_to_battery"),
            to_grid=self.today("pv_to_grid"),
        )

    def _load_supply(self) -> pb.LoadSupplyToday:
        return pb.LoadSupplyToday(
            from_pv=self.today("load_from_pv"),
            from_battery=self.today("load_from_battery"),
            from_grid=self.today("load_from_grid"),
        )

    def _pv_inputs(self) -> list[pb.PvInput]:
        return [
            pb.PvInput(
                index=index,
                voltage=scaled(self.number(f"pv{number}_voltage"), VOLT),
                current=scaled(self.number(f"pv{number}_current"), AMPERE),
                power=self.whole(f"pv{number}_power"),
                energy_today=self.today(f"pv{number}"),
            )
            for index, number in enumerate(strings_of(self.config, self.one), 1)
        ]

    def _battery(self) -> pb.BatteryData:
        sign = 1 if assumptions.BATTERY_PLUS_ON_DISCHARGE else -1
        power = sign * self.part("battery_power")
        voltage = self.number("battery_voltage")
        warmest = scaled(self.number("cell_temperature_max"), DEGREE)
        coolest = scaled(self.number("cell_temperature_min"), DEGREE)
        volts = self._cell_voltages()
        share = 1 / self.config.inverters
        most = self.number("battery_max_charge_current") * share
        least = self.number("battery_max_discharge_current") * share
        return pb.BatteryData(
            type=self.plant.settings.battery_type,
            state=BATTERY_STATE[BatteryState(str(self.values["battery_state"]))],
            fault_code=self.plant.alarm_word(AlarmFamily.BATTERY),
            soc=self.whole("battery_soc"),
            soh=self.whole("battery_soh"),
            voltage=scaled(voltage, VOLT),
            current=scaled(power / voltage if voltage else 0, BATTERY_AMPERE),
            power=power,
            charge_current_limit=scaled(most, BATTERY_AMPERE),
            discharge_current_limit=scaled(least, BATTERY_AMPERE),
            charge_cutoff_voltage=scaled(self.number("battery_charge_cutoff"), VOLT),
            discharge_cutoff_voltage=scaled(
                self.number("battery_discharge_cutoff"), VOLT
            ),
            cell_temperature_max=warmest,
            cell_temperature_min=coolest,
            module_temperature_max=warmest,
            module_temperature_min=coolest,
            charged_today=self.part_today("battery_charge"),
            discharged_today=self.part_today("battery_discharge"),
            cell_voltage_max=scaled(max(volts), 0.001),
            cell_voltage_min=scaled(min(volts), 0.001),
            module_voltage_max=scaled(voltage, 0.01),
            module_voltage_min=scaled(voltage, 0.01),
        )

    def _cell_voltages(self) -> list[float]:
        """Return the voltages of all cells in V."""
        found = [
            value
            for key, value in self.values.items()
            if key.startswith("module") and key.endswith("_voltage")
        ]
        return [value for value in found if isinstance(value, float)] or [0.0]

    def _grid(self) -> pb.GridData:
        """Return the meter's block: minus while importing; no phases while it is lost."""
        if not self.plant.overrides.meter:
            return pb.GridData(state=pb.GridState())
        phases = [
            pb.GridPhase(
                phase=phase,
                voltage=scaled(self.number(f"grid_voltage_l{phase}"), VOLT),
                current=-scaled(self.number(f"grid_current_l{phase}"), AMPERE),
                power=-self.whole(f"grid_power_l{phase}"),
                power_factor=99,
                exported_today=self.today(f"grid_export_l{phase}"),
                imported_today=self.today(f"grid_import_l{phase}"),
            )
            for phase in self.phases
        ]
        frequency = scaled(self.number("grid_frequency"), HERTZ)
        return pb.GridData(
            state=pb.GridState(state=int(frequency > 0), frequency=frequency),
            phases=phases,
        )

    def _load(self) -> pb.LoadData:
        phases = [
            pb.LoadPhase(
                phase=phase,
                voltage=scaled(self.number(f"inverter_voltage_l{phase}"), VOLT),
                power=self.whole(f"load_power_l{phase}"),
                energy_today=self.today(f"load_l{phase}"),
            )
            for phase in self.phases
        ]
        frequency = scaled(self.number("inverter_frequency"), HERTZ)
        state = pb.LoadState(state=1, frequency=frequency)
        return pb.LoadData(state=state, phases=phases)

    def _inverter(self) -> pb.InverterData:
        plant = self.plant
        state = pb.InverterState(
            role=0 if self.config.inverters == 1 else 1 if self.one.master else 2,
            state=WORK_STATE[plant.work_status],
            power_fault=plant.alarm_word(AlarmFamily.POWER_DSP),
            safety_fault=plant.alarm_word(AlarmFamily.SAFETY_DSP),
            frequency=scaled(self.number("inverter_frequency"), HERTZ),
            insulation_resistance=self.whole("insulation_resistance"),
            residual_current=self.whole("residual_current"),
        )
        if self.stick.config.newer:
            newer.add_rails(self, state)
        phases = [self._inverter_phase(phase) for phase in self.phases]
        return pb.InverterData(state=state, phases=phases)

    def _inverter_phase(self, phase: int) -> pb.InverterPhase:
        key, voltage = (
            f"inverter_power_l{phase}",
            self.number(f"inverter_voltage_l{phase}"),
        )
        power = self.part(key)
        backup = self.whole(f"backup_power_l{phase}") if self.one.master else 0
        backup_volts = self.number(f"backup_voltage_l{phase}") if self.one.master else 0
        return pb.InverterPhase(
            phase=phase,
            voltage=scaled(voltage, VOLT),
            current=scaled(power / voltage if voltage else 0, AMPERE),
            power=power,
            dc_current=8,
            dc_voltage=12,
            backup_voltage=scaled(backup_volts, VOLT),
            backup_current=scaled(backup / backup_volts if backup_volts else 0, AMPERE),
            backup_power=backup,
        )

    def _generator(self) -> pb.GeneratorData:
        state = pb.GeneratorState(
            state=int(self.values["generator_running"] is True),
            frequency=scaled(self.number("generator_frequency"), HERTZ),
        )
        return pb.GeneratorData(state=state, phases=self._made_by("generator"))

    def _ac_pv(self) -> pb.GeneratorData:
        state = pb.GeneratorState(
            state=int(self.number("ac_pv_power") > 0),
            frequency=scaled(self.number("inverter_frequency"), HERTZ),
        )
        return pb.GeneratorData(state=state, phases=self._made_by("ac_pv"))

    def _made_by(self, source: str) -> list[pb.GeneratorPhase]:
        return [
            pb.GeneratorPhase(
                phase=phase,
                voltage=scaled(self.number(f"{source}_voltage_l{phase}"), VOLT),
                current=scaled(self.number(f"{source}_current_l{phase}"), AMPERE),
                power=self.whole(f"{source}_power_l{phase}"),
                energy_today=self.today(f"{source}_l{phase}"),
            )
            for phase in self.phases
        ]

    def _smart_load(self) -> pb.SmartLoad:
        power = self.whole("smart_load_power")
        voltage = self.number("inverter_voltage_l1")
        phase = pb.SmartLoadPhase(
            phase=1,
            voltage=scaled(voltage, VOLT),
            current=scaled(power / voltage if voltage else 0, AMPERE),
            power=power,
        )
        return pb.SmartLoad(phases=[phase])

    def _flow(self) -> pb.PowerFlow:
        to_grid = self.whole("pv_to_grid")
        exported = max(0, -self.whole("grid_power"))
        from_battery = max(0, self.whole("battery_power"))
        return pb.PowerFlow(
            pv_to_load=self.whole("pv_to_load"),
            pv_to_battery=self.whole("pv_to_battery"),
            pv_to_grid=to_grid,
            battery_to_load=self.whole("load_from_battery"),
            grid_to_load=self.whole("load_from_grid"),
            battery_to_grid=min(from_battery, exported - to_grid),
            soc=self.whole("battery_soc"),
        )
