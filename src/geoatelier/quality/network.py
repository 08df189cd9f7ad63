"""How the lines of a network meet: free ends, ends that stop short or go too far, needless cuts.

Tolerances are in metres: put the layer in a projected system first. Altitudes are left aside.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geoatelier.quality.anomalies import anomalies, no_anomaly, together
from geoatelier.quality.layer import Layer
from geoatelier.quality.nodes import SNAP, Network, network_of
from geoatelier.quality.wording import SPACE, number, quote


def network_faults(layer: Layer, tolerance: float = 1.0) -> gpd.GeoDataFrame:
    """All that is wrong, or merely notable, where the lines of `layer` should meet.

    An end within `tolerance` of where it should be is an error: it stops short of a line, of another end, or
    goes past a line that it crosses. A free end elsewhere is only told of, in a layer that is a network: a
    road has dead ends and a stream a source. A line that is itself shorter than `tolerance` and hangs from
    another is a warning: what was left of an end that went too far, cut at the crossing.

    Parameters
    ----------
    tolerance : m
    """
    network = network_of(layer)
    if not len(network.lines):
        return no_anomaly(layer)
    free = np.flatnonzero(network.free)
    past = _overshoots(network, free, tolerance)
    rest = np.setdiff1d(free, past.end)
    apart = _close_ends(network, rest, tolerance)
    rest = np.setdiff1d(rest, np.concatenate([apart.end, apart.other]))
    short = _undershoots(network, rest, tolerance)
    found = [
        _overshoot_anomalies(layer, network, past),
        _gap_anomalies(layer, network, apart),
        _undershoot_anomalies(layer, network, short),
        _pseudo_nodes(layer, network),
    ]
    if network.is_network:
        missing = network.line_of_end[np.concatenate([past.end, apart.end, apart.other, short.end])]
        isolated = np.setdiff1d(_isolated_rows(network), network.row[missing])
        rest = np.setdiff1d(rest, short.end)
        rest = rest[~np.isin(network.row[network.line_of_end[rest]], isolated)]
        found += [_dangle_anomalies(layer, network, rest), _isolated_anomalies(layer, isolated)]
    return together(found, layer.frame.crs)


@dataclass(frozen=True)
class _Misses:
    """Ends of lines that miss `other` (a line, or an end) by `distance` metres; arrays of shape (n,)."""

    end: NDArray[np.int64]
    other: NDArray[np.int64]
    distance: NDArray[np.float64]

    def nearest(self) -> "_Misses":
        """For each end, what it misses by least."""
        order = np.lexsort([self.distance, self.end])
        _, first = np.unique(self.end[order], return_index=True)
        kept = order[first]
        return _Misses(self.end[kept], self.other[kept], self.distance[kept])


def _near(network: Network, ends: NDArray[np.int64], tolerance: float) -> _Misses:
    """Lines within `tolerance` of each of `ends`, the line of the end excepted."""
    point, line = network.tree.query(network.ends[ends], predicate="dwithin", distance=tolerance)
    end = ends[point]
    other = line != network.line_of_end[end]
    end, line = end[other], line[other]
    return _Misses(end, line, shapely.distance(network.ends[end], network.lines[line]))


def _tails(network: Network, near: _Misses) -> NDArray[np.float64]:
    """Metres along its line from each end to the nearest point where the line meets `other`; inf if never."""
    mine, theirs = network.lines[network.line_of_end[near.end]], network.lines[near.other]
    common, pair = shapely.get_coordinates(shapely.intersection(mine, theirs), return_index=True)
    along = shapely.line_locate_point(mine[pair], shapely.points(common))
    at_start = near.end[pair] < len(network.lines)
    tails = np.full(len(near.end), np.inf)
    np.minimum.at(tails, pair, np.where(at_start, along, shapely.length(mine[pair]) - along))
    return tails


def _overshoots(network: Network, ends: NDArray[np.int64], tolerance: float) -> _Misses:
    near = _near(network, ends, tolerance)
    tails = _tails(network, near)
    past = tails <= tolerance
    return _Misses(near.end[past], near.other[past], tails[past]).nearest()


def _undershoots(network: Network, ends: NDArray[np.int64], tolerance: float) -> _Misses:
    near = _near(network, ends, tolerance)
    missed = _tails(network, near) > 2 * tolerance  # else a hook: the line starts from there and turns round
    return _Misses(near.end[missed], near.other[missed], near.distance[missed]).nearest()


def _close_ends(network: Network, ends: NDArray[np.int64], tolerance: float) -> _Misses:
    """Pairs of free ends within `tolerance`, each in one pair at most, the closest first."""
    points = network.ends[ends]
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=tolerance)
    kept = one < other
    one, other = ends[one[kept]], ends[other[kept]]
    line = network.line_of_end
    same_short_line = (line[one] == line[other]) & (shapely.length(network.lines[line[one]]) <= 4 * tolerance)
    one, other = one[~same_short_line], other[~same_short_line]
    distance = shapely.distance(network.ends[one], network.ends[other])
    taken: set[int] = set()
    pairs = []
    for pair in np.argsort(distance, kind="stable"):
        if one[pair] not in taken and other[pair] not in taken:
            taken |= {one[pair], other[pair]}
            pairs.append(pair)
    pairs = np.array(pairs, dtype=int)
    one, other = np.where(line[one] <= line[other], (one, other), (other, one))[:, pairs]
    return _Misses(one, other, distance[pairs])


def _isolated_rows(network: Network) -> NDArray[np.int64]:
    """Rows all of whose pieces are isolated."""
    return np.setdiff1d(network.row[network.isolated], network.row[~network.isolated])


def _overshoot_anomalies(layer: Layer, network: Network, past: _Misses) -> gpd.GeoDataFrame:
    mine = network.line_of_end[past.end]
    stub = past.distance >= shapely.length(network.lines[mine]) - SNAP
    rows, others = network.row[mine], layer.keys[network.row[past.other]]
    tables = []
    for whole, level in ((False, "erreur"), (True, "avertissement")):
        at = np.flatnonzero(stub == whole)
        messages = [
            f"L'objet entier ne mesure que {_metres(metres)} à partir de {quote(other)}. C'est sans doute un "
            "dépassement coupé au carrefour : supprimez-le s'il n'existe pas sur le terrain."
            if whole
            else f"La ligne dépasse {quote(other)} de {_metres(metres)}. Coupez ce qui dépasse, "
            "ou coupez les deux lignes au carrefour."
            for other, metres in zip(others[at], past.distance[at], strict=True)
        ]
        tables.append(
            anomalies(
                layer,
                "raccord-depasse",
                rows[at],
                messages,
                geometry=network.ends[past.end[at]],
                related=others[at],
                values=past.distance[at].round(3),
                level=level,
            )
        )
    return together(tables, layer.frame.crs)


def _undershoot_anomalies(layer: Layer, network: Network, short: _Misses) -> gpd.GeoDataFrame:
    others = layer.keys[network.row[short.other]]
    messages = [
        f"La ligne s'arrête à {_metres(metres)} de {quote(other)}. Prolongez-la jusqu'au contact, "
        "ou confirmez qu'elle ne le touche pas."
        for other, metres in zip(others, short.distance, strict=True)
    ]
    return anomalies(
        layer,
        "raccord-trop-court",
        network.row[network.line_of_end[short.end]],
        messages,
        geometry=network.ends[short.end],
        related=others,
        values=short.distance.round(3),
    )


def _gap_anomalies(layer: Layer, network: Network, apart: _Misses) -> gpd.GeoDataFrame:
    others = layer.keys[network.row[network.line_of_end[apart.other]]]
    messages = [
        f"Cette extrémité et celle de {quote(other)} sont à {_metres(metres)} l'une de l'autre. "
        "Accrochez-les au même point."
        for other, metres in zip(others, apart.distance, strict=True)
    ]
    return anomalies(
        layer,
        "raccord-manquant",
        network.row[network.line_of_end[apart.end]],
        messages,
        geometry=network.ends[apart.end],
        related=others,
        values=apart.distance.round(3),
    )


def _dangle_anomalies(layer: Layer, network: Network, ends: NDArray[np.int64]) -> gpd.GeoDataFrame:
    return anomalies(
        layer,
        "extremite-libre",
        network.row[network.line_of_end[ends]],
        "Cette extrémité ne rejoint aucune ligne. C'est normal pour une impasse, une source, "
        "ou au bord du territoire.",
        geometry=network.ends[ends],
    )


def _isolated_anomalies(layer: Layer, rows: NDArray[np.int64]) -> gpd.GeoDataFrame:
    return anomalies(
        layer,
        "ligne-isolee",
        rows,
        "Cette ligne ne touche aucune autre. Vérifiez qu'il ne manque pas le tronçon qui la relie au réseau.",
    )


def _pseudo_nodes(layer: Layer, network: Network) -> gpd.GeoDataFrame:
    """Nodes where two lines of the same attributes meet, and nothing else."""
    order = np.argsort(network.node, kind="stable")
    degree = np.bincount(network.node)
    first = (np.cumsum(degree) - degree)[degree == 2]
    one, other = order[first], order[first + 1]
    row_one, row_other = network.row[network.line_of_end[one]], network.row[network.line_of_end[other]]
    values = layer.value_hashes
    alike = (row_one != row_other) & (values[row_one] == values[row_other])
    one, row_one, row_other = one[alike], row_one[alike], row_other[alike]
    point, _ = network.tree.query(network.ends[one], predicate="dwithin", distance=SNAP)
    only_two = np.bincount(point, minlength=len(one)) == 2
    rows, others = row_one[only_two], layer.keys[row_other[only_two]]
    messages = [
        f"Cette ligne et {quote(other)} ont les mêmes attributs et se suivent sans carrefour. "
        "Fusionnez-les, sauf si la coupure a un sens."
        for other in others
    ]
    return anomalies(
        layer, "pseudo-noeud", rows, messages, geometry=network.ends[one[only_two]], related=others
    )


def _metres(metres: float) -> str:
    if metres < 1:
        return f"{number(100 * metres, 1)}{SPACE}cm"
    return f"{number(metres, 2)}{SPACE}m"
