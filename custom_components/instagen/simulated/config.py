"""What is fitted to a simulated plant."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class PvString:
    """A string of panels on one MPPT input."""

    peak_power: int = 5000
    """Power at 1000 W/m², in W."""

    tilt: float = 35.0
    """Degrees from the horizontal."""

    azimuth: float = 180.0
    """Degrees from north, clockwise."""

    voltage: float = 380.0
    """Voltage in full sun, in V."""


@dataclass(frozen=True, kw_only=True)
class AcPv:
    """A PV inverter of another make, measured by its own meter."""

    peak_power: int = 2400
    tilt: float = 30.0
    azimuth: float = 250.0
    phases: int = 1
    """How many phases it feeds, 1 or 3."""


@dataclass(frozen=True, kw_only=True)
class Battery:
    """A battery, low or high voltage."""

    kind: Literal["lv", "hv"] = "lv"
    capacity: float = 16.0
    """Usable energy at 100 % SOC, in kWh."""

    charge_power: int = 8000
    discharge_power: int = 8000
    """What the battery management allows, in W."""

    cells_in_series: int = 16
    modules: int = 4
    efficiency: int = 970
    """One way, in thousandths."""

    soh: int = 98


@dataclass(frozen=True, kw_only=True)
class PlantConfig:
    """A plant before it runs. The default has everything fitted."""

    seed: int = 1
    model: str = "HIT-15L-G3"
    serial: str = "430122480680"
    """Of the stick; 4301 is a DTS-WIFI-G1 (facts/local-protocol.md section 1)."""

    inverter_serial: str = "200312345678"
    inverters: int = 1
    """How many inverters share the work, one of them the master."""

    latitude: float = 51.5
    longitude: float = -0.1
    time_zone: str = "Europe/London"
    rated_power: int = 15000
    phases: int = 3
    strings: tuple[PvString, ...] = (
        PvString(peak_power=6000, azimuth=150.0, voltage=420.0),
        PvString(peak_power=5200, azimuth=240.0, voltage=365.0),
    )
    ac_pv: AcPv | None = AcPv()
    battery: Battery | None = Battery()
    generator_power: int | None = 6000
    """Rated power of the generator in W; None when there is none."""

    contact_load: int = 2000
    """W that hang on the dry contact while it controls a load."""

    meter: bool = True
    mean_load: int = 620
    """Average power of the house over a year, in W."""

    backup_share: int = 450
    """Part of the load behind the backup output, in thousandths."""

    standby_loss: int = 38
    """Own consumption of the inverter, in W."""

    conversion_loss: int = 24
    """Loss of converting between DC and AC, in thousandths."""

    initial_soc: float = 50.0
    age_days: int = 300
    """Days of earlier life that the lifetime counters start with."""

    def __post_init__(self) -> None:
        """Refuse plants that cannot exist.

        Raises:
            ValueError: with the part that is wrong.
        """
        if self.phases not in (1, 3):
            raise ValueError("phases: 1 or 3")
        if not 0 <= len(self.strings) <= 4:
            raise ValueError("strings: 0 to 4")
        if self.rated_power <= 0:
            raise ValueError("rated_power: more than 0 W")
        if not 0 <= self.initial_soc <= 100:
            raise ValueError("initial_soc: 0 to 100 %")
        if not 0 <= self.backup_share <= 1000:
            raise ValueError("backup_share: 0 to 1000 thousandths")
        if self.battery is not None and self.battery.capacity <= 0:
            raise ValueError("battery: capacity above 0 kWh")
        if not 1 <= self.inverters <= 4:
            raise ValueError("inverters: 1 to 4")
        if self.ac_pv is not None and self.ac_pv.phases not in (1, self.phases):
            raise ValueError("ac_pv: 1 phase or as many as the plant has")
