"""Surface spectra, how they mix in a pixel, and what sun and air do to them.

Bands are always in the order of `BANDS`; reflectances are shares of one, not counts.
"""

from dataclasses import dataclass
from datetime import datetime
from math import acos, asin, cos, degrees, pi, radians, sin

import numpy as np
from numpy.typing import ArrayLike, NDArray

BANDS = ("B2", "B3", "B4", "B8", "B11", "B12")
BLUE, GREEN, RED, NIR, SWIR1, SWIR2 = range(6)

Array = NDArray[np.float32]


def _spectrum(*values: float) -> Array:
    return np.array(values, np.float32)


# Closed canopies, as a sensor sees them: leaves with the shade that they cast on one another. After PROSAIL
# runs (wheat, LAI 5; tree crowns), lowered to the NDVI maxima observed on real parcels, about 0.85.
CANOPY = {
    "cereal": _spectrum(0.030, 0.056, 0.034, 0.400, 0.190, 0.085),
    "sunflower": _spectrum(0.036, 0.072, 0.040, 0.440, 0.200, 0.095),
    "lucerne": _spectrum(0.032, 0.062, 0.034, 0.440, 0.180, 0.080),
    "grass": _spectrum(0.038, 0.066, 0.046, 0.370, 0.220, 0.115),
    "vine": _spectrum(0.036, 0.066, 0.044, 0.380, 0.200, 0.100),
    "olive": _spectrum(0.046, 0.066, 0.056, 0.280, 0.190, 0.115),
    "orchard": _spectrum(0.034, 0.058, 0.040, 0.360, 0.185, 0.090),
    "lavender": _spectrum(0.056, 0.076, 0.072, 0.290, 0.235, 0.150),
    "conifer": _spectrum(0.020, 0.034, 0.024, 0.210, 0.115, 0.052),
    "evergreen_oak": _spectrum(0.024, 0.042, 0.030, 0.250, 0.135, 0.066),
    "deciduous": _spectrum(0.026, 0.050, 0.030, 0.340, 0.170, 0.080),
    "garrigue": _spectrum(0.036, 0.055, 0.046, 0.240, 0.175, 0.100),
    "garden": _spectrum(0.034, 0.058, 0.042, 0.320, 0.180, 0.090),
}
FLOWERS = {
    "lavender": _spectrum(0.110, 0.085, 0.125, 0.330, 0.260, 0.170),
    "orchard": _spectrum(0.210, 0.200, 0.240, 0.400, 0.230, 0.140),
    "sunflower": _spectrum(0.040, 0.150, 0.170, 0.430, 0.200, 0.095),
}
STRAW = _spectrum(0.105, 0.145, 0.190, 0.300, 0.370, 0.270)
DRY_GRASS = _spectrum(0.090, 0.125, 0.165, 0.270, 0.345, 0.255)
BARE_WOOD = _spectrum(0.060, 0.080, 0.100, 0.180, 0.220, 0.160)

# Soils, dry: humus-rich, pale limestone, and the red clay of decalcified limestone.
DARK_SOIL = _spectrum(0.075, 0.095, 0.120, 0.165, 0.230, 0.215)
PALE_SOIL = _spectrum(0.230, 0.260, 0.320, 0.400, 0.510, 0.490)
RED_SOIL = _spectrum(0.060, 0.095, 0.185, 0.265, 0.360, 0.325)
# What water takes from a soil at saturation: most in the short-wave infrared.
_WETTING = _spectrum(0.36, 0.36, 0.36, 0.36, 0.44, 0.52)

MINERAL = {
    "tile": _spectrum(0.095, 0.130, 0.205, 0.260, 0.310, 0.290),
    "pale_roof": _spectrum(0.270, 0.290, 0.310, 0.330, 0.320, 0.270),
    "asphalt": _spectrum(0.085, 0.095, 0.105, 0.125, 0.150, 0.145),
    "gravel": _spectrum(0.165, 0.200, 0.240, 0.290, 0.350, 0.330),
    "sand": _spectrum(0.210, 0.255, 0.300, 0.360, 0.420, 0.390),
    "rock": _spectrum(0.200, 0.225, 0.255, 0.300, 0.330, 0.305),
    "pond": _spectrum(0.040, 0.050, 0.036, 0.022, 0.010, 0.006),
}
CHAR = _spectrum(0.036, 0.042, 0.050, 0.078, 0.175, 0.190)
ASH = _spectrum(0.110, 0.120, 0.130, 0.155, 0.210, 0.200)
OPEN_SEA = _spectrum(0.030, 0.021, 0.010, 0.006, 0.004, 0.003)
TURBID_SEA = _spectrum(0.062, 0.070, 0.036, 0.016, 0.006, 0.004)


def soil(brightness: ArrayLike, redness: ArrayLike, moisture: ArrayLike) -> Array:
    """Spectrum of bare soil.

    Parameters
    ----------
    brightness : array of shape (n,) in [0, 1]: 0 dark, 1 pale dry limestone
    redness : array of shape (n,) in [0, 1], share of red clay
    moisture : array of shape (n,) or one number, in [0, 1]: 0 dry, 1 saturated

    Returns
    -------
    array of shape (n, 6)
    """
    pale, red, wet = (np.asarray(a, np.float32)[..., None] for a in (brightness, redness, moisture))
    limestone = DARK_SOIL + pale * (PALE_SOIL - DARK_SOIL)
    return (limestone + red * (RED_SOIL - limestone)) * (1 - wet * _WETTING)


def cover_for_ndvi(target: ArrayLike, canopy: Array, ground: Array) -> Array:
    """Share of `canopy` over `ground` whose linear mixture has the NDVI `target`, within [0, 1].

    Parameters
    ----------
    target : NDVI wanted, array of shape (n,)
    canopy, ground : spectra, arrays of shape (6,) or (n, 6)
    """
    wanted = np.asarray(target, np.float32)
    difference = canopy[..., NIR] - canopy[..., RED] - (ground[..., NIR] - ground[..., RED])
    total = canopy[..., NIR] + canopy[..., RED] - (ground[..., NIR] + ground[..., RED])
    of_ground = ground[..., NIR] - ground[..., RED] - wanted * (ground[..., NIR] + ground[..., RED])
    return np.clip(of_ground / (wanted * total - difference), 0, 1).astype(np.float32)


def thicken(cover: Array, factor: ArrayLike) -> Array:
    """Cover of a canopy whose leaf area is multiplied by `factor` (Beer-Lambert: gaps are exp(-k LAI))."""
    return 1 - np.power(1 - cover, np.asarray(factor, np.float32))


def ndvi(reflectance: Array) -> Array:
    """NDVI of spectra whose last axis holds the six bands."""
    nir, red = reflectance[..., NIR], reflectance[..., RED]
    return (nir - red) / (nir + red)


@dataclass(frozen=True)
class Sun:
    """Position of the sun: `elevation` above the horizon and `azimuth` clockwise from north, in degrees."""

    elevation: float
    azimuth: float

    @property
    def shadow_length(self) -> float:
        """Length of the shadow of an object one metre high on level ground, in metres."""
        return 1 / np.tan(radians(self.elevation))

    @property
    def shadow_direction(self) -> tuple[float, float]:
        """Unit vector (east, north) along which shadows fall."""
        return -sin(radians(self.azimuth)), -cos(radians(self.azimuth))


def sun_position(instant: datetime, latitude: float, longitude: float) -> Sun:
    """Sun over a place, to half a degree.

    Parameters
    ----------
    instant : in universal time
    latitude, longitude : degrees, positive to the north and to the east

    References
    ----------
    Spencer (1971), Fourier series representation of the position of the sun, Search 2(5), 172.
    """
    day = instant.timetuple().tm_yday
    hours = instant.hour + instant.minute / 60
    angle = 2 * pi * (day - 1 + (hours - 12) / 24) / 365
    declination = (
        0.006918
        - 0.399912 * cos(angle)
        + 0.070257 * sin(angle)
        - 0.006758 * cos(2 * angle)
        + 0.000907 * sin(2 * angle)
        - 0.002697 * cos(3 * angle)
        + 0.00148 * sin(3 * angle)
    )
    equation_of_time = 229.18 * (
        0.000075
        + 0.001868 * cos(angle)
        - 0.032077 * sin(angle)
        - 0.014615 * cos(2 * angle)
        - 0.040849 * sin(2 * angle)
    )
    hour_angle = radians((hours * 60 + equation_of_time + 4 * longitude) / 4 - 180)
    north = radians(latitude)
    elevation = asin(sin(north) * sin(declination) + cos(north) * cos(declination) * cos(hour_angle))
    azimuth = acos(
        (sin(declination) * cos(north) - cos(declination) * sin(north) * cos(hour_angle)) / cos(elevation)
    )
    if hour_angle > 0:
        azimuth = 2 * pi - azimuth
    return Sun(degrees(elevation), degrees(azimuth))


def illumination(
    slope: Array, aspect: Array, sun: Sun, *, diffuse: float = 0.25, minnaert: float = 0.6
) -> Array:
    """Light received by a slope, relative to level ground.

    Parameters
    ----------
    slope, aspect : degrees; aspect is the way down, clockwise from north
    diffuse : share of light that comes from the whole sky
    minnaert : exponent in [0, 1], 1 for a Lambertian surface

    References
    ----------
    Teillet, Guindon & Goodenough (1982), Canadian Journal of Remote Sensing 8(2), 84-106.
    """
    zenith, tilt = radians(90 - sun.elevation), np.radians(slope)
    facing = np.cos(np.radians(aspect) - radians(sun.azimuth))
    incidence = np.clip(cos(zenith) * np.cos(tilt) + sin(zenith) * np.sin(tilt) * facing, 0.02, None)
    direct = np.power(incidence / cos(zenith), minnaert)
    return (diffuse + (1 - diffuse) * direct).astype(np.float32)
