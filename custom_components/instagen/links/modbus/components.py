"""The register map, one typed component per sub-system.

Source of addresses, scales and grades: facts/modbus-registers.csv. Totals that hold
the constant 5 on real hardware (facts/local-protocol.md 4.4) are left out.
"""

from modbus_connection.model import Component

from ...plant.evidence import Evidence
from .registers import bits, code, signed, text, unsigned

_DOCUMENTED = Evidence.DOCUMENTED
_CONFLICTING = Evidence.INFERRED
"""Sources disagree; the better supported side is used (facts/local-protocol.md 9)."""


class Telemetry(Component):
    """A sub-system whose values are measured, so read as input registers (FC04)."""

    register_space = "input"


class PvInputs(Telemetry):
    """DC inputs, input registers 27-38."""

    pv1_voltage = unsigned(27, "V", scale=0.1)
    pv1_current = signed(28, "A", scale=0.01)
    pv1_power = unsigned(29, "W")
    pv2_voltage = unsigned(30, "V", scale=0.1)
    pv2_current = signed(31, "A", scale=0.01)
    pv2_power = unsigned(32, "W")
    pv3_voltage = unsigned(33, "V", scale=0.1, evidence=_DOCUMENTED)
    pv3_current = signed(34, "A", scale=0.01, evidence=_DOCUMENTED)
    pv3_power = unsigned(35, "W", evidence=_DOCUMENTED)
    pv4_voltage = unsigned(36, "V", scale=0.1, evidence=_DOCUMENTED)
    pv4_current = signed(37, "A", scale=0.01, evidence=_DOCUMENTED)
    pv4_power = unsigned(38, "W", evidence=_DOCUMENTED)


class Inverter(Telemetry):
    """AC side of the inverter, input registers 1-115 and 201-243."""

    power_dsp_firmware = unsigned(1, evidence=_DOCUMENTED)
    grid_voltage_l1 = unsigned(62, "V", scale=0.1)
    grid_voltage_l2 = unsigned(63, "V", scale=0.1)
    grid_voltage_l3 = unsigned(64, "V", scale=0.1)
    grid_frequency = unsigned(66, "Hz", scale=0.01)
    backup_power_l1 = signed(92, "W")
    backup_power_l2 = signed(93, "W")
    backup_power_l3 = signed(94, "W")
    heatsink_temperature = signed(113, "°C")
    safety_dsp_firmware = unsigned(201)
    insulation_resistance = unsigned(242, "kΩ")
    residual_current = signed(243, "mA")


class BatteryPort(Telemetry):
    """Battery as the inverter measures it, input registers 46-51, G3 layout.

    Plus is discharging. G1/G2 hold current and power in one word each (48 and 51).
    """

    voltage = unsigned(46, "V", scale=0.1)
    current = signed(48, "A", words=2, scale=0.01)
    power = signed(50, "W", words=2)


class BatteryCopy(Telemetry):
    """Copies that followed the cloud exactly on HiOne, input registers 180 and 193."""

    soc = unsigned(180, "%")
    power = signed(193, "W")


class Generator(Telemetry):
    """GEN port, input register 103. No public plant had a generator on it."""

    voltage_l1 = unsigned(103, "V", scale=0.1, evidence=_DOCUMENTED)


class Identification(Telemetry):
    """Model text, input registers 1000-1004."""

    model = text(1000, 5)


class GridMeter(Telemetry):
    """External grid meter, input registers 1800-1815. Minus is import."""

    link = code(1800)
    voltage_l1 = unsigned(1801, "V", scale=0.1)
    voltage_l2 = unsigned(1802, "V", scale=0.1)
    voltage_l3 = unsigned(1803, "V", scale=0.1)
    current_l1 = signed(1804, "A", scale=0.01)
    current_l2 = signed(1805, "A", scale=0.01)
    current_l3 = signed(1806, "A", scale=0.01)
    frequency = unsigned(1807, "Hz", scale=0.01)
    power = signed(1814, "W", words=2)


class PvMeter(Telemetry):
    """Meter of an AC-coupled PV inverter, input registers 1850-1865."""

    link = code(1850, evidence=_DOCUMENTED)
    power = signed(1864, "W", words=2, evidence=_DOCUMENTED)


class Battery(Telemetry):
    """Battery as its BMS tells it, input registers 1900-1923. Plus is discharging."""

    battery_type = code(1900, evidence=_CONFLICTING)
    link = code(1901)
    capacity = unsigned(1907, "kWh", words=2, scale=0.1, evidence=_CONFLICTING)
    soc = unsigned(1909, "%")
    soh = unsigned(1910, "%")
    voltage = unsigned(1911, "V", scale=0.1)
    current = signed(1912, "A", words=2, scale=0.1)
    charge_cutoff_voltage = unsigned(1918, "V", scale=0.1)
    cell_temperature_max = signed(1922, "°C", scale=0.1, evidence=_CONFLICTING)
    cell_temperature_min = signed(1923, "°C", scale=0.1, evidence=_CONFLICTING)


class EnergyTotal(Telemetry):
    """Lifetime counters, input registers 2000-2071."""

    pv = unsigned(2000, "kWh", words=2, scale=0.1)
    pv1 = unsigned(2002, "kWh", words=2, scale=0.1)
    pv2 = unsigned(2004, "kWh", words=2, scale=0.1)
    pv3 = unsigned(2006, "kWh", words=2, scale=0.1, evidence=_DOCUMENTED)
    pv4 = unsigned(2008, "kWh", words=2, scale=0.1, evidence=_DOCUMENTED)
    ac_pv = unsigned(2014, "kWh", words=2, scale=0.1, evidence=_DOCUMENTED)
    battery_charge = unsigned(2028, "kWh", words=2, scale=0.1)
    battery_discharge = unsigned(2030, "kWh", words=2, scale=0.1)
    grid_import = unsigned(2040, "kWh", words=2, scale=0.1)
    grid_export = unsigned(2048, "kWh", words=2, scale=0.1)
    load = unsigned(2056, "kWh", words=2, scale=0.1)
    load_l2 = unsigned(2060, "kWh", words=2, scale=0.1)
    load_l3 = unsigned(2062, "kWh", words=2, scale=0.1)
    generator = unsigned(2070, "kWh", words=2, scale=0.1, evidence=_CONFLICTING)


class EnergyToday(Telemetry):
    """Counters since midnight of the device's clock, input registers 2100-2135."""

    pv = unsigned(2100, "kWh", scale=0.1)
    ac_pv = unsigned(2107, "kWh", scale=0.1, evidence=_DOCUMENTED)
    battery_charge = unsigned(2114, "kWh", scale=0.1)
    battery_discharge = unsigned(2115, "kWh", scale=0.1)
    grid_import = unsigned(2120, "kWh", scale=0.1)
    grid_export = unsigned(2124, "kWh", scale=0.1)
    load = unsigned(2128, "kWh", scale=0.1)
    generator = unsigned(2135, "kWh", scale=0.1, evidence=_DOCUMENTED)


class PowerFlow(Telemetry):
    """Power flow, input registers 2150-2169."""

    pv = unsigned(2150, "W")
    load = signed(2169, "W", evidence=_CONFLICTING)


class Overview(Telemetry):
    """The plant at one instant, input registers 30000-30029.

    Battery plus is discharging, grid minus is import.
    """

    work_status = code(30000)
    dc_pv_power = unsigned(30003, "W", words=2)
    ac_pv_power = unsigned(30005, "W", words=2, evidence=_DOCUMENTED)
    inverter_power = signed(30007, "W", words=2)
    battery_power = signed(30009, "W", words=2)
    grid_power = signed(30011, "W", words=2)
    generator_power = signed(30013, "W", words=2, evidence=_DOCUMENTED)
    load_power = signed(30015, "W", words=2)
    battery_state = code(30019)
    battery_soc = unsigned(30020, "%")
    battery_faults = bits(30021, words=2)
    power_dsp_faults = bits(30023, words=2)
    safety_dsp_faults = bits(30025, words=2)
    internal_link_faults = bits(30027)
    attached_device_faults = bits(30028)
    system_faults = bits(30029)


class Ports(Component):
    """Use of the GEN port, holding register 303 (read proven, FC03)."""

    gen_port_mode = code(303, evidence=_DOCUMENTED)


class GridSettings(Component):
    """What may go into the grid, holding registers 258-259."""

    export_control = code(258)
    export_limit = signed(259, "%", scale=0.1)


class BatteryLimits(Component):
    """Limits that hold in every mode, holding registers 306-309."""

    charge_power = unsigned(306, "%", scale=0.1)
    discharge_power = unsigned(307, "%", scale=0.1)
    max_soc = unsigned(308, "%")
    min_soc = unsigned(309, "%")


class WorkingMode(Component):
    """The battery mode and the parameters of four modes, holding registers 4300-4306."""

    mode = code(4300)
    self_consumption_soc = unsigned(4301, "%")
    full_backup_soc = unsigned(4302, "%")
    force_charge_soc = unsigned(4303, "%")
    force_charge_power = unsigned(4304, "%", scale=0.1)
    force_discharge_soc = unsigned(4305, "%")
    force_discharge_power = unsigned(4306, "%", scale=0.1)


class Parallel(Component):
    """Whether inverters work together, holding registers 6048-6049."""

    role = code(6048)
    machines = unsigned(6049)


class BatterySettings(Component):
    """Capacity as set on the device, holding register 4102, for a BMS that tells none."""

    capacity = unsigned(4102, "kWh", scale=0.1, evidence=_CONFLICTING)
