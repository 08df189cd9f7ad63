"""Fractal gradient noise that can be read anywhere on the plane, with no axis to be seen."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_LATTICE = 256
# Standard deviation of one octave of the gradient noise below, measured once.
_OCTAVE_SD = 0.247


def gradient_noise(x: ArrayLike, y: ArrayLike, angles: Floats) -> Floats:
    """Perlin's gradient noise, one lattice cell a unit.

    Parameters
    ----------
    x, y : arrays that broadcast together, in lattice units
    angles : array of shape (256, 256), direction of the gradient at each node, in radians

    References
    ----------
    Perlin (2002), Improving noise, ACM Transactions on Graphics 21, 681-682.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    column, row = np.floor(x), np.floor(y)
    fx, fy = x - column, y - row
    i, j = column.astype(np.int64), row.astype(np.int64)
    cosine, sine = np.cos(angles).ravel(), np.sin(angles).ravel()

    def corner(di: int, dj: int) -> Floats:
        # The lattice is a power of two wide: the mask is its modulo.
        node = ((j + dj) & (_LATTICE - 1)) * _LATTICE + ((i + di) & (_LATTICE - 1))
        return cosine.take(node) * (fx - di) + sine.take(node) * (fy - dj)

    u, v = _fade(fx), _fade(fy)
    low = corner(0, 0) * (1 - u) + corner(1, 0) * u
    high = corner(0, 1) * (1 - u) + corner(1, 1) * u
    return low * (1 - v) + high * v


def fractal_noise(
    x: ArrayLike,
    y: ArrayLike,
    rng: np.random.Generator,
    *,
    size: float,
    octaves: int = 5,
    gain: float = 0.5,
    ridged: bool = False,
) -> Floats:
    """Sum of octaves of gradient noise, each turned by a random angle, scaled to a unit standard deviation.

    Parameters
    ----------
    x, y : coordinates that broadcast together, in metres
    size : width of the largest features, in metres
    octaves : number of octaves, each of half the size of the one before
    gain : amplitude of an octave over that of the one before
    ridged : fold each octave at zero, which makes crests

    Returns
    -------
    Array of the broadcast shape: mean about 0, standard deviation about 1.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    total = np.zeros(np.broadcast(x, y).shape)
    power = 0.0
    for octave in range(octaves):
        angles = rng.uniform(0, 2 * np.pi, (_LATTICE, _LATTICE))
        turn = rng.uniform(0, 2 * np.pi)
        shift_x, shift_y = rng.uniform(0, _LATTICE, 2)
        frequency, amplitude = 2**octave / size, gain**octave
        u = (np.cos(turn) * x - np.sin(turn) * y) * frequency + shift_x
        v = (np.sin(turn) * x + np.cos(turn) * y) * frequency + shift_y
        value = gradient_noise(u, v, angles) / _OCTAVE_SD
        if ridged:
            # |N(0, 1)| has mean 0.80 and standard deviation 0.60.
            value = (0.80 - np.abs(value)) / 0.60
        total += amplitude * value
        power += amplitude**2
    return total / np.sqrt(power)


def _fade(t: Floats) -> Floats:
    return t * t * t * (t * (t * 6 - 15) + 10)
