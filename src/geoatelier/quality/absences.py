"""What a layer lacks of data held to be right, and how far off all of it is.

Apart from `references`, since scipy and scikit-learn take time and memory that a control without a reference
does without.
"""

from collections.abc import Iterator

import geopandas as gpd

from geoatelier.quality.accuracy import position_accuracy
from geoatelier.quality.completeness import Completeness, completeness_by_place
from geoatelier.quality.layer import Layer
from geoatelier.quality.measure import Measure
from geoatelier.quality.reference_pairs import pair_by_key
from geoatelier.quality.references import Truth
from geoatelier.quality.thematic import class_accuracy


def absences(layer: Layer, truth: Truth) -> tuple[gpd.GeoDataFrame, tuple[Measure, ...]]:
    """What the layer as a whole lacks, or has in excess when only places tell, and the measures.

    Parameters
    ----------
    layer : in metres, its geometries in memory, without the objects that are far from all others
    """
    reference = truth.layer.in_crs(layer.frame.crs)
    key = truth.key_shared_with(layer)
    if key is None:
        found = completeness_by_place(layer, reference)
        return found.anomalies(), tuple(_measures(layer, reference, found, ()))
    found = Completeness(layer, reference, pair_by_key(layer, reference, key))
    shared = set(layer.attributes) & set(reference.attributes)
    named = [name for name in layer.profile.domains if name in shared]
    missing = found.anomalies()
    # Objects in excess were told row by row, by their key.
    return missing[missing["code"] == "objet-manquant"], tuple(_measures(layer, reference, found, named))


def _measures(
    layer: Layer, reference: Layer, found: Completeness, columns: list[str] | tuple[()]
) -> Iterator[Measure]:
    yield from found.measures(layer.file, layer.name)
    yield from position_accuracy(layer, reference, found.pairs).measures(layer.file, layer.name)
    for column in columns:
        yield from class_accuracy(layer, reference, found.pairs, column).measures(layer.file, layer.name)
