"""What the plant's instruments show: the mission's keys and what lies beyond."""

from typing import TYPE_CHECKING, Final, NamedTuple

from ..plant.states import BatteryMode, BatteryState
from .alarms import AlarmFamily
from .counters import KWH
from .noise import SmoothNoise
from .relay_parts import describe_relay
from .settings import NAMES, PLANT_SETTINGS

if TYPE_CHECKING:
    from .plant import SimulatedPlant, Value

_ENERGIES: Final = (
    "pv",
    "load",
    "backup",
    "battery_charge",
    "battery_discharge",
    "grid_import",
    "grid_export",
    "generator",
    "ac_pv",
)
_GENERATOR_VOLTAGE: Final = 231.0
_NOMINAL: Final = 230.0
_CELL_SPREAD: Final = 1.5
"""Degrees between the warmest cell, in the first module, and the coolest."""


class Phases(NamedTuple):
    """Powers by phase, in W; each sums to the total of its kind."""

    house: tuple[int, ...]
    losses: tuple[int, ...]
    inverter: tuple[int, ...]
    ac_pv: tuple[int, ...]
    generator: tuple[int, ...]
    backup: tuple[int, ...]

    @property
    def load(self) -> tuple[int, ...]:
        """What the device calls load: the house and the inverter's losses."""
        return tuple(h + x for h, x in zip(self.house, self.losses, strict=True))

    @property
    def grid(self) -> tuple[int, ...]:
        """Power from the grid, + on import."""
        made = zip(self.house, self.inverter, self.ac_pv, self.generator, strict=True)
        return tuple(h - i - a - g for h, i, a, g in made)


def share(total: int, parts: int) -> tuple[int, ...]:
    """Split a power evenly into whole watts that sum to it."""
    each, rest = divmod(total, parts)
    return tuple(each + (index < rest) for index in range(parts))


def phases_of(plant: SimulatedPlant) -> Phases:
    """Return the powers by phase at this moment."""
    flows, config = plant.flows, plant.config
    count = config.phases
    ac_phases = config.ac_pv.phases if config.ac_pv else 1
    ac_pv = share(flows.ac_pv, ac_phases) + (0,) * (count - ac_phases)
    generator = share(flows.generator, count)
    inverter = share(flows.inverter, count)
    if plant.islanded:
        # No phase can lean on the grid, so the inverter gives each what it lacks.
        offered = zip(plant.house_phases, ac_pv, generator, strict=True)
        inverter = tuple(house - a - g for house, a, g in offered)
    return Phases(
        house=plant.house_phases,
        losses=share(flows.losses, count),
        inverter=inverter,
        ac_pv=ac_pv,
        generator=generator,
        backup=_backup(plant),
    )


def _backup(plant: SimulatedPlant) -> tuple[int, ...]:
    if plant.islanded:
        return plant.house_phases
    if plant.acting.backup_output == 0:
        return (0,) * plant.config.phases
    return tuple(w * plant.config.backup_share // 1000 for w in plant.house_phases)


class Routes(NamedTuple):
    """Where the power of the sun goes, and where that of the load comes from, in W."""

    pv_to_load: int
    pv_to_battery: int
    pv_to_grid: int
    load_from_battery: int
    load_from_grid: int


def routes_of(plant: SimulatedPlant) -> Routes:
    """Return the routes: the sun serves the load first, then battery, then grid."""
    flows = plant.flows
    load = flows.house + flows.losses
    sun = sum(flows.strings) + flows.ac_pv
    to_load = min(sun, load)
    to_battery = min(sun - to_load, max(0, -flows.battery))
    to_grid = min(sun - to_load - to_battery, max(0, -flows.grid))
    from_battery = min(load - to_load, max(0, flows.battery))
    from_grid = min(load - to_load - from_battery, max(0, flows.grid))
    return Routes(to_load, to_battery, to_grid, from_battery, from_grid)


def counter_powers(plant: SimulatedPlant) -> dict[str, int]:
    """Return the power in W that each energy counter integrates."""
    flows = plant.flows
    phases = phases_of(plant)
    routes = routes_of(plant)
    grid = phases.grid
    powers = {
        "pv": sum(flows.strings),
        "ac_pv": flows.ac_pv,
        "generator": flows.generator,
        "battery_charge": max(0, -flows.battery),
        "battery_discharge": max(0, flows.battery),
        "grid_import": max(0, flows.grid),
        "grid_export": max(0, -flows.grid),
        "load": flows.house + flows.losses,
        "backup": sum(phases.backup),
        "load_from_pv": routes.pv_to_load,
        "load_from_battery": routes.load_from_battery,
        "load_from_grid": routes.load_from_grid,
        "pv_to_load": routes.pv_to_load,
        "pv_to_battery": routes.pv_to_battery,
        "pv_to_grid": routes.pv_to_grid,
    }
    for number, power in enumerate(flows.strings, 1):
        powers[f"pv{number}"] = power
    for index, load in enumerate(phases.load):
        phase = index + 1
        powers[f"grid_import_l{phase}"] = max(0, grid[index])
        powers[f"grid_export_l{phase}"] = max(0, -grid[index])
        powers[f"load_l{phase}"] = load
        powers[f"ac_pv_l{phase}"] = phases.ac_pv[index]
        powers[f"generator_l{phase}"] = phases.generator[index]
    return powers


class Instruments:
    """Voltages and frequencies that waver a little, the same at the same moment."""

    def __init__(self, seed: int) -> None:
        """Take the plant's seed."""
        self._phases = tuple(SmoothNoise(seed, 30 + n, 140) for n in range(3))
        self._frequency = SmoothNoise(seed, 34, 45)

    def grid_voltage(self, at: int, phase: int, power: int) -> float:
        """Return V of a phase (0-2) that imports a power; import pulls it down."""
        return 241 + 3.5 * self._phases[phase](at) - power * 0.0006

    def grid_frequency(self, at: int) -> float:
        """Return Hz of the grid."""
        return 50 + 0.06 * self._frequency(at)

    def island_voltage(self, at: int, phase: int) -> float:
        """Return V that the inverter makes itself."""
        return _NOMINAL + 0.4 * self._phases[phase](at)


def describe(plant: SimulatedPlant) -> dict[str, Value]:
    """Return the mission's keys (design/mission.md sections 2 and 3)."""
    phases = phases_of(plant)
    values: dict[str, Value] = {
        **_inverter(plant, phases),
        **_pv(plant),
        **_battery(plant),
        **_grid(plant, phases),
        **_generator(plant),
        **_energies(plant),
        **_tariff(plant),
        **_switches(plant),
        **_settings(plant),
        **describe_relay(plant),
    }
    if plant.config.ac_pv:
        values["ac_pv_power"] = plant.flows.ac_pv
    return values


def _inverter(plant: SimulatedPlant, phases: Phases) -> dict[str, Value]:
    flows = plant.flows
    return {
        "work_status": plant.work_status.value,
        "inverter_power": flows.inverter,
        "inverter_temperature": round(plant.inverter_temperature),
        "load_power": flows.house + flows.losses,
        "house_power": flows.house,
        "losses_power": flows.losses,
        "backup_power": sum(phases.backup),
        "control_state": plant.control_state.value,
    }


def _pv(plant: SimulatedPlant) -> dict[str, Value]:
    values: dict[str, Value] = {"pv_power": sum(plant.flows.strings)}
    strings = zip(plant.config.strings, plant.sources.strings, strict=True)
    for number, (string, offered) in enumerate(strings, 1):
        power = plant.flows.strings[number - 1]
        voltage = 0.0
        if offered and string.peak_power:
            part = min(1.0, offered / string.peak_power)
            voltage = string.voltage * (0.78 + 0.24 * part**0.25 - 0.06 * part)
        if offered and plant.control_state == "stopped":
            voltage = string.voltage * 1.18
        values[f"pv{number}_voltage"] = round(voltage, 1)
        values[f"pv{number}_current"] = round(power / voltage, 2) if voltage else 0.0
        values[f"pv{number}_power"] = power
    return values


def _battery(plant: SimulatedPlant) -> dict[str, Value]:
    store, power = plant.store, plant.flows.battery
    if store is None:
        return {}
    voltage = round(store.voltage(power), 1)
    state = BatteryState.STANDBY
    if power:
        state = BatteryState.DISCHARGING if power > 0 else BatteryState.CHARGING
    return {
        "battery_soc": round(store.soc),
        "battery_soh": store.battery.soh,
        "battery_power": power,
        "battery_charge_power": max(0, -power),
        "battery_discharge_power": max(0, power),
        "battery_voltage": voltage,
        "battery_current": round(power / voltage, 2),
        "battery_temperature": round(store.temperature, 1),
        "battery_state": state.value,
        "battery_capacity": store.battery.capacity,
    }


def _grid(plant: SimulatedPlant, phases: Phases) -> dict[str, Value]:
    power = plant.flows.grid
    instruments, at = plant.instruments, plant.now
    values: dict[str, Value] = {
        "grid_power": power,
        "grid_import_power": max(0, power),
        "grid_export_power": max(0, -power),
        "grid_frequency": 0.0,
    }
    if plant.overrides.grid:
        values["grid_frequency"] = round(instruments.grid_frequency(at), 2)
    for index, watts in enumerate(phases.grid):
        voltage = 0.0
        if plant.overrides.grid:
            voltage = round(instruments.grid_voltage(at, index, watts), 1)
        phase = index + 1
        values[f"grid_voltage_l{phase}"] = voltage
        values[f"grid_current_l{phase}"] = round(watts / voltage, 2) if voltage else 0.0
        values[f"grid_power_l{phase}"] = watts
    return values


def grid_currents(plant: SimulatedPlant) -> tuple[float, ...] | None:
    """Return A of each phase at the meter, + on import; None without a meter."""
    if not (plant.config.meter and plant.overrides.meter):
        return None
    if not plant.overrides.grid:
        return (0.0,) * plant.config.phases
    grid = phases_of(plant).grid
    voltage = plant.instruments.grid_voltage
    return tuple(
        watts / voltage(plant.now, index, watts) for index, watts in enumerate(grid)
    )


def _generator(plant: SimulatedPlant) -> dict[str, Value]:
    if plant.config.generator_power is None:
        return {}
    running = plant.generator_running
    return {
        "generator_power": plant.flows.generator,
        "generator_voltage": _GENERATOR_VOLTAGE if running else 0.0,
        "generator_frequency": 50.1 if running else 0.0,
        "generator_running": running,
    }


def _energies(plant: SimulatedPlant) -> dict[str, Value]:
    config, counters = plant.config, plant.counters
    fitted = {
        "battery_charge": config.battery,
        "battery_discharge": config.battery,
        "generator": config.generator_power,
        "ac_pv": config.ac_pv,
    }
    values: dict[str, Value] = {}
    for name in _ENERGIES:
        if fitted.get(name, True):
            values[f"{name}_energy"] = counters.total(name) / KWH
            values[f"{name}_energy_today"] = counters.today(name) / KWH
    return values


def _tariff(plant: SimulatedPlant) -> dict[str, Value]:
    local = plant.local_time
    band = plant.tariff.band(local)
    price = plant.tariff.price(local)
    change = plant.tariff.next_change(local)
    return {
        "tariff_period": band.value if band else None,
        "buy_price": price.buy if price else None,
        "sell_price": price.sell if price else None,
        "next_tariff_change": change.isoformat() if change else None,
    }


def _switches(plant: SimulatedPlant) -> dict[str, Value]:
    values: dict[str, Value] = {
        "off_grid": plant.islanded,
        "problem": any(plant.alarm_word(family) for family in AlarmFamily),
        "earth_fault": plant.earth_fault,
        "dtu_connected": True,
        "cloud_connected": plant.overrides.cloud,
        "dry_contact_closed": plant.contact.closed or plant.overrides.dry_contact,
    }
    if plant.config.meter:
        values["meter_connected"] = plant.overrides.meter
    for family in AlarmFamily:
        values[f"alarm_{family}"] = plant.alarm_word(family)
    return values


def _settings(plant: SimulatedPlant) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for name in NAMES:
        if plant.store is None and name not in PLANT_SETTINGS:
            continue
        value = getattr(plant.settings, name)
        values[name] = value.value if isinstance(value, BatteryMode) else value
    return values


def detail(plant: SimulatedPlant) -> dict[str, Value]:
    """Return what the inverter measures beyond the mission's keys."""
    phases = phases_of(plant)
    values: dict[str, Value] = {
        **_rails(plant),
        **_pack(plant),
        **dict(zip(Routes._fields, routes_of(plant), strict=True)),
        "smart_load_power": min(plant.overrides.smart_load, plant.flows.house),
        "grid_port_power": sum(_grid_port(plant, phases)),
        "reconnect_seconds": plant.reconnect_seconds,
    }
    for index in range(plant.config.phases):
        values |= _phase(plant, phases, index)
    values |= _counter_values(plant)
    return values


def _counter_values(plant: SimulatedPlant) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for name in plant.counters.names():
        values[f"{name}_energy"] = plant.counters.total(name) / KWH
        values[f"{name}_energy_today"] = plant.counters.today(name) / KWH
    return values


def _phase(plant: SimulatedPlant, phases: Phases, index: int) -> dict[str, Value]:
    at, phase = plant.now, index + 1
    alive = plant.control_state not in ("stopped", "dark")
    grid_on = plant.overrides.grid
    grid = plant.instruments.grid_voltage(at, index, phases.grid[index])
    island = plant.instruments.island_voltage(at, index)
    own = (island if plant.islanded else grid) if alive else 0.0
    backup = own if plant.acting.backup_output else 0.0
    generator = _GENERATOR_VOLTAGE if plant.generator_running else 0.0

    def current(power: int, voltage: float) -> float:
        return round(power / voltage, 2) if voltage else 0.0

    return {
        f"inverter_voltage_l{phase}": round(own, 1),
        f"inverter_current_l{phase}": current(phases.inverter[index], own),
        f"inverter_power_l{phase}": phases.inverter[index],
        f"backup_voltage_l{phase}": round(backup, 1),
        f"backup_current_l{phase}": current(phases.backup[index], backup),
        f"backup_power_l{phase}": phases.backup[index],
        f"load_power_l{phase}": phases.load[index],
        f"grid_port_power_l{phase}": _grid_port(plant, phases)[index],
        f"generator_voltage_l{phase}": generator,
        f"generator_current_l{phase}": current(phases.generator[index], generator),
        f"generator_power_l{phase}": phases.generator[index],
        f"ac_pv_power_l{phase}": phases.ac_pv[index],
        f"ac_pv_voltage_l{phase}": round(grid if grid_on else island, 1),
        f"ac_pv_current_l{phase}": current(phases.ac_pv[index], grid),
    }


def _grid_port(plant: SimulatedPlant, phases: Phases) -> tuple[int, ...]:
    """Return power into the inverter's grid port by phase, + on import."""
    if plant.islanded:
        return (0,) * plant.config.phases
    pairs = zip(phases.backup, phases.inverter, strict=True)
    return tuple(backup - inverter for backup, inverter in pairs)


def _rails(plant: SimulatedPlant) -> dict[str, Value]:
    """Return bus, rails, fans and temperatures of the inverter."""
    alive = plant.control_state not in ("stopped", "dark")
    bus = 0.0 if not alive else 700.0 if plant.config.phases == 3 else 400.0
    heat = plant.inverter_temperature
    earth = plant.earth_fault
    return {
        "bus_voltage": bus,
        "bus_voltage_half": bus / 2,
        "inverter_frequency": 50.0 if alive else 0.0,
        "battery_heatsink_temperature": round(heat - 4) if plant.store else None,
        "internal_temperature": round(heat - 9),
        "fan_speed": 0 if heat < 40 else 1800 + 60 * round(heat - 40),
        "insulation_resistance": 12 if earth else 3200,
        "residual_current": 240 if earth else 8,
    }


def _pack(plant: SimulatedPlant) -> dict[str, Value]:
    """Return limits and cells of the battery."""
    store, power = plant.store, plant.flows.battery
    if store is None:
        return {}
    settings, battery = plant.acting, store.battery
    volts = store.voltage(power)
    charge = plant.charge(battery.charge_power, settings.battery_max_soc)
    discharge = plant.discharge(battery.discharge_power, settings.battery_min_soc)
    values: dict[str, Value] = {
        "battery_max_charge_current": round(charge / volts, 1),
        "battery_max_discharge_current": round(discharge / volts, 1),
        "battery_charge_cutoff": round(3.6 * battery.cells_in_series, 1),
        "battery_discharge_cutoff": round(2.75 * battery.cells_in_series, 1),
        "cell_temperature_max": round(store.temperature, 1),
        "cell_temperature_min": round(store.temperature - _CELL_SPREAD, 1),
        "stored_energy": store.stored / KWH,
        "exact_soc": store.soc,
    }
    middle = store.cell_voltage(power)
    for module in range(1, battery.modules + 1):
        for cell in range(1, 9):
            spread = ((module * 8 + cell) * 37 % 11 - 5) * 0.0006
            cooler = ((module - 1) * 8 + cell - 1) / (battery.modules * 8 - 1)
            warm = store.temperature - _CELL_SPREAD * cooler
            key = f"module{module}_"
            values[f"{key}cell{cell}_voltage"] = round(middle + spread, 3)
            values[f"{key}temperature{cell}"] = round(warm, 1)
    return values
