"""Controls of the grid of an image, of its bands, and of how it is written; its pixels are not read."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from pyproj import CRS

from geoatelier.quality.cog import cog_faults
from geoatelier.quality.images_errors import GDAL_ERRORS
from geoatelier.quality.images_reading import ask, declares_missing
from geoatelier.quality.images_subject import Image, crs_of
from geoatelier.quality.source import UnreadableSource
from geoatelier.quality.wording import SPACE, count, number, quote

_LARGE_IMAGE = 1024  # pixels on a side, above which overviews are worth their room
_SAME_SIZE = 1e-6  # relative difference below which two pixel sizes are one
_SAME_PLACE = 1e-3  # share of a pixel below which two grids are one


def system(image: Image) -> None:
    crs = image.layer.frame.crs
    if crs is None:
        image.tell(
            "systeme-absent",
            "L'image n'a pas de système de coordonnées : elle ne se superpose à rien. "
            "Demandez-le au producteur, puis attribuez-le dans QGIS.",
        )
    elif image.rules.systems and crs.to_epsg(min_confidence=25) not in image.rules.systems:
        allowed = ", ".join(f"EPSG:{code}" for code in image.rules.systems)
        image.tell(
            "systeme-inattendu",
            f"L'image est en {quote(crs.name)}, alors qu'on attend {allowed}. Reprojetez-la.",
            value=crs.to_string() if crs.to_epsg() else crs.name,
        )


def pixel_grid(image: Image) -> None:
    transform = image.source.transform
    if transform.b or transform.d:
        angle = np.degrees(np.arctan2(transform.d, transform.a))
        image.tell(
            "image-tournee",
            f"La grille de l'image est tournée de {number(angle, 2)}{SPACE}degrés. "
            "Redressez-la (`gdalwarp`) avant de la croiser avec une autre.",
        )
    width, height = np.hypot(transform.a, transform.d), np.hypot(transform.b, transform.e)
    if abs(width - height) > _SAME_SIZE * max(width, height):
        image.tell(
            "pixel-non-carre",
            f"Un pixel fait {number(width, 6)} sur {number(height, 6)}. Rééchantillonnez l'image sur des "
            "pixels carrés, ou tenez compte des deux tailles.",
            value=f"{width:g} × {height:g}",
        )
    expected = image.rules.pixel_size
    if expected is not None and max(abs(width - expected), abs(height - expected)) > _SAME_SIZE * expected:
        image.tell(
            "resolution-inattendue",
            f"Un pixel fait {number(width, 6)} sur {number(height, 6)}, alors qu'on attend "
            f"{number(expected, 6)}. Redemandez l'image à la bonne résolution.",
            value=f"{width:g}",
        )


@dataclass(frozen=True)
class Grid:
    """Origin, pixel size and system of a reference image."""

    x: float
    y: float
    width: float
    height: float
    crs: CRS | None


def grid_of(reference: str | Path) -> Grid:
    try:
        with rasterio.open(reference) as source:
            transform, crs = source.transform, crs_of(source)
    except GDAL_ERRORS as error:
        raise UnreadableSource(
            f"L'image de référence {quote(Path(reference).name)} ne se lit pas : elle ne peut pas faire foi."
        ) from error
    return Grid(transform.c, transform.f, transform.a, transform.e, crs)


def alignment(image: Image, grid: Grid) -> None:
    crs, transform = image.layer.frame.crs, image.source.transform
    if crs != grid.crs:
        image.tell(
            "grille-decalee",
            "L'image et la référence n'ont pas le même système de coordonnées : leurs pixels ne peuvent pas "
            "se superposer. Reprojetez l'image sur la grille de la référence.",
        )
        return
    if abs(abs(transform.a) - abs(grid.width)) > _SAME_SIZE * abs(grid.width):
        image.tell(
            "grille-decalee",
            f"Un pixel de l'image fait {number(abs(transform.a), 6)}, un pixel de la référence "
            f"{number(abs(grid.width), 6)}. Rééchantillonnez l'image sur la grille de la référence.",
            value=f"{abs(transform.a):g}",
        )
        return
    shift = np.array([(transform.c - grid.x) / grid.width, (transform.f - grid.y) / grid.height])
    shift -= np.round(shift)
    if (np.abs(shift) > _SAME_PLACE).any():
        across, along = shift * np.array([grid.width, grid.height])
        image.tell(
            "grille-decalee",
            f"La grille est décalée de la référence de {number(across, 3)} en X et {number(along, 3)} en Y, "
            "une fraction de pixel. Rééchantillonnez l'image sur la grille de la référence.",
            value=f"{across:g}, {along:g}",
        )


def bands(image: Image) -> None:
    rules, source = image.rules, image.source
    if rules.bands is not None and source.count != rules.bands:
        image.tell(
            "bandes-inattendues",
            f"L'image a {count(source.count, 'bande')}, alors qu'on en attend {rules.bands}. "
            "Redemandez-la, avec la liste de ses bandes.",
            value=source.count,
        )
    if rules.dtype is not None and set(source.dtypes) != {rules.dtype}:
        image.tell(
            "bandes-inattendues",
            f"Les valeurs sont de type {source.dtypes[0]}, alors qu'on attend {rules.dtype}. "
            "Vérifiez l'unité et le facteur d'échelle avant de convertir.",
            value=source.dtypes[0],
        )
    if rules.nodata is not None and source.nodata != rules.nodata:
        declared = "aucune" if source.nodata is None else number(source.nodata, 6)
        image.tell(
            "absence-non-declaree",
            f"La valeur d'absence déclarée est {declared}, alors qu'on attend {number(rules.nodata, 6)}. "
            "Vérifiez laquelle est dans les pixels avant de la changer (`gdal_edit -a_nodata`).",
            value=source.nodata,
        )
    elif rules.declares_missing and not declares_missing(source):
        image.tell(
            "absence-non-declaree",
            "L'image ne dit pas quelle valeur veut dire « pas de donnée ». "
            "Déclarez-la (`gdal_edit -a_nodata`), ou confirmez que tous les pixels sont bons.",
        )


def writing(image: Image) -> None:
    source = image.source
    if source.driver in ("GTiff", "COG") or image.rules.cloud_optimised:
        for fault in cog_faults(image.path):
            image.tell(
                "cog-non-conforme",
                f"L'image n'est pas un GeoTIFF optimisé pour le Web (COG) : {fault}. "
                "Réécrivez-la avec `rio cogeo create`.",
                level="erreur" if image.rules.cloud_optimised else None,
            )
    if max(source.width, source.height) > _LARGE_IMAGE and not ask(lambda: source.overviews(1)):
        image.tell("apercus-absents", "L'image n'a pas d'aperçus (pyramides). Ajoutez-les avec `gdaladdo`.")
