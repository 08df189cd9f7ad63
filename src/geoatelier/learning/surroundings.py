"""What a model of pixels may know of what is around a pixel."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from geoatelier.learning.image_inputs import checked_image


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
        If the image has another shape or a missing value, if a side is not an odd number of pixels, or if
        `where` is a mask of another shape than the image, or holds positions out of it.
    """
    image = checked_image(image)
    wrong = [side for side in sides if side < 1 or side % 2 != 1]
    if wrong:
        raise ValueError(f"Un carré centré sur un pixel a un côté impair ; {wrong[0]} ne convient pas.")
    where = _positions(where, image.shape[1:])
    bands = len(image)
    table = np.empty((len(where), bands * (1 + len(sides))), dtype="float32")
    for rank, band in enumerate(image):
        band = band.astype("float32")
        table[:, rank] = band.ravel()[where]
        for turn, side in enumerate(sides, 1):
            table[:, rank + turn * bands] = ndimage.uniform_filter(band, side).ravel()[where]
    return table


def _positions(where: NDArray, shape: tuple[int, int]) -> NDArray[np.integer]:
    """Positions in the raveled image of the pixels of a mask, or those that are given."""
    if where.dtype == bool:
        if where.shape != shape:
            raise ValueError(
                f"Le masque ({' × '.join(map(str, where.shape))} pixels) n'est pas de la taille de l'image "
                f"({' × '.join(map(str, shape))})."
            )
        return np.flatnonzero(where)
    if where.dtype.kind not in "iu" or (where < 0).any() or (where >= math.prod(shape)).any():
        raise ValueError(
            f"Une position est un entier de 0 à {math.prod(shape) - 1} : le rang du pixel dans l'image lue "
            "ligne par ligne. Donnez un masque, ou np.flatnonzero(masque)."
        )
    return where
