"""Completeness against a reference: what it has and the layer lacks, what the layer has and it does not."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoatelier.quality.anomalies import anomalies, together
from geoatelier.quality.layer import Layer
from geoatelier.quality.measure import Measure
from geoatelier.quality.measures import measure
from geoatelier.quality.reference_pairs import Pairs, pair_nearest, pair_overlapping
from geoatelier.quality.wording import SPACE, count, number, quote


@dataclass(frozen=True)
class Completeness:
    """Objects of a layer and of its reference once they are paired.

    Parameters
    ----------
    layer, reference : in the same CRS; the reference covers what the layer should
    pairs : which object is which
    """

    layer: Layer
    reference: Layer
    pairs: Pairs

    @property
    def expected(self) -> int:
        """Number of objects that should be there: those of the reference that have a geometry."""
        return int(self.reference.present.sum())

    @property
    def excess(self) -> NDArray[np.int64]:
        """Positions in the layer of objects in excess; those without a geometry cannot be told."""
        return _left(self.layer, self.pairs.rows)

    @property
    def missing(self) -> NDArray[np.int64]:
        """Positions in the reference of the objects that the layer lacks."""
        return _left(self.reference, self.pairs.twins)

    def anomalies(self) -> gpd.GeoDataFrame:
        """One row an object in excess, then one an object missing, each at its own place.

        A missing object has no row in the layer: `rang` is null, `objet` its key in the reference.
        """
        excess = anomalies(
            self.layer,
            "objet-en-trop",
            self.excess,
            f"Aucun objet de la référence n'est ici. Nouvel objet, doublon ou objet mal placé{SPACE}? "
            "Vérifiez sur une image ou sur le terrain.",
        )
        absent = anomalies(
            replace(self.reference, name=self.layer.name, file=self.layer.file),
            "objet-manquant",
            self.missing,
            [
                f"L'objet {quote(key)} de la référence manque ici. Demandez pourquoi, et complétez."
                for key in self.reference.keys[self.missing]
            ],
        )
        absent["rang"] = pd.array([pd.NA] * len(absent), dtype="Int64")
        return together([excess, absent], self.layer.frame.crs)

    def measures(self, file: str, layer: str) -> tuple[Measure, ...]:
        """Numbers and rates of excess (ISO 2, 3) and of omission (ISO 6, 7); nan when nothing is expected."""
        counts = {"excedent": len(self.excess), "omission": len(self.missing)}
        return tuple(
            measure(
                f"{form}-{what}",
                np.nan if not self.expected else scale * n,
                self.expected,
                file=file,
                layer=layer,
            )
            for what, n in counts.items()
            for form, scale in (("nombre", 1), ("taux", 100 / max(self.expected, 1)))
        )

    def sentence(self) -> str:
        """What to remember, in French."""
        if not self.expected:
            return "La référence n'a aucun objet. L'exhaustivité n'a pas pu être mesurée."
        absent, over = (
            f"{count(n, 'objet')} ({number(100 * n / self.expected, 1)}{SPACE}%)"
            for n in (len(self.missing), len(self.excess))
        )
        expected = count(self.expected, "objet attendu", "objets attendus")
        return f"Sur {expected}, il manque {absent} et il y a {over} en trop."


def completeness_by_place(
    layer: Layer, reference: Layer, *, radius: float = 5.0, least: float = 0.5
) -> Completeness:
    """Completeness with no common key: surfaces are paired by what they share, the others by their distance.

    Parameters
    ----------
    radius : distance, in metres, within which two points or the middles of two lines are the same object
    least : share of their union in ]0, 1] from which two surfaces are the same object

    Raises
    ------
    ValueError
        If the CRS differ, are missing or in degrees, or if `radius` or `least` makes no sense.
    """
    surfaces = layer.polygonal.any() and reference.polygonal.any()
    pairs = pair_overlapping(layer, reference, least) if surfaces else pair_nearest(layer, reference, radius)
    return Completeness(layer, reference, pairs)


def _left(layer: Layer, paired: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions of the objects that have a geometry and no pair."""
    alone = layer.present.copy()
    alone[paired] = False
    return np.flatnonzero(alone)
