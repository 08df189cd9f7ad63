"""Overlaps and gaps of a layer of any size, tile by tile."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geoatelier.quality.mosaic import MILLIMETRE, Gaps, Mosaic, Overlaps, surfaces_of
from geoatelier.quality.tiles import TILE, Load, Tile, over_tiles, tiles_of


@dataclass(frozen=True)
class Search:
    """What is looked for, in units of the coordinates and their squares.

    Parameters
    ----------
    min_overlap : area that two polygons must share to be an overlap; infinite to look for none
    max_width : of a slot; 0 to look for no gap at all
    max_area, min_gap : of a hole that is a gap, of any gap
    """

    min_overlap: float = 0.01
    max_width: float = 3.0
    max_area: float = 200.0
    min_gap: float = 1.0

    @property
    def margin(self) -> float:
        """From how far a polygon can have a say in what is empty.

        A hole of `max_area` that reaches further is a slot, narrower than half of `max_width` on average.
        """
        return 2 * self.max_area / self.max_width + 4 * self.max_width if self.max_width else 0.0


@dataclass(frozen=True)
class _Seen:
    """What one tile shows: its `cut` gaps go on in another one."""

    overlaps: Overlaps
    gaps: Gaps
    cut: Gaps


def search(
    bounds: NDArray[np.float64],
    load: Load,
    asked: Search,
    *,
    valid: NDArray[np.bool_] | None = None,
    crumbs: NDArray[np.bool_] | None = None,
    threads: int = 2,
    size: int = TILE,
) -> tuple[Overlaps, Gaps]:
    """Overlaps and gaps among n polygons that are never all in memory.

    A pair is found by the tile that holds the lower left corner of what their bounds have in common. A gap
    that goes from one tile to another is put together again.

    Parameters
    ----------
    bounds : float array of shape (n, 4); nan where there is no geometry
    load : gives the geometries of an array of rows; others than polygons are ignored
    valid : booleans of shape (n,), where they are known; polygons that are not valid are repaired
    crumbs : booleans of shape (n,): polygons too small to be the neighbour of a gap
    threads : number of tiles looked at together
    size : of a tile, in objects

    Returns
    -------
    Overlaps and Gaps, with rows for positions
    """

    def work(tile: Tile, polygons: NDArray[np.object_]) -> _Seen:
        known = None if valid is None else valid[tile.rows]
        small = None if crumbs is None else crumbs[tile.rows]
        return _seen(tile, Mosaic(repaired(polygons, known), asked.max_width, small), bounds, asked)

    tiles = tiles_of(bounds, asked.margin, size)
    seen = list(over_tiles(tiles, load, work, threads))
    gaps = [part.gaps for part in seen] + [_joined([part.cut for part in seen])]
    return _all_overlaps([part.overlaps for part in seen]), _settled(gaps, asked.min_gap)


def repaired(polygons: NDArray[np.object_], valid: NDArray[np.bool_] | None = None) -> NDArray[np.object_]:
    """Valid polygons without heights, nor the lines that a repair leaves beside a surface.

    Parameters
    ----------
    valid : booleans, one a polygon, where they are known
    """
    if shapely.has_z(polygons).any():
        polygons = shapely.force_2d(polygons)
    broken = ~(shapely.is_valid(polygons) if valid is None else valid)
    broken &= shapely.get_dimensions(polygons) == 2
    if broken.any():
        polygons = polygons.copy()
        polygons[broken] = shapely.make_valid(polygons[broken], method="structure", keep_collapsed=False)
    return surfaces_of(polygons)


def _seen(tile: Tile, mosaic: Mosaic, bounds: NDArray[np.float64], asked: Search) -> _Seen:
    overlaps, inside, cut = _NO_OVERLAP, _NO_GAP, _NO_GAP
    if np.isfinite(asked.min_overlap):
        overlaps = _shared(tile, mosaic, bounds, asked.min_overlap)
    if asked.max_width:
        inside, cut = _empty(tile, mosaic, asked.max_area)
    return _Seen(overlaps, inside, cut)


def _shared(tile: Tile, mosaic: Mosaic, bounds: NDArray[np.float64], min_area: float) -> Overlaps:
    """The overlaps that are this tile's to report."""
    pairs = mosaic.overlaps(min_area)
    first, second = tile.rows[pairs.first], tile.rows[pairs.second]
    mine = tile.holds(np.maximum(bounds[first, :2], bounds[second, :2]))
    return Overlaps(first[mine], second[mine], pairs.common[mine], pairs.area[mine])


def _empty(tile: Tile, mosaic: Mosaic, max_area: float) -> tuple[Gaps, Gaps]:
    """The gaps inside the cell, and the part in the cell of those that go beyond it."""
    surfaces = mosaic.empty_ground(max_area)
    whole = tile.holds_whole(shapely.bounds(surfaces))
    cut = shapely.get_parts(shapely.intersection(surfaces[~whole], tile.box))
    cut = cut[shapely.area(cut) > 0]
    inside, beyond = (
        Gaps(pieces, [tile.rows[around] for around in mosaic.around(pieces)])
        for pieces in (surfaces[whole], cut)
    )
    return inside, beyond


def _all_overlaps(found: list[Overlaps]) -> Overlaps:
    first, second = (
        np.concatenate([_NO_ROW, *(getattr(part, name) for part in found)]) for name in ("first", "second")
    )
    common = np.concatenate([_NO_SHAPE, *(part.common for part in found)])
    area = np.concatenate([np.empty(0), *(part.area for part in found)])
    order = np.lexsort([second, first])
    return Overlaps(first[order], second[order], common[order], area[order])


def _joined(found: list[Gaps]) -> Gaps:
    """The gaps that the sides of the cells cut."""
    pieces = np.concatenate([_NO_SHAPE, *(part.surfaces for part in found)])
    around = [rows for part in found for rows in part.neighbours]
    surfaces = shapely.get_parts(shapely.union_all(pieces, grid_size=MILLIMETRE))
    inside = shapely.point_on_surface(pieces)  # two gaps may touch, and each has its own neighbours
    piece, surface = shapely.STRtree(surfaces).query(inside, predicate="dwithin", distance=MILLIMETRE)
    members: list[set[int]] = [set() for _ in surfaces]
    for i, j in zip(piece, surface, strict=True):
        members[j].update(around[i].tolist())
    return Gaps(surfaces, [np.array(sorted(rows), dtype=np.int64) for rows in members])


def _settled(found: list[Gaps], min_area: float) -> Gaps:
    """The gaps that are large enough and have several neighbours, by the order of these."""
    surfaces = np.concatenate([_NO_SHAPE, *(part.surfaces for part in found)])
    around = [rows for part in found for rows in part.neighbours]
    kept = np.flatnonzero(
        (shapely.area(surfaces) >= min_area) & (np.array([len(rows) for rows in around]) > 1)
    )
    corner = shapely.bounds(surfaces)
    order = sorted(kept, key=lambda i: (*around[i][:2], *corner[i]))
    return Gaps(surfaces[order], [around[i] for i in order])


_NO_ROW = np.empty(0, dtype=np.int64)
_NO_SHAPE = np.empty(0, dtype=object)
_NO_OVERLAP = Overlaps(_NO_ROW, _NO_ROW, _NO_SHAPE, np.empty(0))
_NO_GAP = Gaps(_NO_SHAPE, [])
