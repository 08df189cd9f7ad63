"""Data held to be right, and the objects of a layer that differ from it, row by row."""

from dataclasses import dataclass, replace

import geopandas as gpd

from geoatelier.quality.comparison import different_objects
from geoatelier.quality.layer import Layer, layer_of
from geoatelier.quality.links import OpenLayer, not_opened
from geoatelier.quality.profiles import TrueData
from geoatelier.quality.vertices import set_aside_unreadable


@dataclass(frozen=True)
class Truth:
    """Data held to be right.

    Parameters
    ----------
    layer : the objects as they should be, with a CRS
    key : column that names the same object in both; that of the layer under control when not given
    tolerance : metres from which an object has moved
    """

    layer: Layer
    key: str | None = None
    tolerance: float = 1.0

    def key_shared_with(self, layer: Layer) -> str | None:
        """The column that both have, None when objects can only be told by their place."""
        key = self.key or layer.key
        return key if key in layer.attributes and key in self.layer.attributes else None


def open_truth(data: TrueData, open_layer: OpenLayer) -> Truth | None:
    """The reference that a sheet names, None when it cannot be opened or has no CRS."""
    frame = open_layer(data.path, data.layer)
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
        return None
    layer, _ = set_aside_unreadable(layer_of(frame, data.layer or data.path.stem))
    return Truth(layer, data.key, data.tolerance)


def unopened_truth(layer: Layer, data: TrueData) -> gpd.GeoDataFrame:
    """The comparison that a sheet asks for could not be made."""
    return not_opened(layer, data.path, data.layer, "la comparaison à la référence n'a pas été faite")


def differences(layer: Layer, truth: Truth) -> gpd.GeoDataFrame | None:
    """Objects moved, changed or unknown, of a layer or of a batch; None without a common key."""
    key = truth.key_shared_with(layer)
    if key is None:
        return None
    keyed = replace(layer, profile=replace(layer.profile, key=key))
    return different_objects(keyed, truth.layer.in_crs(layer.frame.crs), truth.tolerance)
