"""Is this ready to learn from? Leaks between training and test, rare classes, features that betray a class.

Suspect labels are looked for in `label_noise`, chips that come twice in `chips`; both are given here too.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from geoatelier.quality.anomalies import anomalies, layer_anomaly, no_anomaly, together
from geoatelier.quality.chips import duplicate_chips
from geoatelier.quality.kinds import Level
from geoatelier.quality.label_noise import suspect_labels
from geoatelier.quality.layer import Layer, layer_of, missing
from geoatelier.quality.wording import SPACE, area, count, number, quote

__all__ = [
    "class_balance",
    "duplicate_chips",
    "leakage",
    "missing_features",
    "suspect_labels",
    "table_layer",
]


def table_layer(n: int, name: str = "apprentissage") -> Layer:
    """A layer of `n` rows without place nor attributes, for controls of plain arrays."""
    return layer_of(gpd.GeoDataFrame(geometry=[None] * n), name, spatial=False)


def leakage(train: Layer, test: Layer, distance: float = 0.0, min_area: float = 1.0) -> gpd.GeoDataFrame:
    """Objects of `test` that the training has already seen, or nearly, each with the gravest reason found.

    They have the key of a training object, its exact geometry, some ground in common with it, or are within
    `distance` of it. Geometries are compared in the system of `test`, which must be in metres.

    Parameters
    ----------
    train, test : the two sides
    distance : m; how far neighbours still look alike (0 leaves neighbours alone)
    min_area : m² of common ground, below which two polygons merely touch

    Raises
    ------
    ValueError
        If one of the two has no coordinate system and the other has one.
    """
    if (train.frame.crs is None) != (test.frame.crs is None):
        raise ValueError(
            "L'un des deux jeux n'a pas de système de coordonnées : ils ne peuvent pas être comparés. "
            "Attribuez-le avec `set_crs`."
        )
    if train.frame.crs != test.frame.crs:
        train = train.in_crs(test.frame.crs)
    same_key = _same_keys(train, test)
    same_shape = _same_shapes(train, test)
    same_shape = same_shape[~np.isin(same_shape[:, 0], same_key[:, 0])]
    known = np.union1d(same_key[:, 0], same_shape[:, 0])
    near, common, apart = _near(train, test, distance)
    covering = _first_by_row(near, -common, common > min_area, known)
    known = np.union1d(known, near[covering, 0])
    close = _first_by_row(near, apart, (apart <= distance) & (distance > 0), known)
    return together(
        [
            _leaks(train, test, "fuite-identique", same_key, ["a le même identifiant que"] * len(same_key)),
            _leaks(train, test, "fuite-identique", same_shape, ["a la même géométrie que"] * len(same_shape)),
            _leaks(
                train, test, "fuite-recouvrement", near[covering],
                [f"partage {area(metres)} de sol avec" for metres in common[covering]],
            ),
            _leaks(
                train, test, "fuite-voisinage", near[close],
                [f"est à {number(metres, 1)}{SPACE}m de" for metres in apart[close]],
            ),
        ],
        test.frame.crs,
    )  # fmt: skip


def class_balance(
    labels: ArrayLike, layer: Layer, *, groups: ArrayLike | None = None, folds: int = 5, most: float = 0.8
) -> gpd.GeoDataFrame:
    """Classes too rare to be in every fold of a cross-validation, and a class that drowns all others.

    Parameters
    ----------
    labels : of shape (n,); missing ones are left out
    layer : a layer of n rows, to which the anomalies belong
    groups : of shape (n,): then a class must be in as many groups as there are folds
    folds : number of folds
    most : share of the rows above which the largest class drowns the others

    Returns
    -------
    GeoDataFrame of anomalies of the whole layer, codes classe-rare and classe-dominante, `valeur` the class
    """
    labels = pd.Series(np.asarray(labels))
    known = ~missing(labels)
    labels = labels[known]
    sizes = labels.value_counts()
    if not len(sizes):
        return no_anomaly(layer)
    what, spread = "objet", sizes
    if groups is not None:
        what, spread = "groupe", pd.Series(np.asarray(groups))[known].groupby(labels).nunique()
    found = [
        layer_anomaly(
            layer,
            "classe-rare",
            f"La classe {quote(name)} n'a que {count(int(spread[name]), what)} pour {folds} découpages : "
            "l'un au moins n'en a pas. Complétez-la, regroupez-la, ou réduisez le nombre de découpages.",
            value=name,
        )
        for name in sizes.index[spread[sizes.index] < folds]
    ]
    largest, share = sizes.index[0], sizes.iloc[0] / sizes.sum()
    if share > most:
        level: Level | None = "erreur" if len(sizes) == 1 else None
        percent = f"{number(100 * share, 1)}{SPACE}%"
        found.append(
            layer_anomaly(
                layer,
                "classe-dominante",
                f"{percent} des objets sont {quote(largest)} : répondre toujours cela suffit pour {percent} "
                "d'exactitude. Jugez le modèle sur chaque classe (rappel, F1), pas sur l'exactitude.",
                value=largest,
                level=level,
            )
        )
    return together(found, layer.frame.crs)


def missing_features(
    X: pd.DataFrame, labels: ArrayLike, layer: Layer, *, gap: float = 0.5
) -> gpd.GeoDataFrame:
    """Features that are missing much more often in one class than in the others: the gap betrays the class.

    Parameters
    ----------
    X : features, one column each
    labels : of shape (n,)
    layer : a layer of n rows, to which the anomalies belong
    gap : difference between the share of missing values in a class and in all others, from 0 to 1

    Returns
    -------
    GeoDataFrame of anomalies of the whole layer, code variable-absente: `attribut` the feature, `valeur` the
    class
    """
    labels = np.asarray(labels)
    lacking = np.array([missing(X[name]) for name in X.columns], dtype=bool).reshape(len(X.columns), len(X)).T
    found = []
    for name in pd.unique(pd.Series(labels).dropna()):
        inside = labels == name
        if inside.all():
            continue
        here, elsewhere = lacking[inside].mean(axis=0), lacking[~inside].mean(axis=0)
        for column in np.flatnonzero(here - elsewhere >= gap):
            found.append(
                layer_anomaly(
                    layer,
                    "variable-absente",
                    f"{quote(X.columns[column])} manque à {number(100 * here[column])}{SPACE}% des objets de "
                    f"la classe {quote(name)} et à {number(100 * elsewhere[column])}{SPACE}% des autres. "
                    "Retrouvez les valeurs, ou retirez cette variable.",
                    attribute=str(X.columns[column]),
                    value=name,
                )
            )
    return together(found, layer.frame.crs)


def _leaks(
    train: Layer, test: Layer, code: str, pairs: NDArray[np.int64], reasons: list[str]
) -> gpd.GeoDataFrame:
    """Anomalies of the test objects of `pairs`, of shape (n, 2): row of the test, row of the training."""
    others = train.keys[pairs[:, 1]]
    messages = [
        f"Cet objet de test {reason} {quote(other)}, qui sert à l'apprentissage. "
        "Mettez les deux du même côté, ou retirez celui-ci."
        for reason, other in zip(reasons, others, strict=True)
    ]
    return anomalies(test, code, pairs[:, 0], messages, related=others)


def _same_keys(train: Layer, test: Layer) -> NDArray[np.int64]:
    if train.key is None or test.key is None:
        return np.zeros((0, 2), dtype=np.int64)
    seen = pd.Series(np.arange(len(train.rows)), index=train.keys)[~missing(train.frame[train.key])]
    seen = seen[~seen.index.duplicated()]
    rows = np.flatnonzero(~missing(test.frame[test.key]) & pd.Index(test.keys).isin(seen.index))
    return np.column_stack([rows, seen.loc[test.keys[rows]].to_numpy(dtype=np.int64)])


def _same_shapes(train: Layer, test: Layer) -> NDArray[np.int64]:
    seen = pd.Series(np.arange(len(train.rows)), index=_shapes(train))[train.present]
    seen = seen[~seen.index.duplicated()]
    shapes = _shapes(test)
    rows = np.flatnonzero(test.present & pd.Index(shapes).isin(seen.index))
    return np.column_stack([rows, seen.loc[shapes[rows]].to_numpy(dtype=np.int64)])


def _shapes(layer: Layer) -> NDArray[np.object_]:
    return shapely.to_wkb(shapely.normalize(shapely.force_2d(layer.geometries)))


def _near(
    train: Layer, test: Layer, distance: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Pairs (test, training) within `distance`, the area that they share (m²), how far apart they are (m)."""
    one, other = shapely.STRtree(train.geometries).query(
        test.geometries, predicate="dwithin", distance=distance
    )
    a, b = _valid(test.geometries[one]), _valid(train.geometries[other])
    common = shapely.area(shapely.intersection(a, b))
    return np.column_stack([one, other]), common, shapely.distance(a, b)


def _valid(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    return np.where(shapely.is_valid(geometries), geometries, shapely.make_valid(geometries))


def _first_by_row(
    pairs: NDArray[np.int64], cost: NDArray[np.float64], allowed: NDArray[np.bool_], known: NDArray[np.int64]
) -> NDArray[np.int64]:
    """For each test row not yet `known`, the position of its allowed pair of least cost."""
    at = np.flatnonzero(allowed & ~np.isin(pairs[:, 0], known))
    at = at[np.lexsort([cost[at], pairs[at, 0]])]
    return at[np.unique(pairs[at, 0], return_index=True)[1]]
