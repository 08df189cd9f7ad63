"""Accuracy of position: how far the objects of a layer are from where a reference says they are."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree
from scipy.stats import chi2, f

from geoatelier.quality.layer import Layer
from geoatelier.quality.measure import Measure
from geoatelier.quality.measures import measure
from geoatelier.quality.precision_class import SAFETY, smallest_class
from geoatelier.quality.reference_pairs import Pairs, check_same_metres, middles
from geoatelier.quality.wording import SPACE, count, number

_MICROMETRE = 1e-6
_NEIGHBOURS = 8


@dataclass(frozen=True)
class PositionAccuracy:
    """Deviations in position of paired objects.

    Parameters
    ----------
    rows : integers of shape (m,), positions in the layer
    shifts : array of shape (m, 2), layer less reference, in metres
    places : array of shape (m, 2), coordinates in the reference
    hausdorff : array of shape (m,), largest distance between two outlines, in metres; that of the points
        themselves for points
    left_out : number of pairs without a middle on one side: no geometry, or an invalid one
    """

    rows: NDArray[np.int64]
    shifts: NDArray[np.float64]
    places: NDArray[np.float64]
    hausdorff: NDArray[np.float64]
    left_out: int = 0

    @cached_property
    def distances(self) -> NDArray[np.float64]:
        """Lengths of the shifts, in metres, of shape (m,)."""
        return np.hypot(*self.shifts.T)

    @property
    def mean(self) -> float:
        """Mean value of positional uncertainties (ISO 28), in metres."""
        return float(self.distances.mean())

    @property
    def rmse(self) -> float:
        """Root mean square error of planimetry (ISO 47), in metres."""
        return float(np.sqrt((self.distances**2).mean()))

    @property
    def ce95(self) -> float:
        """Radius within which 95 % of the objects are (ISO 45), as observed, in metres."""
        return float(np.quantile(self.distances, 0.95))

    @property
    def normal_ce95(self) -> float:
        """Circular error at 95 % (ISO 45) by the normal law: 2.4477 / √2 times the RMSE, in metres.

        It holds when errors are normal, centred, and alike in x and y: a few gross errors make it useless.

        References
        ----------
        FGDC-STD-007.3-1998, NSSDA, appendix 3-A: 1.7308 RMSE.
        """
        return float(np.sqrt(chi2.ppf(0.95, 2) / 2) * self.rmse)

    @property
    def maximum(self) -> float:
        """The largest deviation, in metres."""
        return float(self.distances.max())

    @property
    def bias(self) -> tuple[float, float]:
        """Mean shift (ISO 128) towards the east and the north, in metres."""
        east, north = self.shifts.mean(axis=0)
        return float(east), float(north)

    @cached_property
    def bias_p_value(self) -> float:
        """Chance of so large a mean shift if errors were centred: Hotelling's T², nan under three objects.

        References
        ----------
        Hotelling (1931), Annals of Mathematical Statistics 2, 360-378.
        """
        n = len(self.shifts)
        if n < 3:
            return np.nan
        mean = self.shifts.mean(axis=0)
        # Without the micrometre, shifts that are all the same would have no inverse.
        spread = np.cov(self.shifts.T) + _MICROMETRE**2 * np.eye(2)
        t_squared = n * mean @ np.linalg.solve(spread, mean)
        return float(f.sf((n - 2) / (2 * (n - 1)) * t_squared, 2, n - 2))

    @property
    def bias_share(self) -> float:
        """Share of the mean square error that the mean shift explains, in [0, 1]."""
        return float(np.hypot(*self.bias) ** 2 / self.rmse**2) if self.rmse else 0.0

    @property
    def systematic(self) -> bool:
        """Whether the objects are shifted all together: not by chance, and for most of the error."""
        return bool(self.bias_p_value < 0.01 and self.bias_share > 0.5)

    @cached_property
    def relative(self) -> NDArray[np.float64]:
        """Difference of shift, in metres, between each object and its eight nearest neighbours; flat array.

        A shift of the whole layer cancels out: what is left is how wrong distances between neighbours are.
        """
        n = len(self.places)
        neighbours = min(_NEIGHBOURS, n - 1)
        if neighbours < 1:
            return np.zeros(0)
        _, near = KDTree(self.places).query(self.places, k=neighbours + 1)
        here, there = np.repeat(np.arange(n), neighbours + 1), near.ravel()
        first, second = np.divmod(np.unique(np.minimum(here, there) * n + np.maximum(here, there)), n)
        other = first != second
        return np.hypot(*(self.shifts[first[other]] - self.shifts[second[other]]).T)

    def measures(self, file: str, layer: str, safety: float = SAFETY) -> tuple[Measure, ...]:
        """The measures of the catalogue, nan without any pair.

        Parameters
        ----------
        safety : how many times the reference is more precise than the class of precision
        """
        n = len(self.distances)
        values = dict.fromkeys(_CODES, np.nan)
        if n:
            figures = (
                self.mean, np.hypot(*self.bias), self.rmse, self.ce95, self.normal_ce95, self.maximum,
                np.quantile(self.hausdorff, 0.95), smallest_class(self.distances, safety=safety),
            )  # fmt: skip
            values = dict(zip(_CODES, figures, strict=True))
        pairs = len(self.relative)
        relative = np.quantile(self.relative, 0.9) if pairs else np.nan
        return (
            *(measure(code, value, n, file=file, layer=layer) for code, value in values.items()),
            measure("erreur-relative-90", relative, pairs, file=file, layer=layer),
        )

    def sentence(self) -> str:
        """What to remember, in French."""
        if not len(self.distances):
            return "Aucun objet n'est apparié à la référence. La position n'a pas pu être mesurée."
        largest = f"le plus grand vaut {_metres(self.maximum)}"
        start = (
            f"Écart moyen {_metres(self.mean)} sur {count(len(self.distances), 'objet')}{SPACE}; "
            f"95{SPACE}% sont à {_metres(self.ce95)} ou moins de leur place, {largest}. "
        )
        east, north = self.bias
        if not self.systematic:
            return start + "Pas de décalage d'ensemble."
        return (
            f"{start}Décalage d'ensemble{SPACE}: "
            f"{_metres(abs(east))} vers l'{'est' if east > 0 else 'ouest'} et "
            f"{_metres(abs(north))} vers le {'nord' if north > 0 else 'sud'}. "
            f"Il explique {number(100 * self.bias_share)}{SPACE}% de l'erreur{SPACE}: vérifiez le calage."
        )


def position_accuracy(layer: Layer, reference: Layer, pairs: Pairs) -> PositionAccuracy:
    """Deviations in position between paired objects, from middle to middle.

    Parameters
    ----------
    pairs : from `reference_pairs`; pairs made by distance never deviate more than their radius: prefer keys

    Raises
    ------
    ValueError
        If the CRS differ, are missing or in degrees.
    """
    check_same_metres(layer, reference)
    here, there = middles(layer)[pairs.rows], middles(reference)[pairs.twins]
    known = ~(shapely.is_missing(here) | shapely.is_missing(there))
    rows, twins = pairs.rows[known], pairs.twins[known]
    places = shapely.get_coordinates(there[known])
    return PositionAccuracy(
        rows=rows,
        shifts=shapely.get_coordinates(here[known]) - places,
        places=places,
        hausdorff=shapely.hausdorff_distance(layer.geometries[rows], reference.geometries[twins]),
        left_out=int((~known).sum()),
    )


_CODES = (
    "ecart-moyen", "biais-position", "ecart-quadratique", "erreur-circulaire-95",
    "erreur-circulaire-95-normale", "ecart-maximal", "ecart-hausdorff-95", "classe-precision",
)  # fmt: skip


def _metres(value: float) -> str:
    return f"{number(value, 2)}{SPACE}m"
