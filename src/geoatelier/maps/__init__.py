"""Maps of the territory, interactive or printed, that need no network."""

from geoatelier.maps.confusion import OUTCOMES, outcomes, plot_confusion, plot_outcomes
from geoatelier.maps.images import image_layer
from geoatelier.maps.legends import Legend as legend  # noqa: N813 - called like the functions beside it
from geoatelier.maps.offline_map import OfflineMap, base_map
from geoatelier.maps.page import NeedsNetworkError
from geoatelier.maps.palette import CROP_COLOURS, OKABE_ITO, crop_style, crop_styles, palette
from geoatelier.maps.plots import north_arrow, plot_raster, scale_bar

__all__ = [
    "CROP_COLOURS",
    "OKABE_ITO",
    "OUTCOMES",
    "NeedsNetworkError",
    "OfflineMap",
    "base_map",
    "crop_style",
    "crop_styles",
    "image_layer",
    "legend",
    "north_arrow",
    "outcomes",
    "palette",
    "plot_confusion",
    "plot_outcomes",
    "plot_raster",
    "scale_bar",
]
