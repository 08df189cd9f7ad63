"""Small models told honestly: pixels and parcels as tables, and validation that does not flatter."""

from geoatelier.learning.indices import ndvi
from geoatelier.learning.pixels import draw_pixels
from geoatelier.learning.series import Cube, read_cube, read_series
from geoatelier.learning.validation import mean_interval, random_minus_grouped, shared_groups, spatial_blocks
from geoatelier.learning.zones import parcel_means, zonal_means

__all__ = [
    "Cube",
    "draw_pixels",
    "mean_interval",
    "ndvi",
    "parcel_means",
    "random_minus_grouped",
    "read_cube",
    "read_series",
    "shared_groups",
    "spatial_blocks",
    "zonal_means",
]
