"""The vertices of a geometry: unreadable, too close, going back on their steps, too precise.

Invalid outlines, repeated vertices and spikes of polygons are found in `geometry`. Tolerances are in the
units of the coordinates: metres, after the layer was put in a projected system.
"""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geoatelier.quality.anomalies import anomalies, layer_anomaly, no_anomaly
from geoatelier.quality.coordinates import finite, usable, without_unusable
from geoatelier.quality.layer import Layer
from geoatelier.quality.wording import SPACE, number, quote

# Half a millimetre: French files are written to the centimetre or the millimetre, so that a shorter segment
# is what a computation left, and no one drew it.
SHORTEST_SEGMENT = 0.0005
# A micrometre: coordinates written with six decimals may turn such a geometry into an invalid one.
LEAST_CLEARANCE = 1e-6
_FINEST_METRE = 1e-4
_ENOUGH_OBJECTS = 20_000
_FINEST_DEGREE = 1e-9
_GEOJSON = (".geojson", ".json")


def unreadable_coordinates(layer: Layer) -> gpd.GeoDataFrame:
    """Vertices whose x or y is NaN, infinite or too large, at the last readable vertex, else the next one.

    The closing vertex of a ring, which repeats the first, is not counted again.
    """
    broken = np.flatnonzero(~finite(layer.geometries))
    if not len(broken):
        return no_anomaly(layer)
    geometries = layer.geometries[broken]
    coordinates, owner = shapely.get_coordinates(geometries, return_index=True)
    good = usable(coordinates).all(axis=1)
    rank = np.arange(len(owner)) - np.searchsorted(owner, owner)
    at = np.flatnonzero(~good & ~_closing(geometries, owner))
    messages = [
        f"Le sommet n° {rank[i] + 1} n'a pas de position : x = {_written(coordinates[i, 0])}, "
        f"y = {_written(coordinates[i, 1])}. Supprimez-le, ou retrouvez sa position à la source."
        for i in at
    ]
    return anomalies(
        layer,
        "coordonnee-illisible",
        broken[owner[at]],
        messages,
        geometry=_nearest_good(coordinates, good, owner)[at],
        values=rank[at] + 1,
    )


def set_aside_unreadable(layer: Layer) -> tuple[Layer, gpd.GeoDataFrame]:
    """The layer without the geometries of `unreadable_coordinates`, and these anomalies.

    Every other control can then compute with all the coordinates it meets.
    """
    told = unreadable_coordinates(layer)
    if told.empty:
        return layer, told
    name = layer.frame.geometry.name
    kept = gpd.GeoSeries(without_unusable(layer.geometries), name=name, crs=layer.frame.crs)
    return replace(layer, frame=layer.frame.set_geometry(kept)), told


def short_segments(layer: Layer, tolerance: float = SHORTEST_SEGMENT) -> gpd.GeoDataFrame:
    """Sides of lines and polygons that are shorter than `tolerance` and not nil, at the side itself.

    Parameters
    ----------
    tolerance : m; sides of no length at all are repeated vertices, found in `geometry`
    """
    coordinates, ring = layer.vertices
    owner = layer.outlines[1]
    east, north = np.diff(coordinates, axis=0).T
    # An unreadable vertex, told by another control, compares to nothing.
    with np.errstate(invalid="ignore", over="ignore"):
        square = east * east + north * north
        at = np.flatnonzero((square > 0) & (square < tolerance**2))
    at = at[ring[at] == ring[at + 1]]
    length = np.sqrt(square[at])
    messages = [
        f"Ce côté ne mesure que {_millimetres(metres)}. Fusionnez ses deux sommets "
        f"({quote('Simplifier')} ou {quote('Accrocher les géométries')} dans QGIS)."
        for metres in length
    ]
    return anomalies(
        layer,
        "segment-court",
        owner[ring[at]],
        messages,
        geometry=shapely.linestrings(np.stack([coordinates[at], coordinates[at + 1]], axis=1)),
        values=length.round(7),
    )


def fragile_geometries(layer: Layer, tolerance: float = LEAST_CLEARANCE) -> gpd.GeoDataFrame:
    """Lines and polygons that moving one vertex by less than `tolerance` would make invalid, at that place.

    The minimum clearance is that of GEOS; the place is the shortest line between the two parts of the object
    that are too close. Invalid objects are left to the control of validity. It is the slowest control of
    vertices, by far: some 40 µs a polygon of twenty vertices.

    Parameters
    ----------
    tolerance : m
    """
    rows = np.flatnonzero((layer.dimensions > 0) & finite(layer.geometries))
    rows = rows[shapely.minimum_clearance(layer.geometries[rows]) < tolerance]
    rows = rows[shapely.is_valid(layer.geometries[rows])]
    clearance = shapely.minimum_clearance(layer.geometries[rows])
    messages = [
        f"Deux parties du tracé ne sont séparées ici que de {_millimetres(metres)} : l'objet devient "
        "invalide dès qu'on arrondit ses coordonnées. Écartez-les, ou fusionnez les deux sommets."
        for metres in clearance
    ]
    return anomalies(
        layer,
        "geometrie-fragile",
        rows,
        messages,
        geometry=shapely.minimum_clearance_line(layer.geometries[rows]),
        values=clearance,
    )


def kickbacks(layer: Layer) -> gpd.GeoDataFrame:
    """Vertices where a line goes to B and straight back to A (A-B-A), at B. Polygons have their spikes."""
    kept = np.flatnonzero((layer.dimensions == 1) & finite(layer.geometries))
    parts, owner = shapely.get_parts(layer.geometries[kept], return_index=True)
    coordinates, part = shapely.get_coordinates(shapely.remove_repeated_points(parts), return_index=True)
    back = (coordinates[:-2] == coordinates[2:]).all(axis=1) & (part[:-2] == part[2:])
    at = np.flatnonzero(back) + 1
    length = np.hypot(*(coordinates[at] - coordinates[at - 1]).T)
    messages = [
        f"La ligne va jusqu'ici, à {number(metres, 2)} m, et revient sur ses pas. Supprimez ce sommet."
        for metres in length
    ]
    return anomalies(
        layer,
        "aller-retour",
        kept[owner[part[at]]],
        messages,
        geometry=shapely.points(coordinates[at]),
        values=length.round(3),
    )


def ring_orientation(layer: Layer) -> gpd.GeoDataFrame:
    """Rings of a GeoJSON drawn against RFC 7946 (section 3.1.6): outline anticlockwise, holes clockwise.

    Other formats have other habits and are left alone. A file that is all the other way has one anomaly, of
    the whole layer; else each ring has its own.
    """
    if not layer.file.lower().endswith(_GEOJSON) or not layer.polygonal.any():
        return no_anomaly(layer)
    kept = np.flatnonzero(layer.polygonal & finite(layer.geometries))
    parts, owner = shapely.get_parts(layer.geometries[kept], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    outline = np.append(True, np.diff(part) != 0)[: len(rings)]
    wrong = np.flatnonzero(shapely.is_ccw(rings) != outline)
    advice = (
        "La norme GeoJSON (RFC 7946) veut les contours dans le sens inverse des aiguilles d'une montre, et "
        "les trous dans l'autre. Si une carte en ligne lit mal le fichier, réécrivez-le avec GDAL "
        "(`ogr2ogr -lco RFC7946=YES`)."
    )
    if len(wrong) == len(rings):
        return layer_anomaly(layer, "sens-contour", f"Tous les contours tournent à l'envers. {advice}")
    return anomalies(
        layer,
        "sens-contour",
        kept[owner[part[wrong]]],
        f"Ce contour tourne à l'envers. {advice}",
        geometry=rings[wrong],
        values=np.where(outline[wrong], "contour", "trou"),
    )


def illusory_precision(layer: Layer, share: float = 0.5) -> gpd.GeoDataFrame:
    """A layer of which more than `share` of the vertices are written finer than a tenth of a millimetre.

    In degrees the limit is a billionth of a degree, which is also a tenth of a millimetre. Twenty thousand
    objects spread over a larger layer are enough to tell.
    """
    rows = np.flatnonzero(layer.present)[:: len(layer.rows) // _ENOUGH_OBJECTS + 1]
    geometries = layer.geometries[rows]
    coordinates = shapely.get_coordinates(geometries[finite(geometries)])
    if not len(coordinates):
        return no_anomaly(layer)
    in_degrees = layer.frame.crs is not None and layer.frame.crs.is_geographic
    step = _FINEST_DEGREE if in_degrees else _FINEST_METRE
    # A number that double precision cannot hold exactly is off its step by up to its own rounding.
    rounding = np.spacing(np.abs(coordinates)) + step * 1e-3
    finer = (np.abs(coordinates - np.round(coordinates / step) * step) > rounding).any(axis=1).mean()
    if finer <= share:
        return no_anomaly(layer)
    return layer_anomaly(
        layer,
        "precision-illusoire",
        f"{number(100 * finer)}{SPACE}% des sommets sont écrits plus finement que le dixième de millimètre : "
        "c'est la trace d'un calcul, pas d'une mesure. Arrondissez-les à la précision de la saisie.",
        value=f"{number(100 * finer)}{SPACE}%",
    )


def mixed_altitudes(layer: Layer) -> gpd.GeoDataFrame:
    """Objects with an altitude among objects without, or the reverse: those of the less numerous sort."""
    with_z = shapely.has_z(layer.geometries)
    total, high = layer.present.sum(), (with_z & layer.present).sum()
    if high in (0, total):
        return no_anomaly(layer)
    flat_layer = high <= total / 2
    rows = np.flatnonzero(layer.present & (with_z == flat_layer))
    message = (
        "Cet objet a une altitude (Z), les autres n'en ont pas. Retirez-la, ou retrouvez celle des autres."
        if flat_layer
        else "Cet objet n'a pas d'altitude (Z), les autres en ont. Retrouvez-la, ou retirez les autres."
    )
    return anomalies(
        layer, "altitude-melangee", rows, message, values=np.full(len(rows), "3D" if flat_layer else "2D")
    )


def _closing(geometries: NDArray[np.object_], owner: NDArray[np.int64]) -> NDArray[np.bool_]:
    """True at the last vertex of each ring, among all the vertices of `geometries`."""
    kinds = shapely.get_type_id(geometries)
    polygons = (kinds == shapely.GeometryType.POLYGON) | (kinds == shapely.GeometryType.MULTIPOLYGON)
    rings = shapely.get_rings(shapely.get_parts(geometries[polygons]))
    counts = shapely.get_num_coordinates(rings)
    last = np.zeros(counts.sum(), dtype=bool)
    last[np.cumsum(counts) - 1] = True
    closing = np.zeros(len(owner), dtype=bool)
    closing[polygons[owner]] = last
    return closing


def _nearest_good(
    coordinates: NDArray[np.float64], good: NDArray[np.bool_], owner: NDArray[np.int64]
) -> NDArray[np.object_]:
    """For each vertex, the last good one before it in its geometry, else the first after, else None."""
    index = np.arange(len(good))
    before = np.maximum.accumulate(np.where(good, index, 0))
    after = np.minimum.accumulate(np.where(good, index, len(good) - 1)[::-1])[::-1]
    at = np.where(good[before] & (owner[before] == owner), before, after)
    known = good[at] & (owner[at] == owner)
    places = np.full(len(good), None, dtype=object)
    places[known] = shapely.points(coordinates[at[known]])
    return places


def _written(value: float) -> str:
    return "absent" if np.isnan(value) else number(value, 3) if usable(value) else "infini"


def _millimetres(metres: float) -> str:
    return f"{number(1000 * metres, 4) if metres >= 1e-7 else 'moins de 0,0001'}{SPACE}mm"
