"""What a model of pixels may know of what is around a pixel."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage


def surroundings(image: NDArray, where: NDArray, *, sides: Sequence[int] = (5, 15)) -> NDArray[np.float32]:
    """Describe pixels by their bands, then by the mean of each band over squares around them.

    Layers are made one at a time: all of them together would take as many times the memory of a band.

    Parameters
    ----------
    image : array of shape (n_bands, rows, columns)
    where : the pixels to describe: array of bool of shape (rows, columns), or positions in the raveled image
    sides : of the squares, in pixels, odd so that the pixel is at their middle

    Returns
    -------
    array of shape (n_pixels, n_bands × (1 + n_sides)): the bands, then for each side the mean of each band

    Raises
    ------
    ValueError
        If a side is even or not positive, or if `where` is a mask of another shape than the image.
    """
    wrong = [side for side in sides if side < 1 or side % 2 == 0]
    if wrong:
        raise ValueError(f"Un carré centré sur un pixel a un côté impair ; {wrong[0]} ne convient pas.")
    if where.dtype == bool:
        if where.shape != image.shape[1:]:
            raise ValueError(
                f"Le masque ({' × '.join(map(str, where.shape))} pixels) n'est pas de la taille de l'image "
                f"({' × '.join(map(str, image.shape[1:]))})."
            )
        where = np.flatnonzero(where)
    bands = len(image)
    table = np.empty((len(where), bands * (1 + len(sides))), dtype="float32")
    for rank, band in enumerate(image):
        band = band.astype("float32")
        table[:, rank] = band.ravel()[where]
        for turn, side in enumerate(sides, 1):
            table[:, rank + turn * bands] = ndimage.uniform_filter(band, side).ravel()[where]
    return table
