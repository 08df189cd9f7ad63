"""Controls that measure: they need metres, and objects that are where they should be."""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geoatelier.quality import geometry, numbers, topology
from geoatelier.quality import reference_systems as systems
from geoatelier.quality.layer import Layer, layer_of

LAMBERT_93 = "EPSG:2154"
_WEB_MERCATOR = 3857

_CONTROLS: tuple[Callable[[Layer], gpd.GeoDataFrame], ...] = (
    geometry.spikes,
    topology.overlaps,
    topology.gaps,
    topology.micro_areas,
    numbers.declared_areas,
)


def metric_anomalies(layer: Layer, placed: NDArray[np.bool_]) -> list[gpd.GeoDataFrame]:
    """Anomalies of the objects that are in their place, in the CRS of `layer`.

    Parameters
    ----------
    placed : mask of shape (n,)
    """
    measured = in_metres(layer.loaded(placed))
    return [control(measured).to_crs(layer.frame.crs) for control in _CONTROLS]


def in_metres(layer: Layer) -> Layer:
    """The layer in a system where areas in square metres make sense."""
    crs = layer.frame.crs
    if not crs.is_geographic and crs.to_epsg() != _WEB_MERCATOR:
        return layer
    in_france = layer.frame.to_crs(LAMBERT_93)
    if systems.implausible_system(layer_of(in_france)).empty:
        return layer.in_crs(LAMBERT_93)
    return layer.in_crs(layer.frame.estimate_utm_crs())
