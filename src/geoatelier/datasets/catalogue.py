"""Open what the active territory holds, by name, and say in French what to do when a name is wrong."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from geoatelier.folders import CATALOGUE, territory_folder

VECTORS = "galejade.gpkg"
IMAGES = "sentinel2"


def folder() -> Path:
    """Return the folder of the active territory (see `geoatelier.folders.territory_folder`)."""
    return territory_folder()


def path(name: str) -> Path:
    """Return the full path of one file of the territory.

    Parameters
    ----------
    name : path inside the territory, such as "galejade.gpkg" or "sentinel2/galejade_20250618.tif"

    Raises
    ------
    FileNotFoundError
        If the territory has no such file; the message gives the nearest name.
    """
    found = folder() / name
    if not found.exists():
        files = [file.relative_to(folder()).as_posix() for file in folder().rglob("*") if file.is_file()]
        raise FileNotFoundError(
            f"Le territoire ne contient pas « {name} ». {_suggest(name, files)} "
            "datasets.table() donne la liste complète."
        )
    return found


def layers() -> list[str]:
    """Return the names of the vector layers of the territory."""
    return [str(name) for name, geometry in pyogrio.list_layers(path(VECTORS)) if geometry is not None]


def layer(name: str) -> gpd.GeoDataFrame:
    """Return one vector layer of the territory, in EPSG:2154.

    The same as `gpd.read_file(datasets.path("galejade.gpkg"), layer=name)`.

    Raises
    ------
    ValueError
        If there is no such layer; the message gives the nearest name.
    """
    if name not in layers():
        raise ValueError(f"La couche « {name} » n'existe pas. {_suggest(name, layers())}")
    return gpd.read_file(path(VECTORS), layer=name)


def dates() -> list[datetime]:
    """Return the dates of the Sentinel-2 images, from the first to the last."""
    stamps = (file.stem.split("_")[1] for file in folder().glob(f"{IMAGES}/*.tif"))
    return [datetime.strptime(stamp, "%Y%m%d") for stamp in sorted(set(stamps))]


def image(day: str | date) -> Path:
    """Return the path of the image of a date: uint16, B2 B3 B4 B8 B11 B12, reflectance × 10 000, nodata 0.

    Parameters
    ----------
    day : a date, a datetime, or text such as "20250618" or "2025-06-18"

    Raises
    ------
    ValueError
        If no image has that date; the message gives the nearest date.
    """
    return path(f"{IMAGES}/galejade_{_stamp(day)}.tif")


def mask(day: str | date) -> Path:
    """Return the path of the cloud mask of a date: uint8, 0 clear, 1 cloud, 2 shadow of a cloud.

    Takes and raises the same as `image`.
    """
    return path(f"{IMAGES}/galejade_{_stamp(day)}_masque.tif")


def images() -> dict[datetime, Path]:
    """Return the path of the image of every date (see `image`)."""
    return {day: image(day) for day in dates()}


def masks() -> dict[datetime, Path]:
    """Return the path of the cloud mask of every date (see `mask`)."""
    return {day: mask(day) for day in dates()}


def table() -> pd.DataFrame:
    """Return the catalogue as a table: one row a resource of `datapackage.json`, columns in French."""
    resources = json.loads(path(CATALOGUE).read_text(encoding="utf-8"))["resources"]
    columns = {
        "name": "nom",
        "title": "titre",
        "description": "description",
        "path": "fichier",
        "format": "format",
        "bytes": "octets",
    }
    rows = pd.DataFrame(resources)
    return rows[[key for key in columns if key in rows]].rename(columns=columns)


def _stamp(day: str | date) -> str:
    try:
        wanted = pd.Timestamp(day)
    except ValueError as error:
        raise ValueError(
            f"« {day} » n'est pas une date. Écrivez-la ainsi : « 2025-06-18 » ou « 20250618 »."
        ) from error
    known = dates()
    if not known:
        raise FileNotFoundError(f"Le territoire ne contient aucune image dans le dossier {IMAGES}.")
    if wanted not in known:
        nearest = min(known, key=lambda date_: abs(date_ - wanted))
        raise ValueError(
            f"Aucune image le {wanted:%d/%m/%Y}. La plus proche est du {nearest:%d/%m/%Y} "
            f"(« {nearest:%Y%m%d} »). datasets.dates() les donne toutes."
        )
    return f"{wanted:%Y%m%d}"


def _suggest(name: str, known: Iterable[str]) -> str:
    by_lower = {choice.lower(): choice for choice in known}
    # A bare file name is compared with file names, so that a forgotten folder is found too.
    by_lower |= {Path(choice).name.lower(): choice for choice in by_lower.values()}
    close = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.4)
    if close:
        return f"Vouliez-vous dire « {by_lower[close[0]]} » ?"
    return f"Noms connus : {', '.join(sorted(set(by_lower.values())))}."
