"""What the sky offers the panels."""

from typing import TYPE_CHECKING

from .config import PlantConfig
from .sun import Clouds, Panel, sun_position

if TYPE_CHECKING:
    from .parts import Overrides


class Weather:
    """Sun and clouds over the panels of a plant."""

    def __init__(self, config: PlantConfig) -> None:
        """Take what is fitted and where."""
        self._config = config
        self._clouds = Clouds(config.seed)
        self._panels = tuple(Panel(s.tilt, s.azimuth) for s in config.strings)
        ac_pv = config.ac_pv
        self._ac_panel = Panel(ac_pv.tilt, ac_pv.azimuth) if ac_pv else None

    def sunshine(self, now: int, given: Overrides) -> tuple[tuple[int, ...], int]:
        """Return the power of each string and of AC-coupled PV, before curtailing."""
        config = self._config
        peaks = [string.peak_power for string in config.strings]
        ac_peak = config.ac_pv.peak_power if config.ac_pv else 0
        if given.night:
            return (0,) * len(peaks), 0
        if given.sun is not None:
            sun = given.sun
            return tuple(round(peak * sun) for peak in peaks), round(ac_peak * sun)
        if given.irradiance is not None:
            light = [given.irradiance] * len(peaks)
            ac_light = given.irradiance
        else:
            light, ac_light = self._sky(now)
        strings = tuple(_dc_power(p, w) for p, w in zip(peaks, light, strict=True))
        return strings, _dc_power(ac_peak, ac_light)

    def _sky(self, now: int) -> tuple[list[float], float]:
        config = self._config
        sun = sun_position(now / 1000, config.latitude, config.longitude)
        if sun.sine <= 0:
            return [0.0] * len(self._panels), 0.0
        clear = self._clouds.clearness(now)
        light = [panel.irradiance(sun, clear) for panel in self._panels]
        ac_panel = self._ac_panel
        return light, ac_panel.irradiance(sun, clear) if ac_panel else 0.0


def _dc_power(peak: int, irradiance: float) -> int:
    """Return W of a string of ``peak`` W in an irradiance in W/m²."""
    if irradiance < 4:
        return 0
    heat = 1 - 0.00022 * irradiance * 0.5
    return round(peak * irradiance / 1000 * 0.965 * heat)
