"""Cut the ground of a large layer into cells, and work on one at a time, with the objects around it."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

Result = TypeVar("Result")
Load = Callable[[NDArray[np.int64]], NDArray[np.object_]]

TILE = 25_000


@dataclass(frozen=True)
class Tile:
    """A cell of the ground, and the objects to load in order to see all that happens in it.

    The cells of a layer share out the plane: a place is in one of them only (see `holds`).

    Parameters
    ----------
    cell : west, south, east, north
    rows : integers of shape (n,), in order: the objects whose bounds come within a margin of the cell
    """

    cell: tuple[float, float, float, float]
    rows: NDArray[np.int64]

    def holds(self, places: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which places, of shape (m, 2), are in the cell; its north and east sides are not."""
        west, south, east, north = self.cell
        x, y = places.T
        return (x >= west) & (x < east) & (y >= south) & (y < north)

    def holds_whole(self, bounds: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which bounds, of shape (m, 4), do not touch the sides of the cell."""
        return (bounds[:, :2] > self.cell[:2]).all(axis=1) & (bounds[:, 2:] < self.cell[2:]).all(axis=1)

    @property
    def box(self) -> shapely.Polygon:
        """The cell as a polygon."""
        return shapely.box(*self.cell)


def tiles_of(bounds: NDArray[np.float64], margin: float = 0.0, size: int = TILE) -> list[Tile]:
    """Tiles of about as many objects each, `size` at most where the ground can be cut so.

    The ground is cut in two at the median of the centres, across its longer side, then each half again. Two
    objects less than `margin` apart are both in each tile whose cell comes between them.

    Parameters
    ----------
    bounds : float array of shape (n, 4); objects with a bound that is not finite are in no tile
    margin : in units of the coordinates
    size : number of objects whose centre is in a cell
    """
    placed = np.flatnonzero(np.isfinite(bounds).all(axis=1))
    if not len(placed):
        return []
    centres = (bounds[:, :2] + bounds[:, 2:]) / 2
    # The outer sides stand off, so that all that the objects may enclose is inside.
    low, high = bounds[placed, :2].min(axis=0), bounds[placed, 2:].max(axis=0)
    whole = (*(low - margin - 1), *(high + margin + 1))
    found = []
    for cell, inside in _cells(tuple(map(float, whole)), placed, centres, size):
        if len(inside):
            west, south, east, north = cell
            near = (bounds[placed, 2] >= west - margin) & (bounds[placed, 0] <= east + margin)
            near &= (bounds[placed, 3] >= south - margin) & (bounds[placed, 1] <= north + margin)
            found.append(Tile(cell, placed[near]))
    return found


def over_tiles(
    tiles: list[Tile],
    load: Load,
    work: Callable[[Tile, NDArray[np.object_]], Result],
    threads: int = 2,
) -> Iterator[Result]:
    """What `work` gives for each tile, in their order; `threads` tiles at most are in memory.

    Parameters
    ----------
    load : gives the geometries of an array of rows; called from several threads
    work : told a tile and the geometries of its rows
    """

    def done(tile: Tile) -> Result:
        return work(tile, load(tile.rows))

    with ThreadPoolExecutor(threads) as pool:
        under_way: deque[Future[Result]] = deque()
        try:
            for tile in tiles:
                if len(under_way) == threads:
                    yield under_way.popleft().result()
                under_way.append(pool.submit(done, tile))
            while under_way:
                yield under_way.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _cells(
    cell: tuple[float, float, float, float],
    rows: NDArray[np.int64],
    centres: NDArray[np.float64],
    size: int,
) -> Iterator[tuple[tuple[float, float, float, float], NDArray[np.int64]]]:
    """Cells, and the rows whose centre is in each."""
    if len(rows) > size:
        here = centres[rows]
        for axis in np.argsort(here.min(axis=0) - here.max(axis=0)):
            cut = float(np.median(here[:, axis]))
            below = here[:, axis] < cut
            if below.any():
                lower, upper = list(cell), list(cell)
                lower[axis + 2] = upper[axis] = cut
                yield from _cells(tuple(lower), rows[below], centres, size)
                yield from _cells(tuple(upper), rows[~below], centres, size)
                return
    yield cell, rows
