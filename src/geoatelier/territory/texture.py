"""Spatially correlated random fields on a grid, cheap at any range."""

from collections.abc import Mapping

import numpy as np
from scipy import ndimage

from geoatelier.territory.reflectance import Array

# Kernels are cut at this many standard deviations.
_KERNEL = 3.0


def smooth_field(shape: tuple[int, int], reach: float, rng: np.random.Generator) -> Array:
    """A Gaussian field of mean 0 and standard deviation 1 whose correlation fades over about `reach` cells.

    Parameters
    ----------
    shape : rows and columns
    reach : standard deviation of the smoothing kernel, in cells

    Returns
    -------
    float32 array of `shape`
    """
    # Wide kernels are drawn on a coarser grid: same spectrum, a fraction of the work.
    step = max(1, int(reach // 3))
    width = reach / step
    # Beyond the edge too there is something to smooth.
    margin = int(np.ceil(_KERNEL * width))
    coarse = tuple(int(np.ceil(n / step)) + 4 + 2 * margin for n in shape)
    noise = rng.standard_normal(coarse, dtype=np.float32)
    smoothed = ndimage.gaussian_filter(noise, width, mode="constant", truncate=_KERNEL)
    inner = smoothed[margin : coarse[0] - margin, margin : coarse[1] - margin]
    field = inner / np.float32(_deviation(width))
    if step == 1:
        return field[: shape[0], : shape[1]]
    for axis, n in enumerate(shape):
        field = _stretch(field, step, n, axis)
    return field


def layered_field(shape: tuple[int, int], weights: Mapping[float, float], rng: np.random.Generator) -> Array:
    """Sum of smooth fields, brought back to a standard deviation of 1.

    Parameters
    ----------
    weights : weight of each reach, in cells
    """
    total = sum(weight * smooth_field(shape, reach, rng) for reach, weight in weights.items())
    return (total / np.sqrt(sum(weight**2 for weight in weights.values()))).astype(np.float32)


def _deviation(width: float) -> float:
    """Standard deviation of white noise once smoothed: the sum of the squared weights of the kernel."""
    impulse = np.zeros(2 * int(np.ceil(_KERNEL * width)) + 3)
    impulse[len(impulse) // 2] = 1
    return float((ndimage.gaussian_filter1d(impulse, width, truncate=_KERNEL) ** 2).sum())


def _stretch(field: Array, step: int, size: int, axis: int) -> Array:
    """Interpolate linearly along one axis; the kernel is wide enough for no edge to show."""
    position = (np.arange(size) + 0.5) / step + 0.5
    before = position.astype(int)
    share = (position - before).astype(np.float32)
    share = share[:, None] if axis == 0 else share
    return np.take(field, before, axis) * (1 - share) + np.take(field, before + 1, axis) * share
