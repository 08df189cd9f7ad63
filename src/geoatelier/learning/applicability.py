"""Where a model may be used: how far a new place lies from what the model learnt from."""

import warnings
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pandas import DataFrame, Series
from sklearn.base import BaseEstimator
from sklearn.metrics import pairwise_distances_argmin, pairwise_distances_chunked
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_is_fitted

from geoatelier.learning.tables import names_of, numbers_of, one_a_row

_ROWS_AT_ONCE = 50_000
_MEGABYTES_AT_ONCE = 64


class AreaOfApplicability(BaseEstimator):
    """Area of applicability of a model, by the dissimilarity index of Meyer and Pebesma.

    The predictors are standardised by the mean and standard deviation of the training data, then multiplied
    by the weights. The dissimilarity index of a row is its Euclidean distance to the nearest training row,
    over the mean distance between all pairs of training rows: 0 for a row of the training data, about 1 for
    one as far from its nearest neighbour as two training rows are from one another on average. The index of
    the training data leaves out the rows of the same fold of the cross-validation; the threshold is its
    maximum once outliers are put aside. The index sees predictors only: a row inside resembles what was
    learnt from, which does not make its prediction right.

    Parameters
    ----------
    rule : how the maximum without outliers is read. "fence": third quartile plus 1.5 interquartile range,
        and no more than the maximum (the R package CAST since its issues 46 and 65). "whisker": the largest
        index that does not exceed this fence, the upper whisker of a box plot (the sentence of the paper;
        CAST up to 0.7.0).
        The two differ by less than the gap between two neighbouring indices.

    Attributes
    ----------
    threshold_ : largest dissimilarity that is inside the area
    training_dissimilarity_ : array of shape (n_samples,), the index of each training row
    mean_distance_ : mean distance between training rows, the unit of the index
    names_ : the columns, all of them
    constant_ : the columns that never vary in the training data; the index cannot see them
    n_features_in_ : number of columns

    References
    ----------
    Meyer & Pebesma (2021), Predicting into unknown space? Estimating the area of applicability of spatial
    prediction models, Methods in Ecology and Evolution 12, 1620-1633. Package CAST, functions `trainDI` and
    `aoa`.
    """

    def __init__(self, *, rule: Literal["fence", "whisker"] = "fence") -> None:
        self.rule = rule

    def fit(
        self,
        X: DataFrame | NDArray,
        y: None = None,
        *,
        weights: ArrayLike | Series | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Learn the training data, and the threshold from their cross-validated dissimilarity.

        Parameters
        ----------
        X : table of shape (n_samples, n_features), numbers without NaN
        y : not used, for scikit-learn's pipelines
        weights : one a column, such as the importances of the model, in the order of the columns or as a
            Series indexed by their names. Negative ones count as 0, as in CAST. By default 1 everywhere
        groups : the fold of each row in the cross-validation of the model: neighbours in the same fold do
            not count. By default each row is alone in its fold

        Raises
        ------
        ValueError
            If there are fewer than two rows or two folds, if a value is missing, if no column varies, if the
            weights are not one a column, or are all 0.
        """
        if self.rule not in ("fence", "whisker"):
            raise ValueError(f"« {self.rule} » n'est pas une règle : choisissez « fence » ou « whisker ».")
        self.names_ = names_of(X)
        self.n_features_in_ = len(self.names_)
        values = numbers_of(X, self.names_)
        if len(values) < 2:
            raise ValueError(
                f"Il faut au moins deux lignes pour mesurer une distance ; il y en a {len(values)}."
            )
        varies = np.ptp(values, axis=0) > 0
        if not varies.any():
            raise ValueError("Aucune colonne ne varie : toutes les lignes sont au même endroit.")
        self.constant_ = [name for name, kept in zip(self.names_, varies, strict=True) if not kept]
        self._constants = values[0, ~varies]
        self._varies = varies
        self._centre = values[:, varies].mean(axis=0)
        self._scale = _weights(weights, self.names_)[varies] / values[:, varies].std(axis=0, ddof=1)
        if not self._scale.any():
            raise ValueError("Tous les poids des colonnes qui varient sont nuls : aucune distance n'en sort.")
        self._known = self._standardised(values)
        folds = _folds(groups, len(values))
        self.mean_distance_, nearest = _distances_within(self._known, folds)
        self.training_dissimilarity_ = nearest / self.mean_distance_
        self.threshold_ = _threshold(self.training_dissimilarity_, self.rule)
        return self

    def dissimilarity(self, X: DataFrame | NDArray) -> NDArray[np.float64]:
        """Dissimilarity index of each row, an array of shape (n_samples,), without unit.

        A column that never varied in the training data is left aside, with a warning if it varies here: the
        model could not learn what it changes.

        Raises
        ------
        ValueError
            If a column is missing, or a value.
        """
        check_is_fitted(self, "threshold_")
        values = numbers_of(X, self.names_)
        self._warn_of_constants(values)
        return _nearest_distances(self._standardised(values), self._known) / self.mean_distance_

    def inside(self, X: DataFrame | NDArray) -> NDArray[np.bool_]:
        """Tell whether each row lies inside the area; takes and raises the same as `dissimilarity`."""
        return self.dissimilarity(X) <= self.threshold_

    def _standardised(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        # The fast search asks for rows that are contiguous.
        return np.ascontiguousarray((values[:, self._varies] - self._centre) * self._scale)

    def _warn_of_constants(self, values: NDArray[np.float64]) -> None:
        moved = (values[:, ~self._varies] != self._constants).any(axis=0)
        for name in np.asarray(self.constant_, dtype=object)[moved]:
            warnings.warn(
                f"« {name} » ne variait pas à l'entraînement et prend ici d'autres valeurs : l'indice ne "
                "peut pas en tenir compte. Regardez-la à part.",
                stacklevel=3,
            )


def _weights(weights: ArrayLike | Series | None, names: list) -> NDArray[np.float64]:
    if weights is None:
        return np.ones(len(names))
    if isinstance(weights, Series):
        missing = [name for name in names if name not in weights.index]
        if missing:
            raise ValueError(f"Il manque le poids de « {missing[0]} ». Donnez un poids par colonne.")
        weights = weights[names]
    found = np.asarray(weights, dtype=np.float64)
    if found.shape != (len(names),) or not np.isfinite(found).all():
        raise ValueError(
            f"Il faut un poids connu par colonne, soit {len(names)} ; il y en a {np.isfinite(found).sum()}."
        )
    return found.clip(min=0)


def _folds(groups: ArrayLike | None, count: int) -> NDArray[np.intp]:
    """Number of the fold of each row; each row is alone in its own without groups."""
    if groups is None:
        return np.arange(count)
    names, folds = np.unique(one_a_row(groups, count, "Groupes"), return_inverse=True)
    if len(names) < 2:
        raise ValueError(
            "Il n'y a qu'un seul groupe : aucune ligne n'a de voisine dans un autre. Donnez les plis de la "
            "validation croisée, ou rien."
        )
    return folds


def _distances_within(
    rows: NDArray[np.float64], folds: NDArray[np.intp]
) -> tuple[float, NDArray[np.float64]]:
    """Mean distance between two rows, and distance from each row to the nearest one of another fold."""

    def reduce(part: NDArray[np.float64], start: int) -> tuple[NDArray, NDArray]:
        totals = part.sum(axis=1)
        part[folds[start : start + len(part), np.newaxis] == folds] = np.inf
        return totals, part.argmin(axis=1)

    parts = pairwise_distances_chunked(rows, reduce_func=reduce, working_memory=_MEGABYTES_AT_ONCE)
    totals, nearest = (np.concatenate(found) for found in zip(*parts, strict=True))
    mean = totals.sum() / (len(rows) * (len(rows) - 1))
    return float(mean), np.linalg.norm(rows - rows[nearest], axis=1)


def _nearest_distances(rows: NDArray[np.float64], known: NDArray[np.float64]) -> NDArray[np.float64]:
    # The fast search finds the right row but rounds small distances: measured again, a known row is at 0.
    distances = np.empty(len(rows))
    for batch in gen_batches(len(rows), _ROWS_AT_ONCE):
        nearest = pairwise_distances_argmin(rows[batch], known)
        distances[batch] = np.linalg.norm(rows[batch] - known[nearest], axis=1)
    return distances


def _threshold(dissimilarity: NDArray[np.float64], rule: str) -> float:
    first, third = np.percentile(dissimilarity, [25, 75])
    fence = third + 1.5 * (third - first)
    if rule == "whisker":
        return float(dissimilarity[dissimilarity <= fence].max())
    return float(min(fence, dissimilarity.max()))
