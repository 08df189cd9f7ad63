"""Contrôles de notre service, lus par `geoatelier check … --controls controles.py`."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from geoatelier import quality

ROUTES = Path(__file__).with_name("reference") / "routes.gpkg"
TOLERANCE = 2  # mètres de route admis dans une parcelle


def longueur_sur_route(parcelles: gpd.GeoDataFrame, routes: gpd.GeoDataFrame) -> np.ndarray:
    """Mètres de route à l'intérieur de chaque parcelle ; un même système pour les deux couches, en mètres."""
    contours = shapely.make_valid(parcelles.geometry.to_numpy())
    axes = routes.geometry.to_numpy()
    parcelle, route = shapely.STRtree(axes).query(contours, predicate="intersects")
    dedans = shapely.length(shapely.intersection(contours[parcelle], axes[route]))
    au_bord = shapely.length(shapely.intersection(shapely.boundary(contours[parcelle]), axes[route]))
    metres = np.zeros(len(parcelles))
    np.add.at(metres, parcelle, dedans - au_bord)
    return metres


@quality.control(
    "parcelle-sur-route",
    "Parcelle traversée par une route",
    prevents="La surface déclarée compte du bitume, et la parcelle est sans doute décalée.",
    level="bloquant",
    layers="parcelles*",
    measure=10,
)
def parcelle_sur_route(parcelles: gpd.GeoDataFrame) -> list[str | None]:
    """Une phrase pour chaque parcelle en faute, None pour les autres."""
    metres = longueur_sur_route(parcelles, gpd.read_file(ROUTES).to_crs(parcelles.crs))
    message = "{:.0f} m de route passent dans cette parcelle. Comparez-la au fond de plan."
    return [message.format(m) if m > TOLERANCE else None for m in metres]
