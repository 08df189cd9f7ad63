"""Small questions that checks ask of an answer: is it in degrees, is it the same set, is it close enough."""

import math
from collections.abc import Iterable

import geopandas as gpd
import numpy as np

METROPOLITAN_LAMBERT_93 = (0, 6_000_000, 1_300_000, 7_200_000)


def in_degrees(layer: gpd.GeoDataFrame | gpd.GeoSeries) -> bool:
    """Tell whether coordinates look like longitudes and latitudes, whatever the label of the layer says.

    Parameters
    ----------
    layer : GeoDataFrame or GeoSeries
        Any coordinate system; empty geometries are left out.

    Returns
    -------
    bool
        True if every coordinate lies within ±180 and ±90; False for a layer with no coordinate.
    """
    west, south, east, north = layer.total_bounds
    if not np.isfinite([west, south, east, north]).all():
        return False
    return bool(west >= -180 and east <= 180 and south >= -90 and north <= 90)


def in_lambert_93(layer: gpd.GeoDataFrame | gpd.GeoSeries) -> bool:
    """Tell whether coordinates lie in the range of Lambert-93 over metropolitan France, in metres."""
    west, south, east, north = layer.total_bounds
    low_x, low_y, high_x, high_y = METROPOLITAN_LAMBERT_93
    return bool(west >= low_x and south >= low_y and east <= high_x and north <= high_y)


def same_set(given: Iterable[object], truth: Iterable[object]) -> bool:
    """Tell whether two collections hold the same things, whatever their order and repeats."""
    return set(given) == set(truth)


def missing_and_extra(given: Iterable[object], truth: Iterable[object]) -> tuple[list, list]:
    """Give what is missing from an answer, and what should not be in it, each sorted as text."""
    given, truth = set(given), set(truth)
    return sorted(truth - given, key=str), sorted(given - truth, key=str)


def close(given: float, truth: float, *, relative: float = 1e-3, absolute: float = 1e-9) -> bool:
    """Tell whether a number is the one expected, but for rounding.

    Parameters
    ----------
    given, truth : float
        In the same unit.
    relative : float
        Tolerance as a share of the larger of the two.
    absolute : float
        Tolerance in the unit of the numbers, for truths near zero.
    """
    return math.isclose(given, truth, rel_tol=relative, abs_tol=absolute)


def off_by_factor(given: float, truth: float, factor: float) -> bool:
    """Tell whether a number is the truth times or over a factor, as when a unit was forgotten."""
    return close(given, truth * factor) or close(given, truth / factor)
