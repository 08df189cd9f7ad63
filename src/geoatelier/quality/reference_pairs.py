"""Which object of a layer is which object of a reference, one to one: by key, by distance, or by overlap."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching
from shapely import STRtree

from geoatelier.quality.layer import Layer, missing
from geoatelier.quality.wording import SPACE, quote, some

# Share of the largest cost that settles between candidates as good as each other.
_TIE = 1e-6


@dataclass(frozen=True)
class Pairs:
    """Objects of a layer and of a reference that are the same; an object is in one pair at most.

    Parameters
    ----------
    rows : integers of shape (m,), positions in the layer
    twins : integers of shape (m,), positions in the reference
    """

    rows: NDArray[np.int64]
    twins: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)


def pair_by_key(
    layer: Layer, reference: Layer, key: str | None = None, reference_key: str | None = None
) -> Pairs:
    """Pairs that have the same key; of several objects with one key, the nearest to its twin is paired.

    Parameters
    ----------
    key : column of `layer`; that of its profile when not given
    reference_key : column of `reference`; of the same name when not given

    Raises
    ------
    ValueError
        If one of the columns is unknown or not given.
    """
    key = key or layer.key
    if key is None:
        raise ValueError("Aucune colonne n'identifie les objets. Donnez-en une, ou appariez par la position.")
    keys, true_keys = _keys(layer, key, "la couche"), _keys(reference, reference_key or key, "la référence")
    found = keys.merge(true_keys, on="key", suffixes=("", "_true"))
    rows, twins = found["place"].to_numpy(), found["place_true"].to_numpy()
    distance = np.zeros(len(rows))
    if layer.frame.crs == reference.frame.crs:
        apart = shapely.distance(layer.geometries[rows], reference.geometries[twins])
        farthest = np.nanmax(apart, initial=0) or 1
        distance = np.nan_to_num(apart / farthest, nan=1)
    return _assigned(rows, twins, distance)


def pair_nearest(layer: Layer, reference: Layer, radius: float) -> Pairs:
    """Pairs whose middles are within `radius`: as many as can be, and of these the least total distance.

    Parameters
    ----------
    radius : metres (units of the CRS), inclusive

    Raises
    ------
    ValueError
        If the CRS differ, are missing or in degrees, or if `radius` is not positive.
    """
    check_same_metres(layer, reference)
    if not radius > 0:
        raise ValueError(f"La distance de recherche doit être positive, et non {quote(radius)}.")
    here, there = middles(layer), middles(reference)
    rows, twins = STRtree(there).query(here, predicate="dwithin", distance=radius)
    return _assigned(rows, twins, shapely.distance(here[rows], there[twins]) / radius)


def pair_overlapping(layer: Layer, reference: Layer, least: float = 0.5) -> Pairs:
    """Pairs of surfaces whose intersection is at least a share of their union: the most, and the best, pairs.

    Parameters
    ----------
    least : share in ]0, 1]

    Raises
    ------
    ValueError
        If the CRS differ, are missing or in degrees, or if `least` is not in ]0, 1].
    """
    check_same_metres(layer, reference)
    if not 0 < least <= 1:
        raise ValueError(f"La part commune doit être entre 0 et 1, et non {quote(least)}.")
    here, there = _surfaces(layer), _surfaces(reference)
    rows, twins = STRtree(there).query(here, predicate="intersects")
    common = shapely.area(shapely.intersection(here[rows], there[twins]))
    # A bow-tie mended may have no area at all.
    union = np.maximum(shapely.area(here)[rows] + shapely.area(there)[twins] - common, np.finfo(float).tiny)
    share = common / union
    kept = share >= least
    return _assigned(rows[kept], twins[kept], 1 - share[kept])


def check_same_metres(layer: Layer, reference: Layer) -> None:
    """Raise a French ValueError unless both are in one projected CRS."""
    crs, true = layer.frame.crs, reference.frame.crs
    if crs is None or true is None:
        raise ValueError(
            "La couche et la référence doivent dire leur système de coordonnées. Donnez-le avec `set_crs`."
        )
    if crs != true:
        raise ValueError(
            f"La couche est en {quote(crs.name)}, la référence en {quote(true.name)}. "
            "Reprojetez l'une des deux avec `to_crs`."
        )
    if crs.is_geographic:
        raise ValueError("Ces coordonnées sont en degrés. Reprojetez les deux couches avec `to_crs`.")


def middles(layer: Layer) -> NDArray[np.object_]:
    """The middle of each object, of shape (n,): the point, half-way along a line, the centroid of a surface.

    It is None where there is no geometry, or an invalid one, whose centroid means nothing.
    """
    geometries = layer.geometries
    lines = np.isin(shapely.get_type_id(geometries), (1, 2, 5))
    whole = layer.present & shapely.is_valid(geometries)
    points = np.full(len(geometries), None, dtype=object)
    points[lines & whole] = shapely.line_interpolate_point(geometries[lines & whole], 0.5, normalized=True)
    points[~lines & whole] = shapely.centroid(geometries[~lines & whole])
    return points


def _keys(layer: Layer, column: str, which: str) -> pd.DataFrame:
    """Columns place and key of the rows that have a key, as text."""
    if column not in layer.attributes:
        raise ValueError(
            f"La colonne {quote(column)} n'est pas dans {which}, qui a{SPACE}: {some(layer.attributes, 12)}."
        )
    values = layer.frame[column]
    places = np.flatnonzero(~missing(values))
    return pd.DataFrame({"place": places, "key": values.iloc[places].astype("str").to_numpy()})


def _surfaces(layer: Layer) -> NDArray[np.object_]:
    """Valid surfaces of shape (n,), None for what is no surface."""
    surfaces = np.where(layer.polygonal, layer.geometries, None)
    broken = layer.polygonal & ~shapely.is_valid(layer.geometries)
    surfaces[broken] = shapely.make_valid(surfaces[broken], method="structure")
    return surfaces


def _assigned(rows: NDArray[np.int64], twins: NDArray[np.int64], cost: NDArray[np.float64]) -> Pairs:
    """The assignment with the most pairs, then the least total cost, among candidates of cost in [0, 1]."""
    if not len(rows):
        return Pairs(rows, twins)
    alone = (np.bincount(rows)[rows] == 1) & (np.bincount(twins)[twins] == 1)
    chosen = np.flatnonzero(alone)
    rivals = np.flatnonzero(~alone)
    if len(rivals):
        chosen = np.concatenate([chosen, rivals[_least(rows[rivals], twins[rivals], cost[rivals])]])
    chosen = chosen[np.argsort(rows[chosen])]
    return Pairs(rows[chosen], twins[chosen])


def _least(rows: NDArray[np.int64], twins: NDArray[np.int64], cost: NDArray[np.float64]) -> NDArray[np.int64]:
    """Which candidates make the best assignment.

    The solver wants every row assigned and no weight of 0: each row also gets a column of its own, dearer
    than any set of candidates that it could save. Of two exact copies, the first row is paired.
    """
    row_of, left = np.unique(rows, return_inverse=True)
    column_of, right = np.unique(twins, return_inverse=True)
    n, m = len(row_of), len(column_of)
    nobody = np.arange(n)
    weights = np.concatenate([1 + cost + _TIE * left / n, np.full(n, 3.0 * (n + 1))])
    places = np.concatenate([left, nobody]), np.concatenate([right, m + nobody])
    graph = csr_array((weights, places), shape=(n, m + n))
    _, column = min_weight_full_bipartite_matching(graph)
    return np.flatnonzero(column[left] == right)
