"""Small models told honestly: pixels and parcels as tables, and validation that does not flatter."""

from geoatelier.learning.pixels import draw_pixels, ndvi, parcel_means, read_series
from geoatelier.learning.validation import mean_interval, random_minus_grouped, shared_groups, spatial_blocks

__all__ = [
    "draw_pixels",
    "mean_interval",
    "ndvi",
    "parcel_means",
    "random_minus_grouped",
    "read_series",
    "shared_groups",
    "spatial_blocks",
]
