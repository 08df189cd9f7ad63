"""Cells of a grid under points."""

import numpy as np
from numpy.typing import NDArray

from geoatelier.territory.world import Grid


def cells_at(grid: Grid, xy: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row and column of the cell that holds each point; points beyond the grid get its nearest cell.

    Parameters
    ----------
    xy : array of shape (n, 2), in metres
    """
    row = ((grid.top - xy[:, 1]) // grid.pixel).astype(np.intp)
    column = ((xy[:, 0] - grid.left) // grid.pixel).astype(np.intp)
    return np.clip(row, 0, grid.rows - 1), np.clip(column, 0, grid.columns - 1)
