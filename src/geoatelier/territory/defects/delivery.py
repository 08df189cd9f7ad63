"""The delivery « livraison »: four damaged files, the ledger of their defects, the supplier's note."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geoatelier.territory.defects import addresses as address_file
from geoatelier.territory.defects import field_points as field_point_file
from geoatelier.territory.defects.addresses import damage_addresses
from geoatelier.territory.defects.buildings import FILE as BUILDINGS_FILE
from geoatelier.territory.defects.buildings import damage_buildings
from geoatelier.territory.defects.delivery_note import DELIVERED_ON, make_claims, write_note
from geoatelier.territory.defects.field_points import damage_field_points
from geoatelier.territory.defects.ledger import gather
from geoatelier.territory.defects.parcels import FILE as PARCELS_FILE
from geoatelier.territory.defects.parcels import damage_parcels
from geoatelier.territory.vector import write_vector

LEDGER_FILE = "registre_defauts.gpkg"
LEDGER_LAYER = "defauts"
CLAIMS_LAYER = "affirmations"
NOTE_FILE = "bordereau.md"


@dataclass(frozen=True)
class Delivery:
    """Damaged copies of four clean layers, as their files write them, and what is wrong in them.

    Parameters
    ----------
    parcels, buildings : features with their delivered geometry, some of it null; labelled EPSG:2154
    addresses, field_points : texts only, None where nothing is written
    ledger : one row a defect, columns of `ledger.COLUMNS`, geometry where the error is, EPSG:2154
    claims : what the supplier's note says, and whether it is so
    """

    parcels: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    addresses: pd.DataFrame
    field_points: pd.DataFrame
    ledger: gpd.GeoDataFrame
    claims: pd.DataFrame


def make_delivery(
    parcels: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    addresses: gpd.GeoDataFrame,
    field_points: gpd.GeoDataFrame,
    seed: int,
) -> Delivery:
    """Damage four clean layers and keep the ledger of every defect.

    A defect goes on features that carry no other one and take part in none, so that counts are exact.

    Parameters
    ----------
    parcels, buildings, addresses, field_points : clean layers, columns of `schemas.LAYERS`, EPSG:2154

    Raises
    ------
    ValueError
        If the layers are too small, or too crowded, to carry every defect.
    """
    random = [np.random.default_rng([seed, 60 + rank]) for rank in range(4)]
    damaged_parcels = damage_parcels(parcels, set(field_points["id_parcel"]), random[0])
    delivered = set(damaged_parcels.delivered()["id_parcel"])
    layers = (
        damaged_parcels,
        damage_buildings(buildings, parcels, random[1]),
        damage_addresses(addresses, random[2]),
        damage_field_points(field_points, parcels, delivered, random[3]),
    )
    tables = [layer.delivered() for layer in layers]
    return Delivery(*tables, gather(layers), make_claims(*tables, declared_parcels=len(parcels)))


def write_delivery(delivery: Delivery, folder: Path) -> None:
    """Write the files of the delivery, in the formats that people receive, with its note and its ledger."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_geopackage(delivery.parcels, folder / PARCELS_FILE, Path(PARCELS_FILE).stem)
    _write_shapefile(delivery.buildings, folder / BUILDINGS_FILE)
    for file, table in ((address_file, delivery.addresses), (field_point_file, delivery.field_points)):
        table.to_csv(
            folder / file.FILE, sep=file.SEPARATOR, encoding=file.ENCODING, index=False, lineterminator="\r\n"
        )
    _write_geopackage(delivery.ledger, folder / LEDGER_FILE, LEDGER_LAYER)
    write_vector(delivery.claims, folder / LEDGER_FILE, driver="GPKG", layer=CLAIMS_LAYER, append=True)
    (folder / NOTE_FILE).write_text(write_note(delivery.claims), encoding="utf-8")


def _write_geopackage(table: gpd.GeoDataFrame, path: Path, layer: str) -> None:
    """Write one layer that takes any type of geometry."""
    options = {"GEOMETRY_NAME": "geom"}
    write_vector(table, path, driver="GPKG", layer=layer, geometry_type="Unknown", layer_options=options)


def _write_shapefile(buildings: gpd.GeoDataFrame, path: Path) -> None:
    """Write UTF-8 texts and Lambert-93 coordinates, then lose the two files that say so."""
    write_vector(
        buildings,
        path,
        driver="ESRI Shapefile",
        geometry_type="Polygon",
        dates=("DATE_APP",),
        layer_options={"RESIZE": "YES", "DBF_DATE_LAST_UPDATE": DELIVERED_ON.isoformat()},
    )
    for lost in (".cpg", ".prj"):
        path.with_suffix(lost).unlink()
