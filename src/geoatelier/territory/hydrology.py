"""Where water goes: depressions filled, way down of each cell, area drained, river erosion."""

import heapq

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# The eight neighbours (row, column), and how far they are in cells.
NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))
_DISTANCE = np.hypot(*np.array(NEIGHBOURS).T)


def fill_depressions(elevation: Floats, land: NDArray[np.bool_], epsilon: float = 0.002) -> Floats:
    """Raise pits until each land cell has a lower neighbour, down to the sea.

    Parameters
    ----------
    elevation : array of shape (rows, columns), metres
    land : cells to drain; the others are where water leaves. The frame of the grid holds no land.
    epsilon : least fall from a cell to the next, in metres

    Raises
    ------
    ValueError
        If land touches the frame of the grid.

    References
    ----------
    Barnes, Lehman and Mulla (2014), Priority-flood, Computers & Geosciences 62, 117-127.
    """
    framed = land.copy()
    framed[1:-1, 1:-1] = False
    if framed.any():
        raise ValueError("land touches the frame of the grid")
    columns = elevation.shape[1]
    steps = [row * columns + column for row, column in NEIGHBOURS]
    filled = elevation.ravel().tolist()
    waiting = land.ravel().tolist()
    queue = [(filled[cell], cell) for cell in np.flatnonzero(_shore(land)).tolist()]
    for _, cell in queue:
        waiting[cell] = False
    heapq.heapify(queue)
    pop, push = heapq.heappop, heapq.heappush
    while queue:
        level, cell = pop(queue)
        floor = level + epsilon
        for step in steps:
            neighbour = cell + step
            if waiting[neighbour]:
                waiting[neighbour] = False
                height = filled[neighbour]
                if height < floor:
                    filled[neighbour] = height = floor
                push(queue, (height, neighbour))
    return np.array(filled).reshape(elevation.shape)


def receivers(filled: Floats, land: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Floats]:
    """Flat index of the neighbour that each cell pours into (steepest of eight), and its distance in cells.

    A cell that is not land, or that has no lower neighbour, pours into itself at distance 1.
    """
    rows, columns = filled.shape
    own = np.arange(rows * columns).reshape(rows, columns)
    best = np.zeros_like(filled)
    target, distance = own.copy(), np.ones_like(filled)
    inner = (slice(1, -1), slice(1, -1))
    for (row, column), length in zip(NEIGHBOURS, _DISTANCE, strict=True):
        there = (slice(1 + row, rows - 1 + row), slice(1 + column, columns - 1 + column))
        fall = (filled[inner] - filled[there]) / length
        better = (fall > best[inner]) & land[inner]
        best[inner][better] = fall[better]
        target[inner][better] = own[there][better]
        distance[inner][better] = length
    return target, distance


def upstream_cells(filled: Floats, land: NDArray[np.bool_], target: NDArray[np.int64]) -> Floats:
    """Number of land cells that pour through each cell, itself included; 0 at sea."""
    area = land.ravel().astype(float).tolist()
    cells = np.flatnonzero(land)
    downward = cells[np.argsort(filled.ravel()[cells], kind="stable")[::-1]]
    for cell, below in zip(downward.tolist(), target.ravel()[downward].tolist(), strict=True):
        area[below] += area[cell]
    return np.where(land, np.array(area).reshape(land.shape), 0.0)


def erode(
    elevation: Floats,
    land: NDArray[np.bool_],
    erodibility: Floats,
    *,
    pixel: float,
    steps: int,
    exponent: float = 0.45,
) -> Floats:
    """Carve valleys by the stream power law, solved implicitly from the sea upwards.

    Parameters
    ----------
    elevation : array of shape (rows, columns), metres
    land : cells that erode; the others keep their elevation and are the base level
    erodibility : array of shape (rows, columns), metres of incision a step for a slope of 1 and one hectare
    pixel : side of a cell, in metres
    exponent : power of the drained area

    References
    ----------
    Braun and Willett (2013), A very efficient O(n), implicit and parallel method to solve the stream power
    equation, Geomorphology 180-181, 170-179.
    """
    # A step leaves each cell above the one it pours into: there is no pit to fill after the first.
    surface = fill_depressions(elevation, land)
    hectare = pixel**2 / 10_000
    for _ in range(steps):
        target, distance = receivers(surface, land)
        area = upstream_cells(surface, land, target) * hectare
        factor = (erodibility * area**exponent / (distance * pixel)).ravel()
        cells = np.flatnonzero(land)
        upward = cells[np.argsort(surface.ravel()[cells], kind="stable")]
        heights = surface.ravel().tolist()
        for cell, below, pull in zip(
            upward.tolist(), target.ravel()[upward].tolist(), factor[upward].tolist(), strict=True
        ):
            heights[cell] = (heights[cell] + pull * heights[below]) / (1 + pull)
        surface = np.array(heights).reshape(surface.shape)
    return surface


def _shore(land: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Land cells that touch a cell which is not land."""
    rows, columns = land.shape
    wet = np.zeros_like(land)
    for row, column in NEIGHBOURS:
        wet[1:-1, 1:-1] |= ~land[1 + row : rows - 1 + row, 1 + column : columns - 1 + column]
    return land & wet
