"""What changes from one table to another: variable by variable, and all of them together."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pandas import DataFrame
from scipy import stats
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from geoatelier.learning.tables import names_of, numbers_of, one_a_row


def compare_tables(reference: DataFrame | NDArray, other: DataFrame | NDArray) -> DataFrame:
    """Distances between the distributions of each variable in two tables.

    Parameters
    ----------
    reference, other : tables of shape (n, n_features) and (m, n_features), of the same variables, without NaN

    Returns
    -------
    DataFrame
        Indexed by variable: `ks`, the Kolmogorov-Smirnov statistic, in [0, 1]; `p_ajustee`, its p-value
        adjusted for the number of variables (false discovery rate, Benjamini and Hochberg 1995), which
        supposes independent rows; `wasserstein`, the distance in standard deviations of `reference`. The last
        one says how much a variable has moved, the p-value only whether chance could do it.

    Raises
    ------
    ValueError
        If a column is missing, or a value, or if a table has fewer than two rows.
    """
    names, first, second = _both(reference, other)
    tested = stats.ks_2samp(first, second, axis=0)
    spread = first.std(axis=0, ddof=1)
    moved = np.array([stats.wasserstein_distance(a, b) for a, b in zip(first.T, second.T, strict=True)])
    with np.errstate(divide="ignore", invalid="ignore"):
        in_spreads = np.where(moved == 0, 0, moved / spread)
    return DataFrame(
        {
            "ks": tested.statistic,
            "p_ajustee": stats.false_discovery_control(tested.pvalue),
            "wasserstein": in_spreads,
        },
        index=names,
    )


def domain_auc(
    reference: DataFrame | NDArray,
    other: DataFrame | NDArray,
    *,
    groups: tuple[ArrayLike, ArrayLike] | None = None,
    estimator: BaseEstimator | None = None,
    folds: int = 5,
    seed: int = 0,
) -> float:
    """How well a classifier tells two tables apart: area under the ROC curve, cross-validated.

    Parameters
    ----------
    reference, other : tables of the same variables, without NaN
    groups : what must not be split between folds, in each table (the parcel of each pixel, for instance)
    estimator : a classifier; by default a regularised logistic regression, which sees shifts of the mean only
    folds : number of folds
    seed : of the folds

    Returns
    -------
    float
        0.5 when nothing tells the tables apart, 1 when everything does.

    Raises
    ------
    ValueError
        If a column is missing, or a value, or if a table has fewer rows, or groups, than there are folds.

    References
    ----------
    Lopez-Paz & Oquab (2017), Revisiting classifier two-sample tests, ICLR.
    """
    _, first, second = _both(reference, other)
    X, y = np.vstack([first, second]), np.repeat([0, 1], [len(first), len(second)])
    model = estimator or make_pipeline(StandardScaler(), LogisticRegression(C=0.1, solver="newton-cg"))
    smallest, units = min(len(first), len(second)), "lignes"
    splitter: Callable = StratifiedKFold
    labels = None
    if groups is not None:
        owners = [
            one_a_row(found, len(table), "Groupes")
            for found, table in zip(groups, (first, second), strict=True)
        ]
        smallest, units = min(len(np.unique(found)) for found in owners), "groupes"
        splitter, labels = StratifiedGroupKFold, np.concatenate(owners)
    if smallest < folds:
        raise ValueError(f"Il faut au moins {folds} {units} dans chaque table ; il y en a {smallest}.")
    parts = splitter(folds, shuffle=True, random_state=seed)
    return float(cross_val_score(model, X, y, groups=labels, cv=parts, scoring="roc_auc").mean())


def _both(
    reference: DataFrame | NDArray, other: DataFrame | NDArray
) -> tuple[list, NDArray[np.float64], NDArray[np.float64]]:
    names = names_of(reference)
    first, second = numbers_of(reference, names), numbers_of(other, names)
    if min(len(first), len(second)) < 2:
        raise ValueError("Il faut au moins deux lignes dans chaque table pour comparer des distributions.")
    return names, first, second
