"""Answer only when sure enough: what abstaining costs, and the threshold that holds a promise."""

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pandas import DataFrame
from scipy import stats
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.validation import check_is_fitted

from geoatelier.learning.applicability import AreaOfApplicability
from geoatelier.learning.tables import outcomes

STRICT_TO_LENIENT = tuple(round(0.95 - 0.05 * step, 2) for step in range(20))


def risk_coverage(correct: ArrayLike, confidence: ArrayLike) -> DataFrame:
    """Share of rows answered and share of errors among them, for each threshold of confidence.

    Parameters
    ----------
    correct : array of shape (n_samples,), whether each answer is right
    confidence : array of shape (n_samples,), how sure the model is of it, in [0, 1]

    Returns
    -------
    DataFrame
        One row a distinct confidence, from the strictest threshold to the one that answers all: `seuil`
        (answers given from this confidence on), `couverture` and `erreur`, both in [0, 1].

    Raises
    ------
    ValueError
        If a value is missing or out of its domain.

    References
    ----------
    El-Yaniv & Wiener (2010), On the foundations of noise-free selective classification, Journal of Machine
    Learning Research 11, 1605-1641.
    """
    right, sure = outcomes(correct, confidence)
    order = np.argsort(-sure, kind="stable")
    answered = np.arange(1, len(order) + 1)
    errors = np.cumsum(~right[order])
    last = np.append(np.diff(sure[order]) != 0, True)
    return DataFrame(
        {
            "seuil": sure[order][last],
            "couverture": answered[last] / len(order),
            "erreur": (errors / answered)[last],
        }
    )


def error_bound(errors: int, answered: int, *, confidence: float = 0.9) -> float:
    """Largest error rate that `errors` among `answered` answers do not rule out, by Clopper and Pearson.

    Parameters
    ----------
    errors, answered : counts, on answers drawn as those to come
    confidence : probability, over such draws, that the true rate is at most the bound

    Raises
    ------
    ValueError
        If there is no answer, or more errors than answers.
    """
    if not 0 <= errors <= answered or answered < 1:
        raise ValueError(f"{errors} erreur(s) pour {answered} réponse(s) : ces effectifs sont impossibles.")
    interval = stats.binomtest(errors, answered, alternative="less").proportion_ci(confidence)
    return float(interval.high)


def threshold_for_error(
    correct: ArrayLike,
    confidence: ArrayLike,
    target: float,
    *,
    trust: float = 0.9,
    candidates: Sequence[float] = STRICT_TO_LENIENT,
) -> float:
    """Lowest threshold of confidence whose error rate is shown to be at most `target`.

    The candidates are tested in turn, from the strictest: an exact binomial test asks whether the errors
    among the answers given are too few for a rate above `target`, and the first candidate to fail stops the
    descent. Since the order is fixed beforehand, no correction for the number of tests is needed: with
    probability `trust`, the error rate at the threshold is at most `target`, for answers drawn as these. In
    another place this says nothing.

    Parameters
    ----------
    correct : array of shape (n_samples,), whether each answer is right; of rows that the model did not learn
        from, independent of one another
    confidence : array of shape (n_samples,), how sure the model is of it, in [0, 1]
    target : error rate allowed among the answers given, in (0, 1)
    trust : probability that the promise holds, in (0, 1)
    candidates : thresholds chosen before looking at these data, in decreasing order

    Returns
    -------
    float
        The threshold; infinity, so that every row is left aside, if no promise can be made. This happens too
        when the first candidate answers too few rows: start lower, but before looking.

    Raises
    ------
    ValueError
        If a value is missing or out of its domain, or the candidates do not decrease.

    References
    ----------
    Angelopoulos, Bates, Candès, Jordan & Lei (2025), Learn then test: calibrating predictive algorithms to
    achieve risk control, Annals of Applied Statistics 19, 1641-1662 (fixed sequence testing).
    """
    right, sure = outcomes(correct, confidence)
    if not (0 < target < 1 and 0 < trust < 1):
        raise ValueError("L'erreur admise et la confiance sont des parts, entre 0 et 1 exclus.")
    levels = np.asarray(candidates, dtype=np.float64)
    if levels.size == 0 or not (np.diff(levels) < 0).all():
        raise ValueError("Donnez les seuils candidats du plus strict au plus large, sans répétition.")
    answers = sure >= levels[:, np.newaxis]
    errors = (answers & ~right).sum(axis=1)
    # No answer, no proof: the probability of 0 error in 0 answer is 1.
    p_values = stats.binom.cdf(errors, answers.sum(axis=1), target)
    shown = np.logical_and.accumulate(p_values <= 1 - trust)
    return float(levels[shown][-1]) if shown.any() else float("inf")


class AbstainingClassifier(ClassifierMixin, BaseEstimator):
    """A classifier that keeps silent when it is not sure, or outside its area of applicability.

    Parameters
    ----------
    estimator : classifier with `predict_proba`; it is cloned and fitted, unless it is a `FrozenEstimator`
    threshold : confidence from which it answers; infinity to answer nothing
    area : an area of applicability, fitted with the estimator unless frozen; None to rely on confidence alone
    silence : what `predict` gives in place of an answer

    Attributes
    ----------
    classes_ : classes of the estimator
    estimator_, area_ : as fitted
    """

    def __init__(
        self,
        estimator: BaseEstimator,
        threshold: float,
        *,
        area: AreaOfApplicability | None = None,
        silence: str = "abstention",
    ) -> None:
        self.estimator = estimator
        self.threshold = threshold
        self.area = area
        self.silence = silence

    def fit(self, X: DataFrame | NDArray, y: ArrayLike) -> Self:
        """Fit the estimator, and the area if there is one.

        Raises
        ------
        ValueError
            If the estimator gives no probability, if the threshold is none, or if a class has the name of the
            silence.
        """
        if not (0 <= self.threshold <= 1 or self.threshold == np.inf):
            raise ValueError(
                "Le seuil est une probabilité, de 0 à 1, ou l'infini pour ne jamais répondre ; reçu : "
                f"{self.threshold}."
            )
        if not hasattr(self.estimator, "predict_proba"):
            raise ValueError(
                f"{type(self.estimator).__name__} ne donne pas de probabilités : on ne sait pas quand il "
                "doute. Prenez un modèle qui a predict_proba."
            )
        self.estimator_ = clone(self.estimator).fit(X, y)
        self.area_ = None if self.area is None else clone(self.area).fit(X, y)
        self.classes_ = self.estimator_.classes_
        if self.silence in self.classes_:
            raise ValueError(f"« {self.silence} » est aussi une classe : donnez un autre nom au silence.")
        return self

    def confidence(self, X: DataFrame | NDArray) -> NDArray[np.float64]:
        """Probability that the estimator gives to its answer, array of shape (n_samples,)."""
        check_is_fitted(self, "estimator_")
        return self.estimator_.predict_proba(X).max(axis=1)

    def answers(self, X: DataFrame | NDArray) -> NDArray[np.bool_]:
        """Tell which rows get an answer, array of shape (n_samples,)."""
        sure = self.confidence(X) >= self.threshold
        return sure if self.area_ is None else sure & self.area_.inside(X)

    def predict(self, X: DataFrame | NDArray) -> NDArray[np.object_]:
        """Class of each row, or `silence`, array of shape (n_samples,)."""
        return np.where(self.answers(X), self.estimator_.predict(X).astype(object), self.silence)
