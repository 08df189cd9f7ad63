"""Pairs of edges that meet elsewhere than at a common end, or that face each other across a narrow strip."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoatelier.quality.outline import Outline

_TOUCHING = 1e-6
_FACING = -0.5  # cosine between their outward sides; a mitred closing fills no wedge wider than 23 degrees
_LEAST_AREA = 1e-3  # of the strip between two pieces; edges that run along each other leave none
_CHUNK = 1_000_000


@dataclass(frozen=True)
class Pairs:
    """Pairs of edges of an outline.

    Parameters
    ----------
    touching : integers of shape (t, 2): edges that cross, or touch elsewhere than at a common end
    facing : integers of shape (f, 2): edges that face each other from the width that was given or less
    boxes : float array of shape (f, 4): bounds of the strip between the pieces of edges that face each other
    middles : float array of shape (f, 2, 2): both ends of the line along the middle of that strip
    """

    touching: NDArray[np.int64]
    facing: NDArray[np.int64]
    boxes: NDArray[np.float64]
    middles: NDArray[np.float64]


@dataclass(frozen=True)
class _Pieces:
    """Edges cut into pieces of about one cell of a grid, so that a long one is no box as large as a town."""

    edge: NDArray[np.int64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    box: NDArray[np.float64]


def close_pairs(outline: Outline, width: float = 0.0) -> Pairs:
    """Edges that touch, and with a `width` those that face each other from it or less.

    Parameters
    ----------
    width : in units of the coordinates; 0 to look for touching edges only
    """
    length = np.hypot(*(outline.end - outline.start).T)
    if not len(length):
        return _together([])
    cell = max(4 * width, float(length.mean()))
    pieces = _pieces(outline, length, cell, width / 2 + _TOUCHING)
    return _together(
        [_judged(outline, pieces, one, other, width) for one, other in _neighbours(pieces, cell)]
    )


def _pieces(outline: Outline, length: NDArray[np.float64], cell: float, reach: float) -> _Pieces:
    count = np.maximum(np.ceil(length / cell), 1).astype(np.int64)
    edge = np.repeat(np.arange(len(outline)), count)
    rank = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    step = (outline.end - outline.start)[edge] / count[edge, None]
    start = outline.start[edge] + rank[:, None] * step
    end = np.where((rank + 1 == count[edge])[:, None], outline.end[edge], start + step)
    box = np.concatenate([np.minimum(start, end) - reach, np.maximum(start, end) + reach], axis=1)
    return _Pieces(edge, start, end, box)


def _neighbours(pieces: _Pieces, cell: float) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pairs of pieces of two edges whose boxes meet, by way of the cells of a grid; some come twice."""
    corner = np.floor((pieces.box - np.tile(pieces.box[:, :2].min(axis=0), 2)) / cell).astype(np.int64)
    across, up = corner[:, 2] - corner[:, 0] + 1, corner[:, 3] - corner[:, 1] + 1
    piece = np.repeat(np.arange(len(corner)), across * up)
    rank = np.arange(len(piece)) - np.repeat(np.cumsum(across * up) - across * up, across * up)
    column, line = corner[piece, 0] + rank // up[piece], corner[piece, 1] + rank % up[piece]
    place = column * (corner[:, 3].max() + 1) + line
    order = np.argsort(place, kind="stable")
    piece, place = piece[order], place[order]
    following = np.searchsorted(place, place, side="right") - np.arange(len(place)) - 1
    total = np.cumsum(following)
    first = 0
    while first < len(piece):
        final = max(int(np.searchsorted(total, total[first] + _CHUNK, side="right")), first + 1)
        repeat = following[first:final]
        one = np.repeat(np.arange(first, final), repeat)
        other = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(repeat) - repeat, repeat)
        a, b = piece[one], piece[other]
        meet = pieces.edge[a] != pieces.edge[b]
        for side in (0, 1):
            meet &= pieces.box[a, side] <= pieces.box[b, side + 2]
            meet &= pieces.box[b, side] <= pieces.box[a, side + 2]
        yield a[meet], b[meet]
        first = final


def _judged(
    outline: Outline, pieces: _Pieces, one: NDArray[np.int64], other: NDArray[np.int64], width: float
) -> Pairs:
    a, b = pieces.edge[one], pieces.edge[other]
    along = outline.end - outline.start
    along /= np.hypot(*along.T)[:, None]
    cosine = (along[a] * along[b]).sum(axis=1)
    head_to_head = (outline.start_id[a] == outline.start_id[b]) | (outline.end_id[a] == outline.end_id[b])
    head_to_tail = (outline.start_id[a] == outline.end_id[b]) | (outline.end_id[a] == outline.start_id[b])
    folded = (head_to_head & (cosine > 1 - 1e-9)) | (head_to_tail & (cosine < 1e-9 - 1))
    apart = ~(head_to_head | head_to_tail)
    facing = cosine * outline.way[a] * outline.way[b] < _FACING
    facing &= width > 0
    distance = np.full(len(a), np.inf)
    distance[folded | ~apart] = 0.0
    measured = np.flatnonzero(apart)
    distance[measured] = _distances(pieces, one[measured], other[measured])
    touching = folded | (apart & (distance <= _TOUCHING))
    across = np.flatnonzero(facing & (distance <= width + _TOUCHING))
    area, middles = _strip(outline, pieces, one[across], other[across])
    seen_back, _ = _strip(outline, pieces, other[across], one[across])
    wide = np.minimum(area, seen_back) > _LEAST_AREA
    across, middles = across[wide], middles[wide]
    boxes = np.concatenate(
        [
            np.maximum(pieces.box[one[across], :2], pieces.box[other[across], :2]),
            np.minimum(pieces.box[one[across], 2:], pieces.box[other[across], 2:]),
        ],
        axis=1,
    )
    pairs = np.column_stack([a, b])
    return Pairs(pairs[touching], pairs[across], boxes, middles)


def _strip(
    outline: Outline, pieces: _Pieces, one: NDArray[np.int64], other: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The strip between the piece `one` and what of `other` stands in front of it, on its outer side.

    Returns
    -------
    its area, and the ends of the line along its middle, of shape (n, 2, 2)
    """
    along = pieces.end[one] - pieces.start[one]
    length = np.hypot(*along.T)
    along = along / length[:, None]
    out = np.column_stack([along[:, 1], -along[:, 0]]) * outline.way[pieces.edge[one]][:, None]
    seen = [pieces.start[other] - pieces.start[one], pieces.end[other] - pieces.start[one]]
    from_, to = ((place * along).sum(axis=1) for place in seen)
    height, final = ((place * out).sum(axis=1) for place in seen)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = np.where(to == from_, 0.0, (final - height) / (to - from_))
    places = [np.clip(side, 0, length) for side in (np.minimum(from_, to), np.maximum(from_, to))]
    heights = [np.maximum(height + slope * (place - from_), 0) for place in places]
    middles = [
        pieces.start[one] + place[:, None] * along + high[:, None] / 2 * out
        for place, high in zip(places, heights, strict=True)
    ]
    return (places[1] - places[0]) * sum(heights) / 2, np.stack(middles, axis=1)


def _distances(pieces: _Pieces, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float64]:
    """Distance between two pieces, 0 where they cross."""
    a, b, c, d = pieces.start[one], pieces.end[one], pieces.start[other], pieces.end[other]
    nearest = np.minimum.reduce(
        [_to_segment(a, c, d), _to_segment(b, c, d), _to_segment(c, a, b), _to_segment(d, a, b)]
    )
    crossed = (_side(a, b, c) * _side(a, b, d) < 0) & (_side(c, d, a) * _side(c, d, b) < 0)
    return np.where(crossed, 0.0, nearest)


def _to_segment(
    place: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    along, seen = end - start, place - start
    share = np.clip((seen * along).sum(axis=1) / (along * along).sum(axis=1), 0, 1)
    return np.hypot(*(seen - share[:, None] * along).T)


def _side(
    start: NDArray[np.float64], end: NDArray[np.float64], place: NDArray[np.float64]
) -> NDArray[np.float64]:
    along, seen = end - start, place - start
    return along[:, 0] * seen[:, 1] - along[:, 1] * seen[:, 0]


def _together(found: list[Pairs]) -> Pairs:
    none = np.empty((0, 2), dtype=np.int64)
    return Pairs(
        np.concatenate([none, *(pairs.touching for pairs in found)]),
        np.concatenate([none, *(pairs.facing for pairs in found)]),
        np.concatenate([np.empty((0, 4)), *(pairs.boxes for pairs in found)]),
        np.concatenate([np.empty((0, 2, 2)), *(pairs.middles for pairs in found)]),
    )
