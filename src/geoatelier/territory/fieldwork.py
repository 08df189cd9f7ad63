"""Visits of parcels in the field: the crop seen, where one stood, and where the GNSS said one stood."""

from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from geoatelier.territory.world import CRS, Farmland

VISITS = 150
FIRST_DAY, LAST_DAY = date(2025, 5, 12), date(2025, 7, 4)
# Agents carry a GNSS receiver with corrections, or a telephone. Median error in metres: about 0.6, and 5.
_AGENTS = {
    "AG-01": "receiver",
    "AG-02": "receiver",
    "AG-03": "receiver",
    "AG-04": "telephone",
    "AG-05": "telephone",
}
_EDGE_M = 12.0


def make_field_points(farmland: Farmland, rng: np.random.Generator) -> GeoDataFrame:
    """Visit some 150 parcels, every crop among them, and record `releves_terrain`.

    The geometry is the measured position. Its error has no preferred direction, and is larger with a
    telephone than with a receiver; `precision_m` is the error that the device announces.
    """
    parcels = farmland.parcels
    visited = _visited(parcels["code_cultu"], rng)
    true = _standpoints(parcels.geometry.to_numpy()[visited], rng)
    agent = rng.choice(list(_AGENTS), len(visited), p=[0.28, 0.22, 0.18, 0.18, 0.14])
    telephone = np.array([_AGENTS[name] == "telephone" for name in agent])
    announced = np.where(telephone, rng.uniform(3.0, 8.0, len(visited)), rng.uniform(0.3, 0.9, len(visited)))
    # An announced precision is the radius that holds two positions out of three.
    measured = true + rng.normal(size=true.shape) * (announced / 1.51)[:, None]
    days = (LAST_DAY - FIRST_DAY).days
    when = [FIRST_DAY + timedelta(days=int(day)) for day in rng.integers(0, days + 1, len(visited))]
    table = pd.DataFrame(
        {
            "id_parcel": parcels["id_parcel"].to_numpy()[visited],
            "code_cultu_observe": parcels["code_cultu"].to_numpy()[visited],
            "date_releve": when,
            "agent": agent,
            "x_mesure": measured[:, 0].round(2),
            "y_mesure": measured[:, 1].round(2),
            "x_vrai": true[:, 0].round(2),
            "y_vrai": true[:, 1].round(2),
            "precision_m": announced.round(1),
        }
    ).sort_values(["date_releve", "agent"], ignore_index=True, kind="stable")
    table.insert(0, "id_releve", [f"R2025-{number:03d}" for number in range(1, len(table) + 1)])
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["x_mesure"], table["y_mesure"]), crs=CRS)


def _visited(crop: pd.Series, rng: np.random.Generator) -> NDArray[np.int64]:
    """Positions of the parcels to visit: half spread evenly over the crops, half at random."""
    order = rng.permutation(len(crop))
    rank = pd.Series(crop.to_numpy()[order]).groupby(crop.to_numpy()[order]).cumcount().to_numpy()
    each = VISITS // (2 * crop.nunique())
    even, rest = order[rank < each], order[rank >= each]
    return np.concatenate([even, rest[: VISITS - len(even)]])


def _standpoints(polygons: NDArray[np.object_], rng: np.random.Generator) -> NDArray[np.float64]:
    """A random place in each parcel, away from its edge where the parcel is wide enough."""
    inner = shapely.buffer(polygons, -_EDGE_M)
    inner = np.where(shapely.is_empty(inner), shapely.buffer(shapely.point_on_surface(polygons), 1.0), inner)
    west, south, east, north = shapely.bounds(inner).T
    place = shapely.get_coordinates(shapely.point_on_surface(inner))
    waiting = np.arange(len(inner))
    for _ in range(40):
        x, y = rng.uniform(west, east), rng.uniform(south, north)
        hit = waiting[shapely.contains_xy(inner[waiting], x[waiting], y[waiting])]
        place[hit] = np.column_stack([x[hit], y[hit]])
        waiting = np.setdiff1d(waiting, hit)
    return place
