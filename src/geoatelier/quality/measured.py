"""Controls that measure: they need metres, and objects that are where they should be."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geoatelier.quality import geometry, lines, network, numbers, topology, vertices
from geoatelier.quality import reference_systems as systems
from geoatelier.quality.anomalies import together
from geoatelier.quality.coverage import uncovered_ground
from geoatelier.quality.layer import Layer
from geoatelier.quality.links import OpenLayer
from geoatelier.quality.spatial_rules import extent_surface

LAMBERT_93 = CRS("EPSG:2154")
_WEB_MERCATOR = 3857


def row_measures(layer: Layer, metric: CRS) -> gpd.GeoDataFrame:
    """Anomalies that each object shows by its size, in the CRS of `layer`, wherever it is."""
    measured = layer.in_crs(metric)
    found = [
        geometry.spikes(measured),
        topology.micro_areas(measured, layer.profile.topology.sliver_width),
        vertices.short_segments(measured),
        vertices.kickbacks(measured),
        lines.non_simple_lines(measured),
    ]
    if layer.profile.topology.fragile:
        found.append(vertices.fragile_geometries(measured))
    return together(found, layer.frame.crs)


def whole_measures(
    layer: Layer, metric: CRS, placed: NDArray[np.bool_], open_layer: OpenLayer
) -> list[gpd.GeoDataFrame]:
    """Anomalies of objects among others, in the CRS of `layer`.

    Parameters
    ----------
    metric : system where areas in square metres make sense: see `metric_system`
    placed : mask of shape (n,) of the objects that are where they should be
    open_layer : gives the layer of the extent, where the rules want it covered
    """
    measured, looked_for = layer.in_crs(metric), layer.profile.topology
    neighbours = topology.neighbours(
        measured,
        placed,
        min_area=looked_for.overlap_area if looked_for.overlaps else np.inf,
        max_width=looked_for.gap_width,
        max_area=looked_for.gap_area,
    )
    found = [neighbours, numbers.declared_areas(measured, placed), *_among_lines(measured, placed)]
    if looked_for.covers_extent:
        given = layer.profile.extent
        extent = None if given is None else extent_surface(given, metric, open_layer)
        found.append(uncovered_ground(measured.loaded(placed), extent, looked_for.gap_area))
    return [together([table], layer.frame.crs) for table in found]


def _among_lines(measured: Layer, placed: NDArray[np.bool_]) -> list[gpd.GeoDataFrame]:
    """Anomalies of lines among others: they are looked at all together, in memory."""
    among = placed & (measured.dimensions == 1)
    if not among.any():
        return []
    drawn = measured.loaded(among)
    return [lines.overlapping_lines(drawn), network.network_faults(drawn)]


def metric_system(layer: Layer) -> CRS:
    """The system in which to measure `layer`: its own if it is in metres, else Lambert-93, or UTM."""
    crs = layer.frame.crs
    if not crs.is_geographic and crs.to_epsg() != _WEB_MERCATOR:
        return crs
    if systems.implausible_system(layer.in_crs(LAMBERT_93)).empty:
        return LAMBERT_93
    known = layer.bounds[layer.present]
    extent = shapely.box(*np.nanmedian(known, axis=0))
    return gpd.GeoSeries([extent], crs=crs).estimate_utm_crs()
