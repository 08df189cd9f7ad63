"""Fair-weather clouds over a grid, the shadows that they cast, and the mask that a detector would give."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from geoatelier.territory.reflectance import BLUE, Array, Sun
from geoatelier.territory.texture import layered_field, smooth_field
from geoatelier.territory.world import Grid

CLEAR, CLOUD, SHADOW = 0, 1, 2

_CLOUD_SPECTRUM = np.array([0.66, 0.64, 0.65, 0.69, 0.46, 0.34], np.float32)
# Light lost in a full shadow: the sky still lights the blue.
_SHADOW_LOSS = np.array([0.42, 0.50, 0.57, 0.66, 0.72, 0.74], np.float32)
# Sizes of billows in metres, and their weights.
_BILLOWS = {650.0: 1.0, 280.0: 0.80, 120.0: 0.50, 55.0: 0.28, 25.0: 0.15}
# Optical depth gained per standard deviation of the field above its threshold.
_THICKNESS = 2.8
# The detector sees a cloud, or a shadow, from these opacities on; its pixel is 20 m.
_SEEN_CLOUD, _SEEN_SHADOW = 0.30, 0.38
_DETECTOR_PIXEL = 2


@dataclass(frozen=True)
class Clouds:
    """Clouds seen from above; arrays of shape (rows, columns).

    Parameters
    ----------
    opacity : share of the ground's light that the cloud above a pixel stops, in [0, 1]
    brightness : brightness of its top, about 1
    shade : share of direct sun that a cloud elsewhere stops, in [0, 1]
    """

    opacity: Array
    brightness: Array
    shade: Array


def make_clouds(
    grid: Grid, land: NDArray[np.bool_], sun: Sun, cover: float, height: float, rng: np.random.Generator
) -> Clouds:
    """Draw clouds that hide a share of the land.

    Parameters
    ----------
    grid : grid of the image
    land : bool array on `grid`, where `cover` is counted
    sun : position of the sun
    cover : share of the land under clouds, in [0, 1]
    height : of the clouds above the ground, in metres
    """
    if cover <= 0:
        nothing = np.zeros(grid.shape, np.float32)
        return Clouds(nothing, nothing + 1, nothing)
    east, north = sun.shadow_direction
    reach = height * sun.shadow_length / grid.pixel
    down, right = round(-north * reach), round(east * reach)
    # The sky goes on beyond the image: a shadow may come from a cloud that is not in it.
    margin = max(abs(down), abs(right)) + 1
    shape = grid.rows + 2 * margin, grid.columns + 2 * margin
    billows = layered_field(shape, {size / grid.pixel: weight for size, weight in _BILLOWS.items()}, rng)
    inside = slice(margin, margin + grid.rows), slice(margin, margin + grid.columns)
    threshold = np.quantile(billows[inside][land], 1 - cover)
    depth = _THICKNESS * np.clip(billows - threshold, 0, None) ** 1.2
    opacity = 1 - np.exp(-depth)
    # The top is round: its side towards the sun is the brighter one.
    relief = ndimage.gaussian_filter(np.sqrt(depth), 4)
    towards_sun = east * np.gradient(relief, axis=1) - north * np.gradient(relief, axis=0)
    brightness = 0.72 + 0.22 * np.clip(depth / 4, 0, 1) + np.clip(1.3 * towards_sun, -0.25, 0.25)
    cast = (
        slice(margin - down, margin - down + grid.rows),
        slice(margin - right, margin - right + grid.columns),
    )
    return Clouds(
        opacity[inside].astype(np.float32),
        brightness[inside].astype(np.float32),
        ndimage.gaussian_filter(opacity[cast], 1.5).astype(np.float32),
    )


def apply_clouds(ground: Array, clouds: Clouds) -> Array:
    """Reflectance of the ground seen through clouds and under their shadows, of shape (6, rows, columns)."""
    shaded = ground * (1 - _SHADOW_LOSS[:, None, None] * clouds.shade)
    return shaded + clouds.opacity * (_CLOUD_SPECTRUM[:, None, None] * clouds.brightness - shaded)


def detect(clouds: Clouds, seen: Array, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The mask that comes with the image: honest, and wrong where detectors are.

    It misses the thin edges of clouds, pushes their outline out in places, and takes a few bright grounds for
    clouds.

    Parameters
    ----------
    clouds : what is really there
    seen : reflectance of the image, array of shape (6, rows, columns)

    Returns
    -------
    uint8 array of shape (rows, columns): `CLEAR`, `CLOUD` or `SHADOW`
    """
    rows, columns = clouds.opacity.shape
    mask = np.full((rows, columns), CLEAR, np.uint8)
    if not clouds.opacity.any():
        return mask
    zeal = 0.10 * smooth_field((rows, columns), 12, rng)
    cloud = _coarsen(clouds.opacity + zeal * (clouds.opacity > 0)) > _SEEN_CLOUD
    shadow = _coarsen(clouds.shade + zeal * (clouds.shade > 0)) > _SEEN_SHADOW
    generous = _coarsen(smooth_field((rows, columns), 20, rng)) > 0.6
    cloud |= ndimage.binary_dilation(cloud) & generous
    bright = _coarsen(seen[BLUE]) > 0.24
    cloud |= bright & (rng.random(bright.shape) < 0.5)
    mask[_refine(shadow, rows, columns)] = SHADOW
    mask[_refine(cloud, rows, columns)] = CLOUD
    return mask


def _coarsen(values: Array) -> Array:
    """Mean over the pixels of the detector."""
    n = _DETECTOR_PIXEL
    rows, columns = (-(-size // n) * n for size in values.shape)
    padded = np.pad(values, ((0, rows - values.shape[0]), (0, columns - values.shape[1])), mode="edge")
    return padded.reshape(rows // n, n, columns // n, n).mean(axis=(1, 3))


def _refine(mask: NDArray[np.bool_], rows: int, columns: int) -> NDArray[np.bool_]:
    return np.kron(mask, np.ones((_DETECTOR_PIXEL, _DETECTOR_PIXEL), bool))[:rows, :columns]
