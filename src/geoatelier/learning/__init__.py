"""Small models told honestly: pixels and parcels as tables, and validation that does not flatter."""

from geoatelier.learning.pixels import (
    Cube,
    draw_pixels,
    ndvi,
    parcel_means,
    read_cube,
    read_series,
    zonal_means,
)
from geoatelier.learning.validation import mean_interval, random_minus_grouped, shared_groups, spatial_blocks

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
