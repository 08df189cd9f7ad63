"""A layer against one held to be right: objects in excess, moved, or with other values."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoatelier.quality.anomalies import anomalies, no_anomaly, together
from geoatelier.quality.layer import Layer, missing
from geoatelier.quality.text import repair
from geoatelier.quality.wording import number, quote


def different_objects(layer: Layer, reference: Layer, tolerance: float = 1.0) -> gpd.GeoDataFrame:
    """Objects that differ from their twin in `reference`, found by their key, or that have none.

    Parameters
    ----------
    reference : same objects, right, in the same CRS, with the key column of `layer`
    tolerance : distance between two middles, in units of the CRS, above which an object has moved
    """
    if layer.key is None or layer.key not in reference.attributes:
        return no_anomaly(layer)
    keys, true_keys = _keys(layer, layer.key), _keys(reference, layer.key)
    true_keys_once = ~true_keys.duplicated()
    position = pd.Series(np.flatnonzero(true_keys_once), index=true_keys[true_keys_once])
    twin = position.reindex(keys).to_numpy()
    rows = np.flatnonzero(np.isfinite(twin.astype(float)))
    twins = twin[rows].astype(int)
    return together(
        [
            _excess_objects(layer, keys, true_keys),
            _moved(layer, reference, rows, twins, tolerance),
            _changed(layer, reference, rows, twins),
        ],
        layer.frame.crs,
    )


def _keys(layer: Layer, key: str) -> pd.Index:
    return pd.Index(layer.frame[key].astype("str"))


def _excess_objects(layer: Layer, keys: pd.Index, true_keys: pd.Index) -> gpd.GeoDataFrame:
    rows = np.flatnonzero(~keys.isin(true_keys) & ~missing(layer.frame[layer.key]))
    message = "La référence ne connaît pas cet identifiant. Nouvel objet, ou identifiant faux ?"
    return anomalies(layer, "objet-en-trop", rows, message, attribute=layer.key, values=layer.keys[rows])


def _moved(
    layer: Layer, reference: Layer, rows: np.ndarray, twins: np.ndarray, tolerance: float
) -> gpd.GeoDataFrame:
    here = shapely.centroid(layer.geometries[rows])
    there = shapely.centroid(reference.geometries[twins])
    distance = shapely.distance(here, there)
    moved = np.flatnonzero(distance > tolerance)
    messages = [
        f"L'objet est à {number(metres, 1)} m de sa position de référence. Vérifiez le calage ou la saisie."
        for metres in distance[moved]
    ]
    return anomalies(layer, "position-decalee", rows[moved], messages, values=distance[moved].round(2))


def _changed(layer: Layer, reference: Layer, rows: np.ndarray, twins: np.ndarray) -> gpd.GeoDataFrame:
    found = []
    for name in layer.attributes:
        if name == layer.key or name not in reference.attributes:
            continue
        ours = layer.frame[name].iloc[rows]
        true = reference.frame[name].iloc[twins]
        known = ~missing(ours) & ~missing(true)
        written = ours.astype("str").map(repair, na_action="ignore").to_numpy(dtype=object)
        expected = true.astype("str").to_numpy(dtype=object)
        other = np.flatnonzero(known & (written != expected))
        messages = [
            f"{quote(written[i])} ici, {quote(expected[i])} dans la référence. Cherchez laquelle est vraie."
            for i in other
        ]
        found.append(
            anomalies(
                layer, "valeur-differente", rows[other], messages, attribute=name, values=written[other]
            )
        )
    return together(found, layer.frame.crs)
