"""Geometries against their sheet: type, coordinate system, extent."""

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from geoatelier.quality import reference_systems as systems
from geoatelier.quality.anomalies import anomalies, layer_anomaly, no_anomaly, together
from geoatelier.quality.layer import Layer
from geoatelier.quality.links import OpenLayer, not_opened
from geoatelier.quality.profiles import Extent
from geoatelier.quality.wording import number, quote, some

_DIMENSIONS = {"point": 0, "ligne": 1, "surface": 2}
_FAMILIES = ("point", "ligne", "surface")


def geometry_against_sheet(layer: Layer) -> gpd.GeoDataFrame:
    """Objects that are not drawn as the sheet says."""
    wanted = layer.profile.geometry
    if wanted is None or (wanted != "aucune" and not layer.spatial):
        return no_anomaly(layer)
    if wanted == "aucune":
        if not layer.present.any():
            return no_anomaly(layer)
        message = "La fiche attend une table sans géométrie. Retirez la géométrie, ou changez la fiche."
        return layer_anomaly(layer, "type-melange", message)
    dimensions = layer.dimensions
    rows = np.flatnonzero(layer.present & (dimensions != _DIMENSIONS[wanted]))
    if len(rows) == layer.present.sum() and len(rows):
        found = some(sorted({_FAMILIES[dimension] for dimension in dimensions[rows]}))
        message = f"La fiche attend le type {wanted}, et la couche est de type {found}. Redemandez-la."
        return layer_anomaly(layer, "type-melange", message, value=found)
    messages = [
        f"L'objet est de type {_FAMILIES[dimension]}, la fiche attend le type {wanted}. "
        "Rangez-le dans une couche à part."
        for dimension in dimensions[rows]
    ]
    return anomalies(layer, "type-melange", rows, messages, values=[_FAMILIES[d] for d in dimensions[rows]])


def system_against_sheet(layer: Layer) -> gpd.GeoDataFrame:
    """The coordinate system, when the sheet does not allow it; a missing one has its own control."""
    allowed = layer.profile.systems
    if not allowed or layer.frame.crs is None or not layer.spatial:
        return no_anomaly(layer)
    epsg = layer.frame.crs.to_epsg()
    if epsg in allowed:
        return no_anomaly(layer)
    label = f"EPSG:{epsg}" if epsg else layer.frame.crs.name
    listed = ", ".join(f"EPSG:{code}" for code in allowed)
    message = (
        f"Le système est {quote(label)}, la fiche admet {listed}. "
        "Reprojetez la couche, ou redemandez-la dans le bon système."
    )
    return layer_anomaly(layer, "systeme-inattendu", message, value=label)


def extent_against_sheet(layer: Layer, open_layer: OpenLayer) -> gpd.GeoDataFrame:
    """Objects outside the extent of the sheet, or that stick out of it, the part outside as geometry.

    Objects so far from all others that another control names them are left to it, and so is a layer whose
    coordinate system is missing or implausible.

    Parameters
    ----------
    open_layer : gives the layer of a file
    """
    extent = layer.profile.extent
    if extent is None or not layer.spatial or not layer.present.any() or layer.frame.crs is None:
        return no_anomaly(layer)
    if len(systems.implausible_system(layer)):
        return no_anomaly(layer)
    surface = extent_surface(extent, layer.frame.crs, open_layer)
    if surface is None:
        return not_opened(layer, extent.path, extent.layer, "l'emprise n'a pas été contrôlée")
    if layer.frame.crs.is_projected:
        surface = shapely.buffer(surface, 0.01)  # a centimetre for roundings
    shapely.prepare(surface)
    rows = np.flatnonzero(layer.present & ~systems.outliers(layer))
    rows = rows[~shapely.covers(surface, layer.geometries[rows])]
    return _outside(layer, rows, surface)


def extent_surface(extent: Extent, crs: CRS, open_layer: OpenLayer) -> shapely.Geometry | None:
    """The ground that a sheet gives to a layer, in `crs`; None when it cannot be opened."""
    if extent.bounds is not None:
        area = gpd.GeoSeries([shapely.box(*extent.bounds)], crs=extent.epsg)
        if area.crs != crs:
            area = area.segmentize(_length(extent.bounds) / 50)
    else:
        opened = open_layer(extent.path, extent.layer)
        if not isinstance(opened, gpd.GeoDataFrame) or opened.crs is None:
            return None
        area = opened.geometry.make_valid()
    return shapely.union_all(area.to_crs(crs).to_numpy())


def _outside(layer: Layer, rows: np.ndarray, surface: shapely.Geometry) -> gpd.GeoDataFrame:
    shapes = shapely.make_valid(layer.geometries[rows])
    apart = ~shapely.intersects(surface, shapes)
    sticking = rows[~apart]
    beyond = shapely.difference(shapes[~apart], surface)
    real = ~shapely.is_empty(beyond)
    sizes = np.where(
        shapely.get_dimensions(beyond) == 2, shapely.area(beyond), shapely.length(beyond)
    )  # in units of the layer
    unit = "" if layer.frame.crs.is_geographic else {2: " m²", 1: " m"}
    messages = [
        "L'objet dépasse de l'emprise de la fiche"
        + (f" de {number(size, 1)}{unit.get(dimension, '')}" if unit else "")
        + ". Découpez-le, ou vérifiez à qui il revient."
        for size, dimension in zip(sizes[real], shapely.get_dimensions(beyond)[real], strict=True)
    ]
    return together(
        [
            anomalies(
                layer,
                "hors-territoire",
                rows[apart],
                "L'objet est entièrement hors de l'emprise de la fiche. Retirez-le, ou vérifiez sa position.",
            ),
            anomalies(
                layer,
                "hors-territoire",
                sticking[real],
                messages,
                geometry=beyond[real],
                level="avertissement",
            ),
        ],
        layer.frame.crs,
    )


def _length(bounds: tuple[float, float, float, float]) -> float:
    xmin, ymin, xmax, ymax = bounds
    return max(xmax - xmin, ymax - ymin)
