"""Labels that a model strongly contradicts: a suspicion to look into, never a proof."""

from collections.abc import Hashable, Sequence

import geopandas as gpd
import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GroupKFold, KFold

from geoatelier.quality.anomalies import anomalies, no_anomaly
from geoatelier.quality.layer import Layer
from geoatelier.quality.wording import SPACE, number, quote


def suspect_labels(
    X: ArrayLike,
    y: ArrayLike,
    groups: ArrayLike | None,
    layer: Layer,
    *,
    label: str | None = None,
    model: BaseEstimator | None = None,
    folds: int = 5,
) -> gpd.GeoDataFrame:
    """Rows whose label a model that never saw them contradicts with confidence, the most doubtful first.

    Parameters
    ----------
    X : features of shape (n, p)
    y : labels of shape (n,)
    groups : of shape (n,): rows of one group (a parcel, a tile) are never on both sides; None for none
    layer : a layer of n rows, for their keys and places (`readiness.table_layer` for rows without a place)
    label : column that holds `y`
    model : a scikit-learn classifier with `predict_proba`; a random forest when not given
    folds : number of folds of the cross-validation; fewer where there are fewer groups

    Returns
    -------
    GeoDataFrame of anomalies of code etiquette-suspecte, `valeur` the label that the model would give

    Raises
    ------
    ValueError
        If lengths differ, or if there are fewer than two groups.
    """
    labels = np.asarray(y)
    if not len(X) == len(labels) == len(layer.rows) or (groups is not None and len(groups) != len(labels)):
        raise ValueError(
            f"Il faut autant de lignes partout : {len(X)} lignes de variables, {len(labels)} étiquettes, "
            f"{len(layer.rows)} objets" + (f", {len(groups)} groupes." if groups is not None else ".")
        )
    classes, given = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        return no_anomaly(layer)
    predicted = out_of_fold_probabilities(np.asarray(X), given, groups, model, folds)
    rows, instead = contradicted(predicted, given)
    messages = [
        f"Étiquette douteuse : {quote(classes[given[row]])}, mais un modèle qui n'a pas vu cet objet y "
        f"voit {quote(classes[other])} ({number(100 * predicted[row, other])}{SPACE}%). C'est un soupçon : "
        "regardez l'objet avant de corriger."
        for row, other in zip(rows, instead, strict=True)
    ]
    return anomalies(layer, "etiquette-suspecte", rows, messages, attribute=label, values=classes[instead])


def out_of_fold_probabilities(
    X: NDArray,
    given: NDArray[np.int64],
    groups: Sequence[Hashable] | None,
    model: BaseEstimator | None,
    folds: int,
) -> NDArray[np.float64]:
    """Probability of each class, of shape (n, classes), from a model that never saw the row nor its group.

    Raises
    ------
    ValueError
        If there are fewer than two groups, or fewer than two rows.
    """
    groups = np.arange(len(given)) if groups is None else np.unique(groups, return_inverse=True)[1]
    n_groups = len(np.unique(groups))
    if n_groups < 2:
        raise ValueError(
            "Il faut au moins deux groupes pour juger une étiquette par un modèle qui ne l'a pas vue."
        )
    model = model or RandomForestClassifier(100, min_samples_leaf=2, random_state=0, n_jobs=1)
    splitter = KFold if n_groups == len(given) else GroupKFold
    split = splitter(min(folds, n_groups), shuffle=True, random_state=0)
    predicted = np.zeros((len(given), given.max() + 1))
    for train, test in split.split(X, given, groups):
        fitted = clone(model).fit(X[train], given[train])
        predicted[np.ix_(test, fitted.classes_)] = fitted.predict_proba(X[test])
    return predicted


def contradicted(
    predicted: NDArray[np.float64], given: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows off the diagonal of the confident joint, and the class that each gets, the widest margin first.

    A class is a confident guess for a row when its probability reaches the mean probability of that class
    among the rows that bear it. A row is contradicted when the best of its confident guesses is another class
    than its own. Northcutt, Jiang and Chuang (2021), Confident Learning, JAIR 70, equations 1 and 2; ranking
    by normalised margin.

    Parameters
    ----------
    predicted : out-of-fold probabilities of shape (n, classes)
    given : class of each row, of shape (n,), from 0
    """
    belongs = np.eye(predicted.shape[1], dtype=bool)[given]
    threshold = np.where(belongs, predicted, 0).sum(axis=0) / np.maximum(belongs.sum(axis=0), 1)
    confident = (predicted >= threshold) & (predicted > 0)
    best = np.where(confident, predicted, -1).argmax(axis=1)
    own = predicted[np.arange(len(given)), given]
    margin = predicted[np.arange(len(given)), best] - own
    rows = np.flatnonzero(confident.any(axis=1) & (best != given) & (margin > 0))
    rows = rows[np.argsort(-margin[rows], kind="stable")]
    return rows, best[rows]
