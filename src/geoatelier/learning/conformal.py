"""Sets of classes that hold the right one as often as promised, on data drawn as those of calibration."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pandas import DataFrame
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from geoatelier.learning.tables import one_a_row


class ConformalSets(BaseEstimator):
    """Split conformal prediction: every class whose probability reaches a threshold read on calibration data.

    Over draws of the calibration data and of a new row from one distribution, the set holds the right class
    with probability `coverage` at least. The promise is about the average over all rows, not about each class
    or place, and it falls with the hypothesis: in a place unlike the calibration data nothing is promised.

    Parameters
    ----------
    classes : the classes, in the order of the columns of probability (`model.classes_`)
    coverage : share of sets that must hold the right class, in (0, 1)

    Attributes
    ----------
    threshold_ : probability from which a class is in the set

    References
    ----------
    Sadinle, Lei & Wasserman (2019), Least ambiguous set-valued classifiers with bounded error levels, Journal
    of the American Statistical Association 114, 223-234. Angelopoulos & Bates (2023), Conformal prediction: a
    gentle introduction, Foundations and Trends in Machine Learning 16, 494-591.
    """

    def __init__(self, classes: ArrayLike, *, coverage: float = 0.9) -> None:
        self.classes = classes
        self.coverage = coverage

    def fit(self, probabilities: ArrayLike, y: ArrayLike) -> Self:
        """Read the threshold on rows that the model did not learn from.

        Parameters
        ----------
        probabilities : array of shape (n_samples, n_classes)
        y : array of shape (n_samples,), the right class of each row

        Raises
        ------
        ValueError
            If a class of `y` is unknown to the model, if shapes do not agree, or if there are too few rows to
            promise this coverage.
        """
        if not 0 < self.coverage < 1:
            raise ValueError("La couverture promise est une part, entre 0 et 1 exclus.")
        table = self._read(probabilities)
        right = one_a_row(y, len(table), "Classes")
        known = np.asarray(self.classes)
        unknown = sorted({str(name) for name in right[~np.isin(right, known)]})
        if unknown:
            raise ValueError(
                f"Le modèle n'a jamais vu à l'entraînement : {', '.join(unknown)}. Aucun ensemble ne peut "
                "les contenir : apprenez-les, ou écartez-les et dites-le."
            )
        rank = _ceiling(self.coverage * (len(table) + 1))
        if rank > len(table):
            needed = _ceiling(self.coverage / (1 - self.coverage))
            raise ValueError(f"{len(table)} ligne(s) ne suffisent pas ; il en faut au moins {needed}.")
        given = table[right[:, np.newaxis] == known]
        self.threshold_ = float(np.sort(given)[len(table) - rank])
        return self

    def sets(self, probabilities: ArrayLike) -> DataFrame:
        """Tell for each row which classes are in its set: booleans of shape (n_samples, n_classes).

        A set may be empty, when no class is likely enough: it is then a row unlike those of calibration.

        Raises
        ------
        ValueError
            If shapes do not agree, or a value is missing, or is no probability.
        """
        check_is_fitted(self, "threshold_", msg="Le seuil n'est pas encore lu : appelez d'abord fit.")
        return DataFrame(self._read(probabilities) >= self.threshold_, columns=np.asarray(self.classes))

    def _read(self, probabilities: ArrayLike) -> NDArray[np.float64]:
        table = np.asarray(probabilities, dtype=np.float64)
        count = len(np.asarray(self.classes))
        if table.ndim != 2 or table.shape[1] != count:
            raise ValueError(f"Il faut une probabilité par classe, soit {count} colonnes.")
        if not np.isfinite(table).all():
            raise ValueError("Des probabilités manquent : le modèle a-t-il répondu à toutes les lignes ?")
        if (table < 0).any() or (table > 1).any():
            raise ValueError("Une probabilité va de 0 à 1. Donnez ce que rend predict_proba.")
        return table


def _ceiling(value: float) -> int:
    # 0.9 / (1 - 0.9) is a hair over 9.
    return int(np.ceil(round(value, 9)))
