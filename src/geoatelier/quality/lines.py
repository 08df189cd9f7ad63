"""One line at a time, or two: lines that cross themselves, go over themselves, or lie on one another.

How the lines of a network meet is looked at in `network`. Lengths are in metres: put the layer in a projected
system first. Altitudes are left aside: a bridge over a road is drawn as two lines that cross.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geoatelier.quality.anomalies import anomalies, no_anomaly, together
from geoatelier.quality.layer import Layer
from geoatelier.quality.vertices import finite
from geoatelier.quality.wording import SPACE, number, quote

_MILLIMETRE = 0.001


@dataclass(frozen=True)
class Contacts:
    """Where lines meet themselves.

    Parameters
    ----------
    points : n points where a line crosses or touches itself
    point_row : integers of shape (n,), the line of each
    stretches : m lines that a line follows twice
    stretch_row : integers of shape (m,), the line of each
    """

    points: NDArray[np.object_]
    point_row: NDArray[np.int64]
    stretches: NDArray[np.object_]
    stretch_row: NDArray[np.int64]


def usable_lines(layer: Layer) -> NDArray[np.int64]:
    """Rows of `layer` whose geometry is a line, or several, with readable coordinates and some length."""
    rows = np.flatnonzero(layer.dimensions == 1)
    lines = layer.geometries[rows] if len(rows) else np.array([], dtype=object)
    return rows[finite(lines) & (shapely.length(lines) > 0)]


def non_simple_lines(layer: Layer) -> gpd.GeoDataFrame:
    """Every place where a line crosses or touches itself, and every stretch that it follows twice.

    A ring that closes, and pieces of one object that join end to end, are in order. A line that turns
    straight back (A-B-A) is left to `vertices.kickbacks`.
    """
    rows = usable_lines(layer)
    rows = rows[~shapely.is_simple(layer.geometries[rows])]
    if not len(rows):
        return no_anomaly(layer)
    found = find_self_contacts(shapely.force_2d(layer.geometries[rows]))
    length = shapely.length(found.stretches)
    crossings = anomalies(
        layer,
        "ligne-recoupee",
        rows[found.point_row],
        "La ligne se recoupe ou se touche ici. Si c'est un carrefour, coupez-la à cet endroit ; "
        "sinon corrigez le tracé.",
        geometry=found.points,
    )
    stretches = anomalies(
        layer,
        "ligne-repliee",
        rows[found.stretch_row],
        [
            f"La ligne repasse sur elle-même sur {number(metres, 2)}{SPACE}m. Supprimez le second passage."
            for metres in length
        ],
        geometry=found.stretches,
        values=length.round(3),
    )
    return together([crossings, stretches], layer.frame.crs)


def find_self_contacts(lines: NDArray[np.object_]) -> Contacts:
    """Where each of `lines`, in two dimensions, meets itself, its consecutive segments excepted.

    Parameters
    ----------
    lines : array of shape (n,) of lines with finite coordinates
    """
    parts, row = shapely.get_parts(lines, return_index=True)
    parts = shapely.remove_repeated_points(parts)
    coordinates, part = shapely.get_coordinates(parts, return_index=True)
    start = np.flatnonzero(np.diff(part) == 0)
    segments = shapely.linestrings(np.stack([coordinates[start], coordinates[start + 1]], axis=1))
    owner, part = row[part[start]], part[start]
    one, other = shapely.STRtree(segments).query(segments, predicate="intersects")
    kept = (one < other) & (owner[one] == owner[other])
    one, other = one[kept], other[kept]
    consecutive = (part[one] == part[other]) & (start[other] - start[one] == 1)
    last = np.searchsorted(part, part, side="right") - 1
    first = np.searchsorted(part, part)
    closed = shapely.is_closed(parts)[part[one]]
    closing = closed & (part[one] == part[other]) & (one == first[one]) & (other == last[one])
    one, other = one[~(consecutive | closing)], other[~(consecutive | closing)]
    common = shapely.intersection(segments[one], segments[other])
    at_points = shapely.get_dimensions(common) == 0
    joined = at_points & (part[one] != part[other])
    joined[joined] = _at_both_ends(common[joined], parts[part[one[joined]]], parts[part[other[joined]]])
    crossing = at_points & ~joined
    points, point_row = _distinct(common[crossing], owner[one[crossing]])
    stretches, stretch_row = _merged(common[~at_points], owner[one[~at_points]])
    return Contacts(points, point_row, stretches, stretch_row)


def overlapping_lines(layer: Layer, min_length: float = 0.01) -> gpd.GeoDataFrame:
    """Pairs of lines that follow the same course, the shared stretch as geometry.

    Lines that are the same from end to end are left to the control of duplicates.

    Parameters
    ----------
    min_length : m, below which a shared stretch is ignored
    """
    rows = usable_lines(layer)
    lines = shapely.force_2d(layer.geometries[rows])
    pairs = _pairs_side_by_side(lines, min_length)
    pairs = pairs[shapely.relate_pattern(lines[pairs[:, 0]], lines[pairs[:, 1]], "1********")]
    pairs = pairs[~shapely.equals(lines[pairs[:, 0]], lines[pairs[:, 1]])]
    common = shapely.intersection(lines[pairs[:, 0]], lines[pairs[:, 1]])
    common, row = _merged(common, np.arange(len(common)))
    pairs = pairs[row]
    length = shapely.length(common)
    kept = length > min_length
    first, second = rows[pairs[kept]].T
    messages = [
        f"{quote(layer.keys[one])} et {quote(layer.keys[other])} suivent le même tracé sur "
        f"{number(metres, 2)}{SPACE}m. Gardez-le dans une seule des deux lignes."
        for one, other, metres in zip(first, second, length[kept], strict=True)
    ]
    return anomalies(
        layer,
        "ligne-superposee",
        first,
        messages,
        geometry=common[kept],
        related=layer.keys[second],
        values=length[kept].round(3),
    )


def _pairs_side_by_side(lines: NDArray[np.object_], min_length: float) -> NDArray[np.int64]:
    """Pairs, of shape (n, 2), whose boxes share enough room for a common stretch of `min_length`.

    Most lines of a network meet by a corner of their boxes: they are left out before any exact computation.
    """
    one, other = shapely.STRtree(lines).query(lines)
    kept = one < other
    pairs = np.column_stack([one[kept], other[kept]])
    bounds = shapely.bounds(lines)
    low = np.maximum(bounds[pairs[:, 0], :2], bounds[pairs[:, 1], :2])
    high = np.minimum(bounds[pairs[:, 0], 2:], bounds[pairs[:, 1], 2:])
    return pairs[np.hypot(*(high - low).T) >= min_length]


def _at_both_ends(
    points: NDArray[np.object_], one: NDArray[np.object_], other: NDArray[np.object_]
) -> NDArray[np.bool_]:
    """True where a point is an end of both lines."""

    def at_end(lines: NDArray[np.object_]) -> NDArray[np.bool_]:
        return shapely.dwithin(points, shapely.get_point(lines, 0), _MILLIMETRE) | shapely.dwithin(
            points, shapely.get_point(lines, -1), _MILLIMETRE
        )

    return at_end(one) & at_end(other)


def _distinct(
    points: NDArray[np.object_], rows: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Each point of each row once, to the millimetre: four segments that meet at a vertex give one point."""
    places = np.round(shapely.get_coordinates(points) / _MILLIMETRE)
    _, first = np.unique(np.column_stack([rows, places]), axis=0, return_index=True)
    return points[first], rows[first]


def _merged(
    stretches: NDArray[np.object_], rows: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """The lines among `stretches`, those of one row that touch put end to end."""
    parts, index = shapely.get_parts(stretches, return_index=True)
    lines = shapely.get_dimensions(parts) == 1
    parts, owner = parts[lines], rows[index[lines]]
    if not len(parts):
        return parts, owner
    gathered = shapely.multilinestrings(parts[np.argsort(owner, kind="stable")], indices=_ranks(owner))
    merged, group = shapely.get_parts(shapely.line_merge(shapely.node(gathered)), return_index=True)
    return merged, np.unique(owner)[group]


def _ranks(owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 0, 1, 2, 2… for each sorted owner."""
    return np.unique(np.sort(owner), return_inverse=True)[1]
