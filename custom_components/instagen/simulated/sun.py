"""Sun, clouds and what they do to a panel."""

from math import asin, atan2, cos, degrees, pi, pow, radians, sin, sqrt
from typing import Final, NamedTuple

from .noise import SmoothNoise

_J2000: Final = 946_728_000.0
_LOWEST_SINE: Final = 0.01
_SOLAR_CONSTANT: Final = 1361.0


class SunPosition(NamedTuple):
    """Where the sun stands: sine and cosine of its elevation, azimuth in radians."""

    sine: float
    cosine: float
    azimuth: float


def sun_position(epoch: float, latitude: float, longitude: float) -> SunPosition:
    """Return the sun's place at a moment (seconds), good to a tenth of a degree."""
    days = (epoch - _J2000) / 86400
    anomaly = radians(357.529 + 0.98560028 * days)
    mean = 280.459 + 0.98564736 * days
    longitude_sun = radians(mean + 1.915 * sin(anomaly) + 0.02 * sin(2 * anomaly))
    tilt = radians(23.439)
    ascension = atan2(cos(tilt) * sin(longitude_sun), cos(longitude_sun))
    declination = asin(sin(tilt) * sin(longitude_sun))
    sidereal = radians(((18.697374558 + 24.06570982441908 * days) % 24) * 15)
    hour = sidereal + radians(longitude) - ascension
    north = radians(latitude)
    sine = sin(north) * sin(declination) + cos(north) * cos(declination) * cos(hour)
    azimuth = atan2(
        -sin(hour) * cos(declination),
        sin(declination) * cos(north) - cos(declination) * sin(north) * cos(hour),
    )
    return SunPosition(sine, sqrt(max(0.0, 1 - sine * sine)), azimuth % (2 * pi))


class Panel:
    """A surface that turns sunlight into irradiance on its plane."""

    __slots__ = ("_azimuth", "_cos", "_sin")

    def __init__(self, tilt: float, azimuth: float) -> None:
        """Take tilt from the horizontal and azimuth from north, in degrees."""
        self._azimuth = radians(azimuth)
        self._cos, self._sin = cos(radians(tilt)), sin(radians(tilt))

    def irradiance(self, sun: SunPosition, clearness: float) -> float:
        """Return W/m² on the panel; clearness 1 is a cloudless sky, 0 a dark one."""
        if sun.sine < _LOWEST_SINE:
            return 0.0
        elevation = degrees(asin(sun.sine))
        mass = 1 / (sun.sine + 0.50572 * pow(elevation + 6.07995, -1.6364))
        direct = _SOLAR_CONSTANT * pow(0.7, pow(mass, 0.678))
        facing = sun.sine * self._cos + sun.cosine * self._sin * cos(
            sun.azimuth - self._azimuth
        )
        diffuse = (
            direct * sun.sine * (0.12 + 0.25 * (1 - clearness)) * pow(clearness, 0.3)
        )
        return direct * max(0.0, facing) * clearness + diffuse * (1 + self._cos) / 2


class Clouds:
    """Clouds that drift: cover of the day, passing fields, and their ragged edges."""

    def __init__(self, seed: int) -> None:
        """Take the plant's seed."""
        self._day = SmoothNoise(seed, 11, 100_000)
        self._field = SmoothNoise(seed, 12, 2_700)
        self._edge = SmoothNoise(seed, 13, 240)

    def clearness(self, at: int) -> float:
        """Return the clearness of the sky, 0.08..1, at a moment in milliseconds."""
        cover = 0.45 + 0.45 * self._day(at) + 0.4 * self._field(at)
        cover = min(1.0, max(0.0, cover + 0.15 * self._edge(at)))
        return 1 - 0.92 * cover * cover * (3 - 2 * cover)
