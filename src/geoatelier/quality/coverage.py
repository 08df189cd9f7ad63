"""A layer that should leave no ground empty: what it leaves uncovered, however large."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoatelier.quality.anomalies import anomalies, no_anomaly
from geoatelier.quality.layer import Layer
from geoatelier.quality.wording import area

_NARROWEST = 0.02  # m; two roundings of a centimetre


def uncovered_ground(
    layer: Layer, extent: shapely.Geometry | None = None, least: float = 1.0
) -> gpd.GeoDataFrame:
    """Ground that no object covers, one anomaly for each piece, with neither row nor object.

    Parameters
    ----------
    layer : in metres, its geometries in memory
    extent : the ground to cover, in the CRS of `layer`; where there is none, what the layer encloses
    least : m², below which a piece is ignored
    """
    flat = layer.polygonal
    if not flat.any():
        return no_anomaly(layer)
    covered = shapely.union_all(shapely.make_valid(layer.geometries[flat], method="structure"))
    if extent is None:
        parts = shapely.get_parts(covered)
        extent = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(parts)))
    pieces = shapely.get_parts(shapely.difference(extent, covered))
    pieces = pieces[shapely.area(pieces) >= least]
    pieces = pieces[~shapely.is_empty(shapely.buffer(pieces, -_NARROWEST / 2))]
    surfaces = shapely.area(pieces)
    messages = [
        f"{area(surface)} de sol ne sont couverts par aucun objet, alors que la couche doit tout couvrir. "
        "Ajoutez l'objet qui manque, ou recalez ses voisins."
        for surface in surfaces
    ]
    found = anomalies(
        layer,
        "sol-non-couvert",
        np.zeros(len(pieces), dtype=int),
        messages,
        geometry=pieces,
        values=surfaces.round(2),
    )
    nothing = pd.array([pd.NA] * len(found), dtype="Int64")
    return found.assign(rang=nothing, objet=pd.array([None] * len(found), dtype="str"))
