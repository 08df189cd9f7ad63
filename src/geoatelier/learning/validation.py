"""Validation that asks the question one means: on a known parcel, on a new parcel, or somewhere else."""

from collections.abc import Hashable, Sequence

import numpy as np
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import ArrayLike, NDArray
from pandas import DataFrame, Series
from scipy import stats
from sklearn.base import BaseEstimator
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_score


def shared_groups(groups: ArrayLike, train: ArrayLike, test: ArrayLike) -> set[Hashable]:
    """Groups that stand on both sides of a split: each one is a leak.

    Parameters
    ----------
    groups : array of shape (n_samples,), the parcel of each sample
    train, test : positions of the samples on each side
    """
    groups = np.asarray(groups)
    return set(groups[np.asarray(train)]) & set(groups[np.asarray(test)])


def spatial_blocks(points: GeoDataFrame, side: float) -> Series:
    """The square block that holds each point, for validation by blocks.

    Parameters
    ----------
    points : table of points in a projected CRS
    side : side of a block, in the CRS's unit (metres in Lambert-93)

    Returns
    -------
    Series of str, same index, such as `0894_6195` for the column and the row of the block

    Raises
    ------
    ValueError
        If the CRS is geographic or missing (a side in degrees is no distance), if a place is not a point, or
        if `side` is not positive.
    """
    if points.crs is None or points.crs.is_geographic:
        raise ValueError(
            "Un bloc se mesure en mètres : projetez d'abord les points, par exemple avec to_crs(2154)."
        )
    refuse_no_points(points)
    if not side > 0:
        raise ValueError(f"Le côté d'un bloc doit être positif ; {side} ne l'est pas.")
    columns = np.floor(points.geometry.x / side).astype(int).astype(str).str.zfill(4)
    rows = np.floor(points.geometry.y / side).astype(int).astype(str).str.zfill(4)
    return columns + "_" + rows


def refuse_no_points(points: GeoSeries | GeoDataFrame) -> None:
    """Raise ValueError, with what to do in French, if some places are no points."""
    wrong = points.geometry.isna() | points.geometry.is_empty | (points.geom_type != "Point")
    if wrong.any():
        raise ValueError(
            f"Des lieux ne sont pas des points : {wrong.sum()} sur {wrong.size}. D'un polygone, prenez le "
            "centre avec .centroid."
        )


def random_minus_grouped(
    estimator: BaseEstimator,
    X: DataFrame | NDArray,
    y: ArrayLike,
    groups: ArrayLike,
    *,
    folds: int = 5,
    seed: int = 0,
) -> float:
    """Optimism of random validation: its mean accuracy less that of grouped validation.

    Parameters
    ----------
    estimator : a scikit-learn classifier; it is cloned, never fitted in place
    X : array of shape (n_samples, n_features), reflectances in [0, 1]
    y : array of shape (n_samples,), the class of each sample
    groups : array of shape (n_samples,), the parcel of each sample; a parcel is never split
    folds : number of folds of both validations
    seed : of both draws

    Raises
    ------
    ValueError
        If there are fewer groups than folds.

    References
    ----------
    Roberts et al. (2017), Ecography 40, 913-929.
    """
    n_groups = len(np.unique(np.asarray(groups)))
    if n_groups < folds:
        raise ValueError(f"Il faut au moins {folds} groupes pour {folds} plis ; il y en a {n_groups}.")
    random = cross_val_score(estimator, X, y, cv=StratifiedKFold(folds, shuffle=True, random_state=seed))
    grouped = cross_val_score(
        estimator, X, y, groups=groups, cv=StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    )
    return float(random.mean() - grouped.mean())


def mean_interval(
    values: Sequence[float] | NDArray, *, confidence: float = 0.95, test_to_train: float = 0
) -> tuple[float, float, float]:
    """Mean of repeated draws and its confidence interval, by Student's t.

    Draws that reuse the same samples are not independent: their plain interval is too narrow. `test_to_train`
    widens it by the correction of Nadeau and Bengio.

    Parameters
    ----------
    values : at least two draws
    confidence : in (0, 1)
    test_to_train : size of the test set over that of the training set; 0 for independent draws

    Returns
    -------
    (mean, low, high)

    Raises
    ------
    ValueError
        If there are fewer than two values.

    References
    ----------
    Nadeau & Bengio (2003), Inference for the generalization error, Machine Learning 52, 239-281.
    """
    values = np.asarray(values, dtype=float)
    if values.size < 2:
        raise ValueError("Un intervalle demande au moins deux tirages.")
    error = values.std(ddof=1) * np.sqrt(1 / values.size + test_to_train)
    half = error * stats.t.ppf((1 + confidence) / 2, values.size - 1)
    mean = values.mean()
    return float(mean), float(mean - half), float(mean + half)
