"""A layer read in batches, its geometries left on disk, gets the answer of the same layer in memory."""

import datetime as dt
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geoatelier import datasets
from geoatelier.quality import reading, vectors
from geoatelier.quality.checking import check
from geoatelier.quality.layer_inspection import Settings, inspect_layer
from geoatelier.quality.source import Batch, Source
from geoatelier.quality.spill import Spill
from geoatelier.quality.tables import read_table, table_batches
from geoatelier.quality.wording import quote
from geoatelier.safely import UnwritableOutput

SETTINGS = Settings(dt.date(2026, 1, 15))
# Told from the rows of a batch by comparison with the others of that batch: the usual year, the usual number
# of pieces.
BY_COMPARISON = {"millesime-isole", "multi-parties"}


def in_batches(source: Source, rows: int) -> Source:
    frame, odd = source.frame, next(source.batches()).odd_decimals

    def batches():
        for start in range(0, len(frame), rows):
            here = {name: at[(at >= start) & (at < start + rows)] - start for name, at in odd.items()}
            yield Batch(frame.iloc[start : start + rows], {name: at for name, at in here.items() if len(at)})

    return Source(source.name, batches, len(frame), source.spatial, source.supposed_crs)


def comparable(table: gpd.GeoDataFrame) -> pd.DataFrame:
    table = table[~table["code"].isin(BY_COMPARISON)]
    shapes = shapely.to_wkt(shapely.normalize(table.geometry.to_numpy()), rounding_precision=3)
    flat = pd.DataFrame(table.drop(columns="geometry")).assign(shape=shapes)
    return flat.sort_values(["code", "rang", "attribut", "shape", "objet_lie"]).reset_index(drop=True)


@pytest.mark.parametrize(
    "file", ["parcelles_2025.gpkg", "batiments.shp", "adresses.csv", "releves_terrain.csv"]
)
def test_a_layer_in_batches_gets_the_answer_of_the_whole(file):
    [source] = reading.read_layers(datasets.path(f"livraison/{file}"))
    at_once = inspect_layer(source, file, SETTINGS)
    by_parts = inspect_layer(in_batches(source, 400), file, SETTINGS)
    assert len(at_once.anomalies) > 20
    pd.testing.assert_frame_equal(comparable(by_parts.anomalies), comparable(at_once.anomalies))
    assert by_parts.facts.rows == at_once.facts.rows
    assert by_parts.facts.columns == at_once.facts.columns
    assert by_parts.facts.shape == at_once.facts.shape
    np.testing.assert_allclose(by_parts.facts.bounds, at_once.facts.bounds)


@pytest.mark.parametrize("suffix", ["gpkg", "fgb", "geojson", "shp", "parquet"])
def test_a_large_file_is_read_in_batches_that_hold_the_same_rows(tmp_path, monkeypatch, suffix):
    parcels = gpd.read_file(datasets.path("galejade.gpkg"), layer="parcelles_agricoles")
    path = tmp_path / f"parcelles.{suffix}"
    if suffix == "parquet":
        parcels.to_parquet(path)
    else:
        parcels.to_file(path)
    [at_once] = reading.read_layers(path)
    monkeypatch.setattr(vectors, "LARGE", 1)
    monkeypatch.setattr(vectors, "_MOST_ROWS", 100)
    [source] = reading.read_layers(path)
    batches = [batch.frame for batch in source.batches()]
    assert len(batches) > 3
    assert max(map(len, batches)) <= 100
    assert source.rows == len(parcels)
    together = pd.concat(batches, ignore_index=True)
    assert together.crs == at_once.frame.crs
    assert list(together.columns.sort_values()) == list(at_once.frame.columns.sort_values())
    assert shapely.equals_exact(together.geometry.to_numpy(), at_once.frame.geometry.to_numpy()).all()
    assert together["id_parcel"].tolist() == at_once.frame["id_parcel"].tolist()


def test_a_large_table_is_read_in_batches_as_the_same_table():
    path = datasets.path("livraison/adresses.csv")
    whole = read_table(path.read_bytes())
    parts = list(table_batches(path, 200))
    assert len(parts) > 3
    together = pd.concat([part.frame for part in parts], ignore_index=True)
    assert together["nom_voie"].tolist() == whole.frame["nom_voie"].tolist()
    assert shapely.equals_exact(together.geometry.to_numpy(), whole.frame.geometry.to_numpy()).sum() > 1000
    assert {part.frame.crs for part in parts} == {whole.frame.crs}


def test_spilled_geometries_come_back_in_the_order_asked_for():
    shapes = np.array([shapely.Point(0, 1), None, shapely.box(0, 0, 1, 1), shapely.Point()], dtype=object)
    with Spill() as spill:
        spill.add(shapes[:2])
        spill.add(shapes[2:])
        back = spill[np.array([3, 1, 0, 2, 0])]
    assert back[1] is None
    assert back[0].is_empty
    assert [shape.wkt for shape in back[2:]] == [shapes[0].wkt, shapes[2].wkt, shapes[0].wkt]


def test_a_column_that_turns_into_text_halfway_is_still_told_as_text(tmp_path):
    lines = ["id;surf"] + [f"{i};{i},5" for i in range(300)]
    lines[250] = "249;environ 3"
    path = tmp_path / "releves.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    columns = [part.frame["surf"].dtype.kind for part in table_batches(path, 100)]
    assert columns[:2] == ["f", "f"]
    assert columns[2] != "f"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux's device that is always full")
def test_a_full_folder_of_temporary_files_is_said_in_french():
    with pytest.raises(UnwritableOutput, match="TMPDIR"), Spill() as spill:
        spill._file.close()
        spill._file = Path("/dev/full").open("w+b")  # noqa: SIM115 - the spill closes it
        spill.add(shapely.points(np.arange(20_000), 0))
        spill[np.arange(2)]


def test_no_folder_for_temporary_files_is_said_in_french(monkeypatch):
    def refuse(**_):
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(UnwritableOutput, match="TMPDIR"):
        Spill()
    unread = check([datasets.path("livraison/parcelles_2025.gpkg")]).unread
    assert unread[0].message.startswith(f"Le contrôle de {quote('parcelles_2025.gpkg')} s'est arrêté.")
