"""Classes of precision of the French order of 16 September 2003, « modèle standard ».

Three conditions must hold together for deviations in position measured on N points, a class [xx] in metres
and a safety coefficient C, how many times the control is more precise than the class:

1. the mean deviation is at most [xx] (1 + 1/(2 C²));
2. at most N' deviations exceed T = k [xx] (1 + 1/(2 C²)), where N' is the integer just above
   0.01 N + 0.232 √N, and 0 under 5 points;
3. no deviation exceeds 1.5 T.

k is the ratio of the 99 % quantile to the mean of the length of a normal vector of 1, 2 or 3 coordinates:
3.23, 2.42, 2.11. The 0.232 √N is 2.33 standard deviations of the count of excesses at 1 %.

References
----------
Arrêté du 16 septembre 2003 portant sur les classes de précision applicables aux catégories de travaux
topographiques (NOR EQUP0300864A, JO du 30 octobre 2003), article 5, and its circular (NOR EQUP0300865C). The
formulas were read in secondary sources that quote it, and k and N' derived again from the normal law.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geoatelier.quality.wording import SPACE, count, number, quote

SAFETY = 2.0
_K = {1: 3.23, 2: 2.42, 3: 2.11}


@dataclass(frozen=True)
class ClassCheck:
    """Whether deviations hold a class of precision, and each of its three conditions.

    Parameters
    ----------
    precision_class : the class asked for, in metres
    points : number of points controlled
    mean, mean_limit : mean deviation and its limit, in metres
    threshold : first threshold T, in metres; the second is 1.5 times as much
    beyond, allowed : number of deviations over the first threshold, and how many may be
    beyond_second : number of deviations over the second threshold, where none may be
    """

    precision_class: float
    points: int
    mean: float
    mean_limit: float
    threshold: float
    beyond: int
    allowed: int
    beyond_second: int

    @property
    def held(self) -> bool:
        """Whether the three conditions hold."""
        return self.mean <= self.mean_limit and self.beyond <= self.allowed and not self.beyond_second

    def sentence(self) -> str:
        """The verdict in French, with its three figures."""
        name = f"classe {_metres(self.precision_class)}"
        return (
            f"{'Conforme' if self.held else 'Non conforme'} à la {name} (arrêté du 16 septembre 2003), sur "
            f"{count(self.points, 'point')}{SPACE}: écart moyen {_metres(self.mean)} pour "
            f"{_metres(self.mean_limit)} admis{SPACE}; {count(self.beyond, 'écart')} au-delà de "
            f"{_metres(self.threshold)} pour {number(self.allowed)} admis{SPACE}; "
            f"{number(self.beyond_second)} au-delà de {_metres(1.5 * self.threshold)}, où aucun n'est admis."
        )


def allowed_excesses(points: int) -> int:
    """How many of `points` deviations may exceed the first threshold."""
    return 0 if points < 5 else math.ceil(0.01 * points + 0.232 * math.sqrt(points))


def check_class(
    deviations: ArrayLike, precision_class: float, *, safety: float = SAFETY, coordinates: int = 2
) -> ClassCheck:
    """Whether deviations hold a class of precision.

    Parameters
    ----------
    deviations : array of shape (n,), lengths in metres
    precision_class : [xx], in metres
    safety : C, how many times the reference is more precise than the class; 2 or more
    coordinates : 1 for heights, 2 for planimetry, 3 for both together

    Raises
    ------
    ValueError
        If there is no deviation, if the class is not positive, or if the safety coefficient is under 2.
    """
    lengths = _lengths(deviations, safety, coordinates)
    if not precision_class > 0:
        raise ValueError(
            f"La classe de précision doit être positive, en mètres, et non {quote(precision_class)}."
        )
    limit = precision_class * _widening(safety)
    threshold = _K[coordinates] * limit
    return ClassCheck(
        precision_class=precision_class,
        points=len(lengths),
        mean=float(lengths.mean()),
        mean_limit=limit,
        threshold=threshold,
        beyond=int((lengths > threshold).sum()),
        allowed=allowed_excesses(len(lengths)),
        beyond_second=int((lengths > 1.5 * threshold).sum()),
    )


def smallest_class(deviations: ArrayLike, *, safety: float = SAFETY, coordinates: int = 2) -> float:
    """The smallest class, in metres, that deviations hold: parameters and errors as in `check_class`."""
    lengths = np.sort(_lengths(deviations, safety, coordinates))[::-1]
    allowed = min(allowed_excesses(len(lengths)), len(lengths) - 1)
    k = _K[coordinates]
    return float(max(lengths.mean(), lengths[allowed] / k, lengths[0] / (1.5 * k)) / _widening(safety))


def _widening(safety: float) -> float:
    return 1 + 1 / (2 * safety**2)


def _lengths(deviations: ArrayLike, safety: float, coordinates: int) -> NDArray[np.float64]:
    lengths = np.asarray(deviations, dtype=float)
    if not len(lengths):
        raise ValueError("Il n'y a aucun écart à juger. Donnez au moins un point contrôlé.")
    if not safety >= 2:
        raise ValueError(
            f"Le coefficient de sécurité vaut au moins 2, et non {quote(safety)}{SPACE}: "
            "le contrôle doit être deux fois plus précis que ce qu'il juge."
        )
    if coordinates not in _K:
        raise ValueError(f"Un écart a 1, 2 ou 3 coordonnées, et non {quote(coordinates)}.")
    return lengths


def _metres(value: float) -> str:
    """A length in centimetres under one metre, in metres from there on."""
    return f"{number(100 * value, 1)}{SPACE}cm" if value < 1 else f"{number(value, 2)}{SPACE}m"
