"""Refuse layers that do not stand on one another."""

from geopandas import GeoDataFrame
from rasterio.crs import CRS


def refuse_other_crs(parcels: GeoDataFrame, crs: CRS) -> None:
    """Raise ValueError, with what to do in French, if the parcels are not in the CRS of the image."""
    if parcels.crs is None:
        raise ValueError(
            "Les parcelles n'ont pas de système de coordonnées. Demandez-le à qui les a produites, "
            "puis déclarez-le avec set_crs."
        )
    if parcels.crs != crs:
        raise ValueError(
            f"Les parcelles sont en {parcels.crs.to_string()} et l'image en {crs.to_string()}. "
            "Reprojetez les parcelles avec to_crs."
        )
