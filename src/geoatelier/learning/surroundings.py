"""What a model of pixels may know of what is around a pixel."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage


def surroundings(image: NDArray, sides: Sequence[int] = (5, 15)) -> Iterator[NDArray[np.float32]]:
    """Give each band of an image, then its mean over squares around each pixel.

    One layer at a time: all of them together would take as many times the memory of a band.

    Parameters
    ----------
    image : array of shape (n_bands, rows, columns)
    sides : of the squares, in pixels, odd so that the pixel is at their middle

    Yields
    ------
    arrays of shape (rows, columns): the bands, then for each side the mean of each band

    Raises
    ------
    ValueError
        If a side is even or not positive.
    """
    wrong = [side for side in sides if side < 1 or side % 2 == 0]
    if wrong:
        raise ValueError(f"Un carré centré sur un pixel a un côté impair ; {wrong[0]} ne convient pas.")
    bands = image.astype("float32")
    yield from bands
    for side in sides:
        for band in bands:
            yield ndimage.uniform_filter(band, side)
