"""Refuse what is no layer, and layers that do not stand on one another."""

from geopandas import GeoDataFrame, GeoSeries
from rasterio.crs import CRS


def refuse_no_table(layer: object, *, name: str = "Les parcelles") -> None:
    """Raise TypeError, with what to do in French, if a layer has no geometry to speak of."""
    if not isinstance(layer, GeoDataFrame | GeoSeries):
        raise TypeError(
            f"{name} sont dans un objet {type(layer).__name__}, sans géométrie. Donnez la table que rend "
            "geopandas.read_file."
        )


def refuse_other_crs(layer: GeoDataFrame, crs: CRS, *, name: str = "Les parcelles") -> None:
    """Raise ValueError, with what to do in French, if a layer is not in the CRS of the image.

    `name` is what the sentence calls the layer: any plural.
    """
    if layer.crs is None:
        raise ValueError(
            f"{name} n'ont pas de système de coordonnées. Demandez-le à leur producteur, "
            "puis déclarez-le avec set_crs."
        )
    if layer.crs != crs:
        raise ValueError(
            f"{name} sont en {layer.crs.to_string()} et l'image en {crs.to_string()}. "
            "Reprojetez-les avec to_crs."
        )
