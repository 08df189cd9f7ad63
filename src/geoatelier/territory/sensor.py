"""From the ground to the numbers of an image: blur, sampling, air and noise."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from geoatelier.territory.ground import CELL, Ground
from geoatelier.territory.reflectance import OPEN_SEA, SWIR1, SWIR2, TURBID_SEA, Array
from geoatelier.territory.texture import smooth_field
from geoatelier.territory.world import Terrain

# Blur of the optics: standard deviation in cells of 5 m, for the bands sampled at 10 m and at 20 m.
_BLUR_10, _BLUR_20 = 0.75, 1.4
# Two passes never fall on exactly the same grid: deviation of the offset in cells, a quarter of a pixel.
_MISREGISTRATION = 0.45
_HAZE_SPECTRUM = np.array([1.0, 0.62, 0.40, 0.16, 0.04, 0.02], np.float32)
# Haze, in the blue, that the correction takes off every image.
_EXPECTED_HAZE = 0.006
_NOISE_FLOOR, _NOISE_SHARE = 0.0012, 0.007
# Full noise over the open sea would weigh more in the files than the island.
_NOISE_AT_SEA = 0.1


def sea_reflectance(terrain: Terrain, turbidity: float, glint: float, rng: np.random.Generator) -> Array:
    """Reflectance of the sea, float32 array of shape (6, rows, columns): dark, turbid along the coast.

    Parameters
    ----------
    turbidity : share of turbid water at the shore
    glint : sun light that waves send to the sensor, as reflectance
    """
    shape = terrain.grid.shape
    offshore = ndimage.distance_transform_edt(~terrain.land) * terrain.grid.pixel
    reach = 110 * np.exp(0.5 * smooth_field(shape, 25, rng))
    turbid = turbidity * np.exp(-offshore / reach)
    spectrum = OPEN_SEA[:, None, None] + turbid * (TURBID_SEA - OPEN_SEA)[:, None, None]
    return (spectrum + glint * (1 + 0.15 * smooth_field(shape, 60, rng))).astype(np.float32)


def sample(ground: Ground, land: Array, sea: Array, rng: np.random.Generator) -> Array:
    """Image of the ground at 10 m; B11 and B12 are sampled at 20 m, then interpolated as chains do.

    Parameters
    ----------
    land : reflectance of the land cells, array of shape (6, n)
    sea : array of shape (6, rows, columns)

    Returns
    -------
    float32 array of shape (6, rows, columns); rows and columns are even
    """
    offset = rng.normal(0, _MISREGISTRATION, 2)
    seen = np.empty_like(sea)
    for band in range(len(sea)):
        coarse = band in (SWIR1, SWIR2)
        water = np.repeat(np.repeat(sea[band], CELL, 0), CELL, 1)
        # Cells of the shore are part land, part water.
        image = ground.spread(
            land[band] * ground.land + water.ravel()[ground.cells] * (1 - ground.land), water
        )
        for axis in (0, 1):
            kernel = _kernel(_BLUR_20 if coarse else _BLUR_10, offset[axis])
            image = ndimage.convolve1d(image, kernel, axis=axis, mode="nearest")
        if coarse:
            seen[band] = ndimage.zoom(_mean(image, 2 * CELL), 2, order=1, mode="nearest", grid_mode=True)
        else:
            seen[band] = _mean(image, CELL)
    return seen


def through_air(seen: Array, haze: float, rng: np.random.Generator) -> Array:
    """What correction leaves: a thin veil, bluer than the ground, and a gain that drifts over the scene."""
    shape = seen.shape[1:]
    veil = haze * (1 + 0.5 * smooth_field(shape, 120, rng)) - _EXPECTED_HAZE
    gain = 1 + rng.normal(0, 0.02, (6, 1, 1)) + 0.012 * smooth_field(shape, 200, rng)
    return (seen * gain + _HAZE_SPECTRUM[:, None, None] * veil).astype(np.float32)


def with_noise(seen: Array, land: NDArray[np.bool_], rng: np.random.Generator) -> Array:
    """Add the noise of the detectors: a floor, and a share of the signal."""
    ashore = ndimage.binary_dilation(land, iterations=2)
    deviation = (_NOISE_FLOOR + _NOISE_SHARE * seen) * np.where(ashore, 1, _NOISE_AT_SEA)
    return seen + deviation.astype(np.float32) * rng.standard_normal(seen.shape, dtype=np.float32)


def _kernel(blur: float, offset: float) -> NDArray[np.float64]:
    """Gaussian weights of a given standard deviation, centred `offset` cells away."""
    reach = int(4 * blur) + 1
    weights = np.exp(-0.5 * ((np.arange(-reach, reach + 1) - offset) / blur) ** 2)
    return weights / weights.sum()


def _mean(image: Array, factor: int) -> Array:
    rows, columns = (size // factor for size in image.shape)
    return image.reshape(rows, factor, columns, factor).mean(axis=(1, 3))
