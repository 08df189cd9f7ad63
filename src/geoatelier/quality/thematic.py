"""Accuracy of attributes: how often, or by how much, their values differ from those of a reference."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest, norm
from sklearn.metrics import cohen_kappa_score, confusion_matrix

from geoatelier.quality.layer import Layer, is_number, missing
from geoatelier.quality.measure import Measure
from geoatelier.quality.measures import measure
from geoatelier.quality.reference_pairs import Pairs
from geoatelier.quality.text import repair
from geoatelier.quality.wording import SPACE, count, number, quote, some


@dataclass(frozen=True)
class ClassAccuracy:
    """Values of a column of codes or names against the true ones.

    Parameters
    ----------
    column : its name in the layer
    given, true : values as text, of shape (m,), where both sides have one
    left_out : number of pairs where one side has no value: an omission, not an error
    """

    column: str
    given: NDArray[np.object_]
    true: NDArray[np.object_]
    left_out: int = 0

    @property
    def wrong(self) -> int:
        """Number of incorrect attribute values (ISO 65)."""
        return int((self.given != self.true).sum())

    @property
    def rate(self) -> float:
        """Rate of correct attribute values (ISO 66), in [0, 1]; nan without any value."""
        return 1 - self.wrong / len(self.true) if len(self.true) else np.nan

    @cached_property
    def interval(self) -> tuple[float, float]:
        """Wilson interval of the rate at 95 %, as if the pairs were drawn at random; nan without any value.

        References
        ----------
        Wilson (1927), Journal of the American Statistical Association 22, 209-212.
        """
        n = len(self.true)
        if not n:
            return np.nan, np.nan
        found = binomtest(n - self.wrong, n).proportion_ci(0.95, method="wilson")
        return float(found.low), float(found.high)

    @cached_property
    def matrix(self) -> pd.DataFrame:
        """Misclassification matrix (ISO 62): items of the true class (row) given a class (column)."""
        classes = np.unique(np.concatenate([self.true, self.given]).astype(str))
        if not len(classes):
            return pd.DataFrame(dtype=int)
        if len(classes) == 1:  # scikit-learn warns of it
            counts = np.array([[len(self.true)]])
        else:
            counts = confusion_matrix(self.true.astype(str), self.given.astype(str), labels=classes)
        return pd.DataFrame(
            counts, index=pd.Index(classes, name="référence"), columns=pd.Index(classes, name="couche")
        )

    @property
    def relative_matrix(self) -> pd.DataFrame:
        """Relative misclassification matrix (ISO 63): the same, in [0, 1] of the items of the true class."""
        return self.matrix.div(self.matrix.sum(axis=1), axis=0)

    @property
    def kappa(self) -> float:
        """Cohen's kappa (ISO 64): 1 when all agree, 0 when only by chance; nan with a single class."""
        if len(self.matrix) < 2:
            return np.nan
        return float(cohen_kappa_score(self.true.astype(str), self.given.astype(str)))

    def measures(self, file: str, layer: str) -> tuple[Measure, ...]:
        """The measures of the catalogue, their titles followed by the column; nan without any value."""
        n = len(self.true)
        wrong = self.wrong if n else np.nan
        error = 100 * (1 - self.rate)
        values = {
            "nombre-mal-classe": wrong,
            "taux-mal-classe": error,
            "kappa": self.kappa,
            "nombre-valeur-fausse": wrong,
            "taux-valeur-juste": 100 * self.rate,
            "taux-valeur-fausse": error,
        }
        return tuple(
            measure(code, value, n, file=file, layer=layer, about=self.column)
            for code, value in values.items()
        )

    def sentence(self) -> str:
        """What to remember, in French."""
        if not len(self.true):
            return f"Aucune valeur de {quote(self.column)} n'a pu être comparée à la référence."
        low, high = (_percent(bound) for bound in self.interval)
        agreement = "" if np.isnan(self.kappa) else f" Kappa{SPACE}: {number(self.kappa, 2)}."
        return (
            f"{quote(self.column)}{SPACE}: {_percent(self.rate)} de valeurs justes sur "
            f"{number(len(self.true))} comparées, entre {low} et {high} avec 95{SPACE}% de confiance."
            f"{agreement}"
        )


@dataclass(frozen=True)
class ValueAccuracy:
    """Values of a column of numbers or dates against the true ones.

    Parameters
    ----------
    column : its name in the layer
    errors : layer less reference, of shape (m,), in the unit of the column, or in days for dates
    dates : whether they are dates
    left_out : number of pairs where one side has no value
    """

    column: str
    errors: NDArray[np.float64]
    dates: bool = False
    left_out: int = 0

    @property
    def uncertainty(self) -> float:
        """Half-width within which 95 % of the errors are (LE95, ISO 71; 57 for dates), as observed."""
        return float(np.quantile(np.abs(self.errors), 0.95)) if len(self.errors) else np.nan

    @property
    def normal_uncertainty(self) -> float:
        """LE95 by the normal law: 1.96 times the root mean square error."""
        return float(norm.ppf(0.975) * np.sqrt((self.errors**2).mean())) if len(self.errors) else np.nan

    @property
    def bias(self) -> float:
        """Mean error."""
        return float(self.errors.mean()) if len(self.errors) else np.nan

    def measures(self, file: str, layer: str) -> tuple[Measure, ...]:
        """The measure of the catalogue, its title followed by the column."""
        code = "exactitude-temps-95" if self.dates else "incertitude-valeur-95"
        n = len(self.errors)
        return (measure(code, self.uncertainty, n, file=file, layer=layer, about=self.column),)

    def sentence(self) -> str:
        """What to remember, in French."""
        if not len(self.errors):
            return f"Aucune valeur de {quote(self.column)} n'a pu être comparée à la référence."
        compared = count(len(self.errors), "valeur comparée", "valeurs comparées")
        return (
            f"{quote(self.column)}{SPACE}: sur {compared}, "
            f"95{SPACE}% s'écartent de la vraie de {self._written(self.uncertainty)} au plus{SPACE}; "
            f"écart moyen {self._written(self.bias)}."
        )

    def _written(self, value: float) -> str:
        return number(value, 2) + (f"{SPACE}{'jours' if abs(value) >= 2 else 'jour'}" if self.dates else "")


def class_accuracy(
    layer: Layer, reference: Layer, pairs: Pairs, column: str, reference_column: str | None = None
) -> ClassAccuracy:
    """Compare a column of codes or names with that of the reference, as they are written.

    Garbled accents are read as they were meant: they are an error of format, not of theme.

    Parameters
    ----------
    pairs : which object is which
    reference_column : its name in the reference, when it is another

    Raises
    ------
    ValueError
        If a column is unknown.
    """
    ours, true, known = _compared(layer, reference, pairs, column, reference_column or column)
    return ClassAccuracy(column, _labels(ours[known]), _labels(true[known]), int((~known).sum()))


def value_accuracy(
    layer: Layer, reference: Layer, pairs: Pairs, column: str, reference_column: str | None = None
) -> ValueAccuracy:
    """Compare a column of numbers or dates with that of the reference: parameters as in `class_accuracy`.

    Raises
    ------
    ValueError
        If a column is unknown, or holds neither numbers nor dates.
    """
    ours, true, known = _compared(layer, reference, pairs, column, reference_column or column)
    numbers = is_number(ours) and is_number(true)
    given, expected = (
        (ours.astype(float).to_numpy(), true.astype(float).to_numpy())
        if numbers
        else (_days(ours, column), _days(true, column))
    )
    errors = given - expected
    known &= np.isfinite(errors)
    return ValueAccuracy(column, errors[known], not numbers, int((~known).sum()))


def _compared(
    layer: Layer, reference: Layer, pairs: Pairs, column: str, reference_column: str
) -> tuple[pd.Series, pd.Series, NDArray[np.bool_]]:
    """Values of each side for each pair, and where both are there."""
    for side, name, which in ((layer, column, "la couche"), (reference, reference_column, "la référence")):
        if name not in side.attributes:
            raise ValueError(
                f"La colonne {quote(name)} n'est pas dans {which}{SPACE}: {some(side.attributes, 12)}."
            )
    ours = layer.frame[column].iloc[pairs.rows].reset_index(drop=True)
    true = reference.frame[reference_column].iloc[pairs.twins].reset_index(drop=True)
    return ours, true, ~missing(ours) & ~missing(true)


def _labels(values: pd.Series) -> NDArray[np.object_]:
    """Values as text; 21 and 21.0 are the same."""
    if is_number(values):
        return np.array([f"{value:.15g}" for value in values.astype(float)], dtype=object)
    return values.astype("str").map(repair).to_numpy(dtype=object)


def _days(values: pd.Series, column: str) -> NDArray[np.float64]:
    """Dates as days since 1970; nan where there is none."""
    if is_number(values):
        dates = pd.Series(pd.NaT, index=values.index)
    else:
        dates = pd.to_datetime(values, errors="coerce", format="ISO8601", utc=True)
    if len(values) and dates.isna().all():
        raise ValueError(
            f"{quote(column)} n'a ni nombres ni dates des deux côtés. Comparez-la avec `class_accuracy`."
        )
    return ((dates - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)).to_numpy(dtype=float)


def _percent(rate: float) -> str:
    return f"{number(100 * rate, 1)}{SPACE}%"
