"""The catalogue of the territory: a Frictionless data package that describes every file.

References
----------
Data Package v1, https://specs.frictionlessdata.io/data-package/; Licence Ouverte 2.0 (Etalab),
https://www.etalab.gouv.fr/licence-ouverte-open-licence.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyogrio
import rasterio

from geoatelier.territory import defects
from geoatelier.territory.defects import addresses as address_file
from geoatelier.territory.defects import buildings as building_file
from geoatelier.territory.defects import field_points as field_point_file
from geoatelier.territory.defects import parcels as parcel_file
from geoatelier.territory.files import (
    CATALOGUE,
    DELIVERY,
    ELEVATION,
    GEOPACKAGE,
    ORTHOPHOTO,
    french_day,
    image_days,
    image_path,
    mask_path,
)
from geoatelier.territory.files import POOLS as POOLS_FILE
from geoatelier.territory.schemas import LAYERS, POOLS, Column, Layer
from geoatelier.territory.texts import FICTION, TEXTS
from geoatelier.territory.vector import FROZEN_DAY

VERSION = "1.0.0"
LICENCE = {
    "name": "etalab-2.0",
    "title": "Licence Ouverte 2.0",
    "path": "https://www.etalab.gouv.fr/wp-content/uploads/2017/04/ETALAB-Licence-Ouverte-v2.0.pdf",
}
GEOPACKAGE_TYPE = "application/geopackage+sqlite3"
COG_TYPE = "image/tiff; application=geotiff; profile=cloud-optimized"


def write_catalogue(folder: Path) -> None:
    """Describe each file of a territory in its `datapackage.json`; counts and extents are read from files."""
    package = {
        "name": "galejade",
        "title": "L'île de la Galéjade, territoire d'exercice de GéoAtelier",
        "description": FICTION,
        "version": VERSION,
        "created": f"{FROZEN_DAY}T00:00:00Z",
        "keywords": ["géodonnées", "exercice", "fictif", "Provence", "qualité", "Sentinel-2"],
        "licenses": [LICENCE],
        "resources": list(_resources(folder)),
    }
    text = json.dumps(package, ensure_ascii=False, indent=2)
    (folder / CATALOGUE).write_text(text + "\n", encoding="utf-8")


def _resources(folder: Path) -> Iterator[dict[str, Any]]:
    for schema in LAYERS.values():
        kind = {"format": "gpkg", "mediatype": GEOPACKAGE_TYPE, "encoding": "utf-8", "layer": schema.name}
        yield _layer(folder, GEOPACKAGE, schema, kind)
    yield _raster(folder, "mnt_10m", ELEVATION, TEXTS["mnt_10m"].title, TEXTS["mnt_10m"].summary)
    yield from _series(folder)
    port = TEXTS["port_galejade_50cm"]
    yield _raster(folder, "port_galejade_50cm", ORTHOPHOTO, port.title, port.summary)
    kind = {"format": "geojson", "mediatype": "application/geo+json", "encoding": "utf-8"}
    yield _layer(folder, POOLS_FILE, POOLS, kind)
    yield from _delivery(folder)


def _resource(folder: Path, name: str, path: str, text: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """A resource whose title and summary are those of `TEXTS[text]`."""
    return {
        "name": name,
        "title": TEXTS[text].title,
        "description": TEXTS[text].summary,
        "path": path,
        "bytes": (folder / path).stat().st_size,
        **more,
    }


def _layer(folder: Path, file: str, schema: Layer, kind: dict[str, str]) -> dict[str, Any]:
    info = pyogrio.read_info(folder / file, layer=schema.name)
    return _resource(
        folder,
        schema.name,
        file,
        schema.name,
        **kind,
        features=info["features"],
        geometry=schema.geometry,
        crs=info["crs"],
        bounds=[round(float(edge), 2) for edge in info["total_bounds"]],
        columns=[_column(column) for column in schema.columns],
    )


def _column(column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {"name": column.name, "type": column.kind, "title": column.alias}
    if column.unit:
        described["unit"] = column.unit
    constraints: dict[str, Any] = {"required": not column.nullable}
    if column.domain:
        constraints["enum"] = list(column.domain)
    return described | {"constraints": constraints}


def _raster(folder: Path, name: str, path: str, title: str, description: str) -> dict[str, Any]:
    with rasterio.open(folder / path) as raster:
        return {
            "name": name,
            "title": title,
            "description": description,
            "path": path,
            "bytes": (folder / path).stat().st_size,
            "format": "tif",
            "mediatype": COG_TYPE,
            "crs": f"EPSG:{raster.crs.to_epsg()}",
            "bounds": [float(edge) for edge in raster.bounds],
            "pixel": raster.res[0],
            "height": raster.height,
            "width": raster.width,
            "bands": [band or f"bande {rank}" for rank, band in enumerate(raster.descriptions, 1)],
            "type_of_value": raster.dtypes[0],
            "nodata": raster.nodata,
        }


def _series(folder: Path) -> Iterator[dict[str, Any]]:
    for day in image_days(folder):
        name = f"galejade_{day:%Y%m%d}"
        title = f"Image du {french_day(day)}"
        summary = f"Réflectance × 10 000, six bandes à 10 m, {french_day(day)}."
        yield _raster(folder, name, image_path(day), title, summary)
        title = f"Masque de nuages du {french_day(day)}"
        summary = "0 clair, 1 nuage, 2 ombre de nuage."
        yield _raster(folder, f"{name}_masque", mask_path(day), title, summary)


def _delivery(folder: Path) -> Iterator[dict[str, Any]]:
    yield _resource(
        folder,
        "parcelles_2025",
        f"{DELIVERY}/{parcel_file.FILE}",
        "parcelles_2025",
        format="gpkg",
        mediatype=GEOPACKAGE_TYPE,
        encoding="utf-8",
    )
    for suffix, name, mediatype in (
        (".shp", "batiments_livres", "application/vnd.shp"),
        (".shx", "batiments_livres_shx", "application/vnd.shx"),
        (".dbf", "batiments_livres_dbf", "application/vnd.dbf"),
    ):
        path = f"{DELIVERY}/{Path(building_file.FILE).with_suffix(suffix)}"
        yield _resource(folder, name, path, name, format=suffix[1:], mediatype=mediatype)
    for file, name in ((address_file, "adresses_livrees"), (field_point_file, "releves_livres")):
        path = f"{DELIVERY}/{file.FILE}"
        header = pd.read_csv(folder / path, sep=file.SEPARATOR, encoding=file.ENCODING, nrows=0)
        yield _resource(
            folder,
            name,
            path,
            name,
            type="table",
            format="csv",
            mediatype="text/csv",
            encoding=file.ENCODING,
            dialect={"csv": {"delimiter": file.SEPARATOR}},
            schema={"fields": list(_texts_of(header.columns, LAYERS[file.LAYER].columns))},
        )
    yield _resource(
        folder,
        "bordereau",
        f"{DELIVERY}/{defects.NOTE_FILE}",
        "bordereau",
        format="md",
        mediatype="text/markdown",
        encoding="utf-8",
    )
    yield _resource(
        folder,
        "registre_defauts",
        f"{DELIVERY}/{defects.LEDGER_FILE}",
        "registre_defauts",
        format="gpkg",
        mediatype=GEOPACKAGE_TYPE,
        encoding="utf-8",
    )


def _texts_of(names: pd.Index, columns: tuple[Column, ...]) -> Iterator[dict[str, str]]:
    """Fields of a damaged file: all texts, because nothing in them is sure to be a number or a date."""
    titles = {column.name: column.alias for column in columns}
    for name in names:
        yield {"name": name, "type": "string", "title": titles[name]}
