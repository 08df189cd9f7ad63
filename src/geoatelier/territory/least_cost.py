"""Least-cost ways over the relief: what roads follow, and what divides communes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geoatelier.territory.sampling import cells_at
from geoatelier.territory.world import Grid, Terrain

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

# Half of the sixteen moves of a cell; the graph runs both ways along each.
_MOVES = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1))


@dataclass(frozen=True)
class CostGraph:
    """A graph over the cells of a coarser grid, whose edges cost metres made longer by slope and friction.

    Parameters
    ----------
    grid : the coarse grid; a node is a cell, numbered row by row
    edges : symmetric sparse array of shape (cells, cells), cost of each move
    passable : bool (rows, columns)
    """

    grid: Grid
    edges: csr_array
    passable: NDArray[np.bool_]

    def cells(self, xy: Floats) -> Indices:
        """Passable cell nearest to each point; `xy` has shape (n, 2), in metres."""
        nearest = distance_transform_edt(~self.passable, return_distances=False, return_indices=True)
        row, column = cells_at(self.grid, xy)
        return np.ravel_multi_index(tuple(nearest[:, row, column]), self.grid.shape)

    def xy(self, cells: Indices) -> Floats:
        """Centres of cells, in metres, of shape (n, 2)."""
        x, y = self.grid.centres()
        row, column = np.unravel_index(cells, self.grid.shape)
        return np.column_stack([x[column], y[row]])

    def spread(self, sources: Indices, limit: float = np.inf) -> tuple[Floats, Indices]:
        """Cost to each cell from the nearest source, and the cell before it on the way (negative: none)."""
        cost, before, _ = dijkstra(
            self.edges, indices=np.unique(sources), min_only=True, return_predecessors=True, limit=limit
        )
        return cost, before

    def with_friction(self, factor: Floats) -> "CostGraph":
        """Cost of each edge times the mean factor of its two cells; `factor` has one value a cell."""
        coo = self.edges.tocoo()
        data = coo.data * (factor[coo.row] + factor[coo.col]) / 2
        edges = csr_array((data, (coo.row, coo.col)), shape=self.edges.shape)
        return CostGraph(self.grid, edges, self.passable)

    def with_links(self, pairs: Indices, costs: Floats) -> "CostGraph":
        """The same graph with edges added between cells that do not touch; `pairs` has shape (n, 2)."""
        coo = self.edges.tocoo()
        a, b = pairs.T
        data, row, column = np.r_[coo.data, costs, costs], np.r_[coo.row, a, b], np.r_[coo.col, b, a]
        return CostGraph(self.grid, csr_array((data, (row, column)), shape=self.edges.shape), self.passable)


def way_back(before: Indices, target: int) -> Indices:
    """Cells from `target` back to the source that reaches it first."""
    way = [target]
    while before[way[-1]] >= 0:
        way.append(int(before[way[-1]]))
    return np.array(way)


def cost_graph(
    terrain: Terrain,
    *,
    scale: int = 2,
    shore: float = 25,
    comfortable_grade: float = 0.08,
    closed: NDArray[np.bool_] | None = None,
) -> CostGraph:
    """Build the graph of the island: sixteen moves a cell, dearer as the grade goes up.

    A move of length L and grade g costs L (1 + (g / comfortable_grade)²): a way then takes a slope aslant.

    Parameters
    ----------
    scale : pixels of the terrain in a side of a cell
    shore : distance to the sea that ways keep, in metres
    closed : bool on the terrain's grid, ground that no way may cross
    """
    fine = terrain.grid
    grid = Grid(fine.left, fine.top, fine.pixel * scale, fine.rows // scale, fine.columns // scale)
    open_ground = distance_transform_edt(terrain.land) * fine.pixel > shore
    if closed is not None:
        open_ground &= ~closed
    passable = _blocks(open_ground, scale).all(axis=(1, 3))
    elevation = _blocks(terrain.elevation.astype(float), scale).mean(axis=(1, 3))

    rows, columns, costs = [], [], []
    number = np.arange(grid.rows * grid.columns).reshape(grid.shape)
    for down, right in _MOVES:
        here, there = _shifted(down, right, grid.shape)
        through = passable[here] & passable[there]
        for by_down, by_right in _crossed(down, right):
            crossed = np.roll(passable, (-by_down, -by_right), axis=(0, 1))
            through &= crossed[here]
        length = grid.pixel * np.hypot(down, right)
        grade = np.abs(elevation[there] - elevation[here]) / length
        rows.append(number[here][through])
        columns.append(number[there][through])
        costs.append((length * (1 + (grade / comfortable_grade) ** 2))[through])
    a, b, cost = np.concatenate(rows), np.concatenate(columns), np.concatenate(costs)
    shape = (number.size, number.size)
    edges = csr_array((np.r_[cost, cost], (np.r_[a, b], np.r_[b, a])), shape=shape)
    return CostGraph(grid, edges, passable)


def _blocks(array: NDArray, scale: int) -> NDArray:
    rows, columns = array.shape
    return array.reshape(rows // scale, scale, columns // scale, scale)


def _shifted(
    down: int, right: int, shape: tuple[int, int]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Slices of the cells that a move leaves, and of those that it reaches."""
    rows, columns = shape
    from_left, to_left = (0, right) if right >= 0 else (-right, 0)
    width = columns - abs(right)
    return (
        (slice(0, rows - down), slice(from_left, from_left + width)),
        (slice(down, rows), slice(to_left, to_left + width)),
    )


def _crossed(down: int, right: int) -> tuple[tuple[int, int], ...]:
    """Cells that a knight's move passes through."""
    if down + abs(right) < 3:
        return ()
    sign = 1 if right > 0 else -1
    return ((0, sign), (1, sign)) if down == 1 else ((1, 0), (1, sign))
