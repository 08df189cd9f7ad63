"""Small models told honestly: pixels and parcels as tables, and validation that does not flatter."""

from geoatelier.learning.abstention import (
    AbstainingClassifier,
    error_bound,
    risk_coverage,
    threshold_for_error,
)
from geoatelier.learning.applicability import AreaOfApplicability
from geoatelier.learning.calibration import expected_calibration_error, reliability_table
from geoatelier.learning.class_maps import read_legend
from geoatelier.learning.conformal import ConformalSets
from geoatelier.learning.drift import compare_tables, domain_auc
from geoatelier.learning.features import Features
from geoatelier.learning.indices import ndvi
from geoatelier.learning.labels import UNKNOWN, draw_labels, draw_objects
from geoatelier.learning.objects import ObjectMatch, match_objects
from geoatelier.learning.opening import UnreadableImageError
from geoatelier.learning.pixels import draw_pixels
from geoatelier.learning.prediction import predict_raster
from geoatelier.learning.series import Cube, read_cube, read_series
from geoatelier.learning.splitters import SpatialBlockKFold
from geoatelier.learning.surroundings import surroundings
from geoatelier.learning.tree_plot import plot_tree
from geoatelier.learning.validation import mean_interval, random_minus_grouped, shared_groups, spatial_blocks
from geoatelier.learning.zones import parcel_means, read_parcel_series, zonal_means

__all__ = [
    "UNKNOWN",
    "AbstainingClassifier",
    "AreaOfApplicability",
    "ConformalSets",
    "Cube",
    "Features",
    "ObjectMatch",
    "SpatialBlockKFold",
    "UnreadableImageError",
    "compare_tables",
    "domain_auc",
    "draw_labels",
    "draw_objects",
    "draw_pixels",
    "error_bound",
    "expected_calibration_error",
    "match_objects",
    "mean_interval",
    "ndvi",
    "parcel_means",
    "plot_tree",
    "predict_raster",
    "random_minus_grouped",
    "read_cube",
    "read_legend",
    "read_parcel_series",
    "read_series",
    "reliability_table",
    "risk_coverage",
    "shared_groups",
    "spatial_blocks",
    "surroundings",
    "threshold_for_error",
    "zonal_means",
]
