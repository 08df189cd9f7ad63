"""Fill the dates that a cloud hides, by linear interpolation over time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


def fill_gaps(values: NDArray[np.float32], days: NDArray[np.int64]) -> None:
    """Replace NaN, in place, by linear interpolation between the nearest known dates on each side.

    Before the first known date, or after the last, the nearest known value is kept. What is never known stays
    NaN.

    Parameters
    ----------
    values : array of shape (n_dates, n_bands, n_pixels), in the order of `days`
    days : day of each date, rising
    """
    unknown, gaps = None, None
    for band in range(values.shape[1]):
        measured = values[:, band]
        # A cloud hides all bands at once: what was found for one serves the next.
        unknown_here = np.isnan(measured)
        if unknown is None or not np.array_equal(unknown_here, unknown):
            unknown, gaps = unknown_here, _gaps(unknown_here, days)
        start, end = measured[gaps.before, gaps.pixel], measured[gaps.after, gaps.pixel]
        measured[gaps.date, gaps.pixel] = start + gaps.weight * (end - start)


@dataclass(frozen=True)
class _Gaps:
    """Hidden values, one an item: its date and pixel, the known dates around, and the weight of the later."""

    date: NDArray[np.int64]
    pixel: NDArray[np.int64]
    before: NDArray[np.int16]
    after: NDArray[np.int16]
    weight: NDArray[np.float32]


def _gaps(unknown: NDArray[np.bool_], days: NDArray[np.int64]) -> _Gaps:
    """Find the gaps of a band, of shape (n_dates, n_pixels); a pixel that is never known has none."""
    pixels = np.flatnonzero(unknown.any(axis=0) & ~unknown.all(axis=0))
    unknown = unknown[:, pixels]
    last = len(unknown) - 1
    ranks = np.arange(last + 1, dtype="int16")[:, np.newaxis]
    before = np.maximum.accumulate(np.where(unknown, -1, ranks), axis=0)[unknown]
    after = np.minimum.accumulate(np.where(unknown, last + 1, ranks)[::-1], axis=0)[::-1][unknown]
    before, after = np.where(before < 0, after, before), np.where(after > last, before, after)
    date, pixel = np.nonzero(unknown)
    length = days[after] - days[before]
    weight = (days[date] - days[before]) / np.where(length > 0, length, 1)
    return _Gaps(date, pixels[pixel], before, after, weight.astype("float32"))
