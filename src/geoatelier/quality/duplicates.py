"""The same object twice: same geometry, same key, or same description."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoatelier.quality.anomalies import anomalies, no_anomaly
from geoatelier.quality.layer import Layer
from geoatelier.quality.wording import quote


def duplicated_geometries(layer: Layer) -> gpd.GeoDataFrame:
    """Objects with exactly the geometry of an earlier one: every copy beyond the first, tied to the first.

    Vertices may start elsewhere or turn the other way round. Two points at one place are a duplicate only if
    all their values but the key are the same too: a doorway may serve several addresses.
    """
    shapes = pd.DataFrame(layer.shape_hashes)
    same_values = _first_alike(shapes.assign(values=layer.value_hashes))
    same_shape = _first_alike(shapes)
    first = np.where(layer.dimensions == 0, same_values, same_shape)
    rows = np.flatnonzero(layer.present & (first != np.arange(len(first))))
    rows = rows[same_shapes(layer.geometries[rows], layer.geometries[first[rows]])]
    first = first[rows]
    alike = same_values[rows] != rows
    messages = [
        f"Même géométrie que {quote(key)} (ligne {layer.rows[original]}), "
        + (
            "mêmes attributs. Gardez-en un seul."
            if same
            else "attributs différents. Cherchez lequel dit vrai."
        )
        for key, original, same in zip(layer.keys[first], first, alike, strict=True)
    ]
    return anomalies(
        layer,
        "doublon-geometrie",
        rows,
        messages,
        related=layer.keys[first],
        values=np.where(alike, "mêmes attributs", "attributs différents"),
    )


def same_shapes(one: NDArray[np.object_], other: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether geometries are the same two by two, wherever an outline starts and whichever way it turns."""
    return shapely.equals_exact(shapely.normalize(one), shapely.normalize(other), tolerance=0)


def duplicated_keys(layer: Layer) -> gpd.GeoDataFrame:
    """Objects whose key an earlier object has: every one beyond the first."""
    if layer.key is None:
        return no_anomaly(layer)
    given = ~layer.missing(layer.key)
    first = _first_alike(layer.frame[[layer.key]])
    rows = np.flatnonzero(given & (first != np.arange(len(first))))
    messages = [
        f"L'identifiant {quote(key)} est déjà celui de la ligne {layer.rows[original]}. "
        "Un identifiant désigne un seul objet : redonnez-en un, ou supprimez la copie."
        for key, original in zip(layer.keys[rows], first[rows], strict=True)
    ]
    return anomalies(
        layer,
        "cle-dupliquee",
        rows,
        messages,
        attribute=layer.key,
        values=layer.keys[rows],
        related=layer.keys[first[rows]],
    )


def duplicated_descriptions(layer: Layer) -> gpd.GeoDataFrame:
    """Objects that the natural key of their profile (an address: number, street, commune) names twice."""
    names = list(layer.profile.natural_key)
    if not names or len(names) < 2:
        return no_anomaly(layer)
    table = pd.DataFrame({name: layer.frame[name].astype("str").str.strip().str.casefold() for name in names})
    first = _first_alike(table)
    known = ~layer.missing(names[0])
    rows = np.flatnonzero(known & (first != np.arange(len(first))))
    messages = [
        f"Déjà décrit à la ligne {layer.rows[original]} par les mêmes {', '.join(names)}. "
        "Comparez les deux positions et gardez la meilleure."
        for original in first[rows]
    ]
    return anomalies(
        layer,
        "doublon-attributs",
        rows,
        messages,
        attribute=", ".join(names),
        related=layer.keys[first[rows]],
    )


def _first_alike(table: pd.DataFrame) -> NDArray[np.int64]:
    """For each row, the position of the first row that has the same values."""
    group = table.groupby(list(table.columns), dropna=False, sort=False).ngroup().to_numpy()
    _, first = np.unique(group, return_index=True)
    return first[group]
