"""Where each file of the territory is, inside its folder."""

from datetime import date, datetime
from pathlib import Path

GEOPACKAGE = "galejade.gpkg"
ELEVATION = "relief/mnt_10m.tif"
SERIES = "sentinel2"
ORTHOPHOTO = "orthophoto/port_galejade_50cm.tif"
POOLS = "orthophoto/piscines.geojson"
DELIVERY = "livraison"
CARDS = "fiches"
CATALOGUE = "datapackage.json"

_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def image_path(day: date) -> str:
    return f"{SERIES}/galejade_{day:%Y%m%d}.tif"


def mask_path(day: date) -> str:
    return f"{SERIES}/galejade_{day:%Y%m%d}_masque.tif"


def image_days(folder: Path) -> list[date]:
    """Days of the images that a territory holds, in order."""
    stamps = {file.stem.split("_")[1] for file in (folder / SERIES).glob("galejade_*.tif")}
    return [datetime.strptime(stamp, "%Y%m%d").date() for stamp in sorted(stamps)]


def french_day(day: date) -> str:
    """« 1er avril 2025 »."""
    return f"{'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]} {day.year}"
