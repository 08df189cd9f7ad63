"""Whatever is sent ends in a report or in a French sentence: nothing runs or changes, the rest is read."""

import contextlib
import csv
import datetime as dt
import json
import os
import shutil
import sqlite3
import struct
import warnings
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
from fuzz_quality import faults, state, write_sample
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import CRS
from rasterio.transform import Affine, from_origin
from shapely import LineString, MultiPoint, Point, Polygon, box

from geoatelier import quality
from geoatelier.quality import archives, layer_inspection, tables, vectors

TODAY = dt.date(2026, 1, 1)
WITNESS = '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"1"},"geometry":'
WITNESS += '{"type":"Point","coordinates":[5.37,42.81]}}]}'


def control(folder):
    """Control a folder, a sound file put in it; what holds for any input at all is asserted here."""
    (folder / "temoin.geojson").write_text(WITNESS)
    before = state(folder)
    report = quality.check([folder], today=TODAY)
    assert state(folder) == before, "a file was changed, or one was left behind"
    assert not [unread.message for unread in report.unread if "cas imprévu" in unread.message]
    assert faults(report) == []
    assert "temoin" in [facts.name for facts in report.layers], "the other files are controlled all the same"
    assert repr(report)
    return report


def sentence(folder):
    """The sentence that refuses the only bad file of a folder."""
    [unread] = control(folder).unread
    return unread.message


def codes(report):
    return set(report.anomalies["code"])


def squares(n=4, side=100.0):
    places = [box(893_000 + 200 * i, 6_195_000, 893_000 + 200 * i + side, 6_195_000 + side) for i in range(n)]
    return gpd.GeoDataFrame({"id": [f"a{i}" for i in range(n)]}, geometry=places, crs=2154)


def collection(*geometries, properties=None, **members):
    features = [
        {"type": "Feature", "properties": properties or {"id": str(i)}, "geometry": geometry}
        for i, geometry in enumerate(geometries)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features} | members)


# ---- the file itself


@pytest.mark.parametrize("kind", ["gpkg", "shp", "geojson", "fgb", "parquet", "csv", "zip", "tif"])
@pytest.mark.parametrize("kept", [0.0, 0.02, 0.5, 0.97])
def test_a_truncated_file_is_told(tmp_path, kind, kept):
    (tmp_path / "envoi").mkdir()
    path = write_sample(tmp_path / "envoi", kind)
    for leftover in (tmp_path / "envoi").glob("dedans.*"):
        leftover.unlink()
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data))])
    report = control(tmp_path / "envoi")
    # A CSV cut at the end of a line, and a zip, or an image whose pixels are lost, say it each in their way.
    assert report.unread or kind == "csv" or codes(report) & {"fichier-abime", "bloc-illisible"}


@pytest.mark.parametrize(
    ("true", "given_name", "said"),
    [
        ("gpkg", "a.shp", "morceau|Il manque"),
        ("gpkg", "a.geojson", "GeoPackage"),
        ("geojson", "a.gpkg", "GeoJSON"),
        ("parquet", "a.csv", "GeoParquet"),
        ("tif", "a.gpkg", "GeoTIFF"),
        ("gpkg", "a.tif", "GeoPackage"),
        ("csv", "a.parquet", "GeoParquet"),
        ("zip", "a.fgb", "archive zip"),
    ],
)
def test_a_wrong_extension_is_told_with_what_the_file_looks_like(tmp_path, true, given_name, said):
    path = write_sample(tmp_path, true)
    target = tmp_path / "envoi"
    target.mkdir()
    shutil.copy(path, target / given_name)
    assert any(word in sentence(target) for word in said.split("|"))


def test_a_folder_named_as_a_geopackage_is_gone_through(tmp_path):
    (tmp_path / "lot.gpkg").mkdir()
    squares().to_file(tmp_path / "lot.gpkg" / "parcelles.gpkg")
    report = control(tmp_path)
    assert "parcelles" in [facts.name for facts in report.layers]
    with pytest.raises(quality.UnreadableSource, match="est un dossier"):
        quality.inspect(tmp_path / "lot.gpkg")


@pytest.mark.parametrize("name", ["tube.gpkg", "tube.tif", "tube.csv"])
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path, name):
    os.mkfifo(tmp_path / name)
    assert "n'est pas un fichier ordinaire" in sentence(tmp_path)


@pytest.mark.parametrize("name", ["lien.gpkg", "lien.tif", "lien.csv"])
def test_a_link_to_nothing_is_told(tmp_path, name):
    (tmp_path / name).symlink_to(tmp_path / "parti.gpkg")
    assert "n'existe pas" in sentence(tmp_path)


@pytest.mark.parametrize("name", ["a.gpkg", "a.tif", "a.csv", "a.zip"])
@pytest.mark.parametrize(
    ("error", "said"),
    [(PermissionError(13, "Permission denied"), "pas le droit"), (OSError(5, "I/O"), "réseau")],
)
def test_a_file_that_the_system_will_not_open_is_told(tmp_path, monkeypatch, name, error, said):
    path = write_sample(tmp_path, name.partition(".")[2]).rename(tmp_path / name)
    for leftover in tmp_path.glob("dedans.*"):
        leftover.unlink()
    opened = type(path).open

    def refuse(self, mode="r", *options, **named):
        if self == path:
            raise error
        return opened(self, mode, *options, **named)

    monkeypatch.setattr(type(path), "open", refuse)
    report = quality.check([path], today=TODAY)
    assert said in report.unread[0].message


@pytest.mark.parametrize(
    "name", ["absent.gpkg", "absent.tif", "absent.csv", "é" * 300 + ".gpkg", "a\0b.gpkg"]
)
def test_a_file_that_is_not_there_is_told(tmp_path, name):
    report = quality.check([tmp_path / name])
    assert "n'existe pas" in report.unread[0].message


# ---- layers and their geometries


def test_an_empty_layer_is_an_anomaly(tmp_path):
    squares().iloc[:0].to_file(tmp_path / "vide.gpkg")
    squares().iloc[:0].to_file(tmp_path / "vide2.fgb")
    squares().iloc[:0].to_parquet(tmp_path / "vide3.parquet")
    (tmp_path / "vide4.geojson").write_text('{"type":"FeatureCollection","features":[]}')
    report = control(tmp_path)
    assert report.of("couche-vide")["fichier"].tolist() == [
        "vide.gpkg", "vide2.fgb", "vide3.parquet", "vide4.geojson",
    ]  # fmt: skip


def test_a_table_without_geometry_is_controlled_for_its_values(tmp_path):
    table = pd.DataFrame({"id": ["a", "a", None]})
    pyogrio.write_dataframe(table, tmp_path / "table.gpkg")
    table.to_parquet(tmp_path / "table.parquet")
    table.to_csv(tmp_path / "table.csv")
    report = control(tmp_path)
    assert len(report.of("sans-geometrie")) == 3
    assert len(report.of("attribut-incomplet")) == 3


def test_a_frame_without_geometry_is_refused():
    with pytest.raises(quality.UnreadableSource, match="géométrie active"):
        quality.inspect(gpd.GeoDataFrame({"a": [1]}))
    with pytest.raises(quality.UnreadableSource, match="Donnez le chemin"):
        quality.inspect(pd.DataFrame({"a": [1]}))


STRANGE = {
    "collection": shapely.GeometryCollection([Point(1, 1), box(0, 0, 1, 1)]),
    "nested collection": shapely.from_wkt("GEOMETRYCOLLECTION (GEOMETRYCOLLECTION (POINT (0 0)))"),
    "empty collection": shapely.GeometryCollection(),
    "empty point": Point(),
    "empty polygon": Polygon(),
    "empty part": shapely.from_wkt("MULTIPOINT (EMPTY, (1 1))"),
    "nothing": None,
    "z": shapely.force_3d(box(0, 0, 1, 1), 5),
    "m": shapely.from_wkt("POINT M (1 2 3)"),
    "zm": shapely.from_wkt("LINESTRING ZM (0 0 1 1, 1 1 2 2)"),
    "nan z": Point(1, 2, np.nan),
    "nan point": Point(np.nan, 1),
    "infinite point": Point(np.inf, 1),
    "nan line": LineString([(0, 0), (np.nan, 1), (2, 2)]),
    "all nan line": LineString([(np.nan, np.nan), (np.nan, np.nan)]),
    "nan multipoint": MultiPoint([(0, 0), (np.nan, np.nan)]),
    "nan polygon": Polygon([(0, 0), (1, 0), (np.nan, 1), (0, 1)]),
    "infinite polygon": Polygon([(0, 0), (np.inf, 0), (1, 1), (0, 1)]),
    "nan hole": Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(1, 1), (2, np.nan), (2, 2)]]),
    "nan collection": shapely.GeometryCollection([Point(np.nan, np.nan), box(0, 0, 1, 1)]),
    "flat polygon": Polygon([(0, 0), (1, 0), (0, 0)]),
    "one place polygon": Polygon([(0, 0), (0, 0), (0, 0)]),
    "one place line": LineString([(0, 0), (0, 0)]),
    "bow tie": Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]),
    "ring": shapely.LinearRing([(0, 0), (1, 0), (1, 1)]),
    "huge": Point(1e300, -1e300),
    "huge polygon": box(-1e155, -1e155, 1e155, 1e155),
    "largest": Point(np.finfo(float).max, np.finfo(float).max),
    "tiny": box(0, 0, 1e-320, 1e-320),
}  # fmt: skip


@pytest.mark.parametrize("crs", [2154, 4326], ids=str)
@pytest.mark.parametrize("geometry", STRANGE.values(), ids=STRANGE.keys())
def test_a_strange_geometry_among_sound_ones_ends_in_a_sound_report(geometry, crs):
    shapes = [*squares(3).to_crs(crs).geometry, geometry, geometry]
    frame = gpd.GeoDataFrame({"id": list("abcde"), "surf_parc": 1.0}, geometry=shapes, crs=crs)
    assert faults(quality.inspect(frame, today=TODAY)) == []


@pytest.mark.parametrize("geometry", STRANGE.values(), ids=STRANGE.keys())
def test_a_layer_of_nothing_but_strange_geometries_ends_in_a_sound_report(geometry):
    frame = gpd.GeoDataFrame({"id": ["a", "b", "c"]}, geometry=[geometry] * 3, crs=2154)
    assert faults(quality.inspect(frame, today=TODAY)) == []


@pytest.mark.parametrize("geometry", STRANGE.values(), ids=STRANGE.keys())
def test_a_strange_geometry_of_the_reference_ends_in_a_sound_report(geometry):
    frame = squares(3)
    places = [*frame.geometry[:2], geometry]
    reference = gpd.GeoDataFrame({"id": ["a0", "a1", "z"]}, geometry=places, crs=2154)
    assert faults(quality.inspect(frame, reference=reference, today=TODAY)) == []


def test_coordinates_that_are_no_number_are_an_anomaly_of_their_object(tmp_path):
    frame = squares(4)
    shapes = frame.geometry.to_numpy().copy()
    shapes[1] = Polygon(
        [(893_200, 6_195_000), (893_300, 6_195_000), (np.nan, 6_195_100), (893_200, 6_195_100)]
    )
    shapes[2] = Polygon(
        [(893_400, 6_195_000), (np.inf, 6_195_000), (893_500, 6_195_100), (893_400, 6_195_100)]
    )
    frame.set_geometry(gpd.GeoSeries(shapes, crs=2154)).to_parquet(tmp_path / "illisible.parquet")
    report = control(tmp_path)
    told = report.of("coordonnee-illisible")
    assert set(told["rang"]) == {1, 2}
    assert report.of("geometrie-absente").empty


def test_curves_of_a_geopackage_are_controlled_as_their_chords(tmp_path):
    path = tmp_path / "courbes.gpkg"
    squares(1).to_file(path, layer="courbes")
    start, top = (893_000, 6_195_000), (893_050, 6_195_050)
    end, bottom = (893_100, 6_195_000), (893_050, 6_194_950)
    circle = struct.pack("<BII10d", 1, 8, 5, *start, *top, *end, *bottom, *start)
    arcs = {
        "CIRCULARSTRING": struct.pack("<BII6d", 1, 8, 3, *start, *top, *end),
        "CURVEPOLYGON": struct.pack("<BII", 1, 10, 1) + circle,
    }
    header = b"GP\0\x01" + struct.pack("<i", 2154)
    with contextlib.closing(sqlite3.connect(path)) as database:
        for (trigger,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        for name, wkb in arcs.items():
            database.execute("INSERT INTO courbes (geom, id) VALUES (?, ?)", (header + wkb, name))
        database.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'GEOMETRY'")
        database.commit()
    report = control(tmp_path)
    assert [facts.rows for facts in report.layers if facts.name == "courbes"] == [3]
    assert report.of("geometrie-absente").empty


def test_mixed_families_of_geometry_are_told(tmp_path):
    shapes = [Point(5.37, 42.8), Point(5.38, 42.8), LineString([(5.37, 42.8), (5.38, 42.8)])]
    (tmp_path / "melange.geojson").write_text(collection(*map(shapely.geometry.mapping, shapes)))
    assert control(tmp_path).of("type-melange")["rang"].tolist() == [2]


# ---- reference systems

ENGINEERING = 'LOCAL_CS["Chantier",LOCAL_DATUM["Chantier",0],UNIT["metre",1],AXIS["x",EAST],AXIS["y",NORTH]]'
CUSTOM = "+proj=lcc +lat_1=44 +lat_2=49 +lat_0=46.5 +lon_0=3.2 +x_0=700000 +y_0=6600000 +ellps=GRS80 +units=m"
SYSTEMS = {
    "custom": CRS(CUSTOM),
    "engineering": CRS(ENGINEERING),
    "geographic 3D": CRS(4979),
    "geocentric": CRS(4978),
    "compound": CRS("EPSG:2154+5720"),
    "vertical": CRS(5720),
    "no area": CRS("+proj=ortho +lat_0=90"),
    "feet": CRS(2225),
    "polar": CRS(3031),
    "grads": CRS(4807),
    "bound": CRS("+proj=tmerc +lat_0=49 +lon_0=2 +ellps=bessel +towgs84=1,2,3 +units=us-ft"),
    "moon": CRS("+proj=longlat +R=1737400 +no_defs +type=crs"),
}  # fmt: skip


@pytest.mark.parametrize("crs", SYSTEMS.values(), ids=SYSTEMS.keys())
@pytest.mark.parametrize("x", [893_000.0, 1e12])
def test_an_unusual_reference_system_ends_in_a_sound_report(crs, x):
    frame = squares(4).translate(x - 893_000, 0).to_frame("geometry").assign(id=list("abcd"), surf_parc=2.0)
    frame = gpd.GeoDataFrame(frame, geometry="geometry").set_crs(crs, allow_override=True)
    assert faults(quality.inspect(frame, today=TODAY)) == []


def test_coordinates_outside_the_area_of_their_system_are_told(tmp_path):
    squares().set_crs(32756, allow_override=True).to_file(tmp_path / "sydney.gpkg")
    squares().set_crs(4326, allow_override=True).to_file(tmp_path / "degres.gpkg")
    report = control(tmp_path)
    assert set(report.of("systeme-invraisemblable")["couche"]) == {"sydney", "degres"}


def test_a_latitude_beyond_the_poles_is_told(tmp_path):
    places = [Point(5.37 + 0.001 * i, 42.8) for i in range(6)]
    places += [Point(5.37, 95.0), Point(200.0, 42.8), Point(-720, -400)]
    (tmp_path / "poles.geojson").write_text(collection(*map(shapely.geometry.mapping, places)))
    report = control(tmp_path)
    assert {6, 7, 8} <= set(report.anomalies.loc[report.anomalies["couche"] == "poles", "rang"].dropna())


@pytest.mark.parametrize("urn", ["urn:ogc:def:crs:EPSG::2154", "EPSG:99999", "n'importe quoi", "", None, 12])
def test_the_crs_member_of_a_geojson_may_say_anything(tmp_path, urn):
    member = {"type": "name", "properties": {"name": urn}}
    place = shapely.geometry.mapping(Point(893_000, 6_195_000))
    (tmp_path / "a.geojson").write_text(collection(place, place, crs=member))
    control(tmp_path)


# ---- size


def test_a_polygon_of_two_million_vertices_is_controlled(tmp_path):
    angle = np.linspace(0, 2 * np.pi, 2_000_000, endpoint=False)
    ring = np.column_stack([893_000 + 9_000 * np.cos(angle), 6_195_000 + 9_000 * np.sin(angle)])
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[Polygon(ring)], crs=2154)
    frame.to_parquet(tmp_path / "enorme.parquet")
    report = control(tmp_path)
    assert "enorme" in [facts.name for facts in report.layers]


@pytest.mark.parametrize("where", ["reading", "controls"])
@pytest.mark.parametrize(
    "error", [MemoryError(), shapely.errors.GEOSException("std::bad_alloc")], ids=["numpy", "geos"]
)
def test_a_lack_of_memory_is_told(tmp_path, monkeypatch, where, error):
    squares().to_file(tmp_path / "gros.gpkg")

    def exhausted(*given, **named):
        raise error

    if where == "reading":
        monkeypatch.setattr(vectors, "_read_at_once", exhausted)
    else:
        monkeypatch.setattr(layer_inspection, "_WHOLE_CONTROLS", (exhausted,))
    report = quality.check([tmp_path / "gros.gpkg"])
    assert "mémoire de cette machine" in report.unread[0].message


def test_a_thousand_columns_are_controlled(tmp_path):
    names = ";".join(f"c{i}" for i in range(1_000))
    (tmp_path / "large.csv").write_text(f"{names}\n" + "\n".join([";".join("1" * 1_000)] * 3))
    report = control(tmp_path)
    assert [facts.columns for facts in report.layers if facts.name == "large"] == [1_000]


# ---- archives


def test_a_zip_that_climbs_out_is_told_and_written_nowhere(tmp_path):
    folder = tmp_path / "dedans" / "envoi"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "piege.zip", "w") as archive:
        for name in ("../dehors.geojson", "/tmp/dehors.geojson", "C:\\dehors.geojson", "..\\dehors.geojson"):
            archive.writestr(name, WITNESS)
        archive.writestr("bon.geojson", WITNESS)
    report = control(folder)
    assert len(report.of("archive-dangereuse")) == 1
    assert sorted(facts.name for facts in report.layers) == ["bon", "temoin"]
    assert not list(tmp_path.rglob("dehors*"))


def test_a_zip_of_nothing_but_a_way_out_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "piege.zip", "w") as archive:
        archive.writestr("../dehors.geojson", WITNESS)
    assert "aucune couche lisible" in sentence(tmp_path)


def test_a_zip_in_a_zip_is_not_opened(tmp_path):
    with zipfile.ZipFile(tmp_path / "poupee.zip", "w") as archive:
        archive.writestr("dedans.zip", b"PK\x05\x06" + b"\0" * 18)
    assert "dedans.zip" in sentence(tmp_path)


def test_a_member_of_a_zip_may_have_no_name(tmp_path):
    with zipfile.ZipFile(tmp_path / "anonyme.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(""), b"")
        archive.writestr("bon.geojson", WITNESS)
    assert "bon" in [facts.name for facts in control(tmp_path).layers]


def test_a_shapefile_in_a_zip_without_its_table_is_told_what_lacks(tmp_path):
    squares().to_file(tmp_path / "a.shp")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for suffix in (".shp", ".shx", ".prj"):
            archive.write(tmp_path / f"a{suffix}", f"données/a{suffix}")
        archive.write(tmp_path / "a.dbf", "ailleurs/a.dbf")
    [unread] = quality.check([tmp_path / "a.zip"]).unread
    assert (
        "Il manque a.dbf à côté de «\u00a0a.shp\u00a0» dans l'archive «\u00a0a.zip\u00a0»" in unread.message
    )


def test_the_images_of_a_geopackage_are_told_not_to_be_controlled(tmp_path):
    grid = {"height": 8, "width": 8, "count": 1, "dtype": "uint8", "crs": 2154, "RASTER_TABLE": "ortho"}
    grid["transform"] = from_origin(893_000, 6_196_000, 10, 10)
    for name, more in (("images", {}), ("mixte", {"APPEND_SUBDATASET": "YES"})):
        if more:
            squares().to_file(tmp_path / f"{name}.gpkg", layer="parcelles")
        with rasterio.open(tmp_path / f"{name}.gpkg", "w", driver="GPKG", **grid, **more) as image:
            image.write(np.ones((1, 8, 8), dtype="uint8"))
    [unread] = quality.check([tmp_path / "images.gpkg"]).unread
    assert "n'a que des images («\u00a0ortho\u00a0»)" in unread.message
    report = quality.check([tmp_path / "mixte.gpkg"])
    assert [facts.name for facts in report.layers] == ["parcelles"]
    assert report.of("controle-non-fait")["couche"].tolist() == ["ortho"]


def test_an_encrypted_zip_is_refused(tmp_path):
    path = tmp_path / "secret.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.geojson", WITNESS)
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "mot de passe" in sentence(tmp_path)


@pytest.mark.parametrize("name", ["bombe.csv", "bombe.geojson"])
def test_a_zip_bomb_is_not_inflated(tmp_path, monkeypatch, name):
    monkeypatch.setattr(archives, "_MOST_INFLATED", 2**20)
    with zipfile.ZipFile(tmp_path / "bombe.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, "[" + " " * 3 * 2**20)
    assert "ferait" in sentence(tmp_path)


def test_a_zip_that_lies_about_the_size_of_a_member_is_refused(tmp_path):
    path = tmp_path / "menteur.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "x;y\n" + "1;2\n" * 50_000)
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.rindex(b"PK\x01\x02") + 24, 10)
    path.write_bytes(data)
    assert "ne sort pas entier" in sentence(tmp_path)


# ---- values

HOSTILE = {
    "script": "</script><script>alert(1)</script>",
    "html": '<img src=x onerror="alert(1)">',
    "formula": "=cmd|'/C calc'!A0",
    "at formula": "@SUM(1+1)",
    "plus formula": "+1+cmd|' /C calc'!A0",
    "sql": "'; DROP TABLE gpkg_contents; --",
    "emoji": "🏴‍☠️ îlot",
    "line separator": "a\u2028b\u2029c",
    "control": "a\x01\x1b[31mb\x7f",
    "right to left": "\u202egpj.exe",
    "long": "é" * 2**20,
    "template": "{{7*7}} ${7*7} %s %n {0}",
    "path": "../../etc/passwd",
    "newlines": "a\r\nb\nc",
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """The report on texts meant to harm, each three times so that anomalies show them, and its outputs."""
    folder = tmp_path_factory.mktemp("hostile")
    texts = [text for text in HOSTILE.values() for _ in range(2)]
    n = len(texts)
    table = {"id_parcel": texts, "code_cultu": texts, "surf_parc": 1.0, "nom": [f" {text}" for text in texts]}
    table |= {"code_insee": texts, "date_maj": texts}
    places = [box(893_000 + 5 * i, 6_195_000, 893_010 + 5 * i, 6_195_010) for i in range(n)]
    gpd.GeoDataFrame(table, geometry=places, crs=2154).to_file(folder / "texte.geojson")
    report = control(folder)
    return report, quality.publish(report, folder / "controle")


def test_hostile_texts_are_shown_and_not_obeyed(hostile):
    report, written = hostile
    assert report.of("cle-dupliquee")["valeur"].nunique() == len(HOSTILE)
    page = next(path for path in written if path.suffix == ".html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_no_cell_of_the_spreadsheet_starts_a_formula(hostile):
    _, written = hostile
    limit = csv.field_size_limit(2**24)
    with next(path for path in written if path.suffix == ".csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        cells = [cell for row in csv.reader(file, delimiter=";") for cell in row]
    csv.field_size_limit(limit)
    assert not [cell[:40] for cell in cells if cell.startswith(("=", "@", "+", "\t", "\r"))]
    assert any("cmd|" in cell for cell in cells)


def test_nul_bytes_in_a_csv_are_read(tmp_path):
    (tmp_path / "nul.csv").write_bytes(b"id;nom\0;x;y\na\0b;\0;893000;6195000\n\0;c;893001;6195000\n")
    report = control(tmp_path)
    assert quality.publish(report, tmp_path / "controle")


NAMES = {
    "empty": ["", " "],
    "same": ["nom", "nom", "Nom"],
    "same but for spaces": ["nom", " nom", "nom "],
    "geometry": ["geometry", "geom"],
    "fid": ["fid", "ogc_fid", "FID"],
    "sql": ['a"; DROP TABLE x; --', "it's", "select", "[a]", "`a`"],
    "numbers": ["1", "1.0", "2024-01-01"],
    "html": ["<b>a</b>", "</script>"],
    "anomaly columns": ["rang", "objet", "message", "code", "niveau", "valeur"],
    "expected": [
        "haut",
        "surf_parc",
        "date_debut",
        "date_fin",
        "code_insee",
        "nb_etages",
        "id",
        "lon",
        "lat",
    ],
    "coordinates twice": ["x", "X", "y", "Y"],
}


CELLS = ("1", "", "mot", "-9999", "2024-05-17", "1e400", "NaN", "0123")


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES.keys())
def test_columns_of_a_csv_may_have_any_name_and_hold_anything(tmp_path, names):
    for rank, cell in enumerate(CELLS):
        with (tmp_path / f"colonnes{rank}.csv").open("w", newline="") as file:
            rows = [names, [cell] * len(names), ["2"] * len(names), [cell] * len(names)]
            csv.writer(file, delimiter=";").writerows(rows)
    report = control(tmp_path)
    assert [facts.columns for facts in report.layers][:-1] == [len(names)] * len(CELLS)


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES.keys())
def test_columns_of_a_geojson_may_have_any_name(tmp_path, names):
    place = {"type": "Point", "coordinates": [5.37, 42.81]}
    properties = dict.fromkeys(names, "1")
    (tmp_path / "colonnes.geojson").write_text(collection(place, place, properties=properties))
    control(tmp_path)


def test_columns_of_a_frame_may_be_doubled_or_have_no_text_for_name():
    frame = squares(2)
    frame = pd.concat([frame, pd.DataFrame({0: [1, 2], None: [1, 2], ("a", 1): [3, 4]})], axis=1)
    frame = pd.concat([frame, pd.DataFrame({0: [1, 2]})], axis=1)
    assert faults(quality.inspect(gpd.GeoDataFrame(frame, geometry="geometry", crs=2154), today=TODAY)) == []


PROPERTIES = {
    "beyond int64": [2**63, 2**64, -(2**70), 10**200],
    "booleans with nulls": [True, None, False, None],
    "lists": [[1, 2], [], None, ["a"]],
    "objects": [{"a": 1}, {}, None, {"a": {"b": []}}],
    "mixed": [1, "a", None, 2.5],
    "nulls": [None, None, None, None],
    "not finite": [float("nan"), float("inf"), float("-inf"), 1.0],
    "old dates": ["1500-01-01", "1676-12-31", "0001-01-01", "9999-12-31"],
    "late dates": ["2262-04-12", "2263-01-01", "9999-12-31", "2024-02-30"],
    "zones": ["2024-01-01T00:00:00+02:00", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00-11:30", None],
    "mixed zones": [
        "2024-01-01T00:00:00+02:00",
        "2024-01-01T00:00:00",
        "2024-01-01",
        "2024/01/01 10:00:00+01",
    ],
    "times": ["10:00:00", "25:61:00", None, "00:00"],
}


# Each name calls for controls of its own.
CALLING = ("date_maj", "surf_parc", "haut", "nb_etages", "id", "code_insee", "millesime", "autre")


@pytest.mark.parametrize("values", PROPERTIES.values(), ids=PROPERTIES.keys())
def test_properties_of_a_geojson_may_hold_anything(tmp_path, values):
    places = squares().to_crs(4326).geometry
    features = [
        {
            "type": "Feature",
            "properties": dict.fromkeys(CALLING, value) | {"rank": rank},
            "geometry": shapely.geometry.mapping(place),
        }
        for rank, (value, place) in enumerate(zip(values, places, strict=True))
    ]
    (tmp_path / "valeurs.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    control(tmp_path)


TYPES = {
    "seconds": np.array(["0001-01-01", "1500-01-01", "9999-12-31", "NaT"], dtype="datetime64[s]"),
    "zoned": pd.to_datetime(["2024-01-01", "2300-01-01", "1600-01-01", None], utc=True),
    "objects": [dt.date(1, 1, 1), dt.date(9999, 12, 31), None, dt.datetime(2024, 1, 1, tzinfo=dt.UTC)],
    "durations": pd.to_timedelta([1, 2, None, 4], unit="D"),
    "periods": pd.period_range("2024-01", periods=4, freq="M"),
    "decimals": pd.array([1, None, 2, 3], dtype="Int64"),
    "complex": [1 + 2j, 2, 3, 4],
    "bytes": [b"\xff\0", b"", None, b"a"],
    "categories": pd.Categorical(["a", None, "b", "a"]),
    "intervals": pd.interval_range(0, 4),
    "geometries": [Point(0, 0), None, Point(1, 1), Point()],
}


@pytest.mark.parametrize("values", TYPES.values(), ids=TYPES.keys())
def test_columns_of_a_frame_may_be_of_any_type(values):
    frame = squares().drop(columns="id")
    for name in CALLING:
        frame.insert(0, name, list(values) if isinstance(values, list) else values)
    assert faults(quality.inspect(frame, today=TODAY)) == []


# ---- tables

TEXTS = {
    "no header": b"893000;6195000;a\n893001;6195001;b\n",
    "one column": b"nom\na\nb\n",
    "one cell": b"a",
    "only a header": b"id;x;y\n",
    "only separators": b";;;\n;;;\n",
    "blank lines": b"\n\n\n",
    "unbalanced quotes": b'id;nom\n1;"a\n2;b\n3;c"d"\n',
    "quote alone": b'"',
    "utf-16": "id;nom;x;y\n1;Forêt;893000;6195000\n".encode("utf-16"),
    "utf-16 cut": "id;nom\n1;Forêt\n".encode("utf-16")[:-1],
    "utf-32": "id;nom\n1;Forêt\n".encode("utf-32"),
    "nul": b"\0" * 300,
    "long numbers": b"haut;surf\n" + b"9" * 200 + b";" + b"1" * 400 + b"\n1;2\n",
    "long decimal": b"haut;x;y\n0," + b"3" * 400 + b";893000;6195000\n1;2;3\n",
    "uneven": b"a;b\n1;2\n1;2;3;4\n",
    "short lines": b"a;b;c\n1\n1;2\n",
    "carriage returns": b"a;b\r1;2\r3;4\r",
    "binary": bytes(range(256)) * 4,
    "not finite": b"x;y\nNaN;inf\n-inf;1e999\n893000;6195000\n",
    "degrees of no earth": b"lon;lat\n5;42\n500;900\n-720;1e10\n",
}


@pytest.mark.parametrize("data", TEXTS.values(), ids=TEXTS.keys())
@pytest.mark.parametrize("large", [False, True], ids=["whole", "in batches"])
def test_any_text_ends_in_a_sound_report(tmp_path, monkeypatch, data, large):
    if large:
        monkeypatch.setattr("geoatelier.quality.reading.LARGE", 0)
        monkeypatch.setattr(tables, "_ROWS", 2)
    (tmp_path / "texte.csv").write_bytes(data)
    control(tmp_path)


def test_the_line_at_fault_of_an_uneven_table_is_told(tmp_path):
    (tmp_path / "bancal.csv").write_bytes(TEXTS["uneven"])
    assert "La ligne 3 a 4\u00a0valeurs, et l'en-tête 2\u00a0colonnes" in sentence(tmp_path)
    (tmp_path / "bancal.csv").write_bytes(b'id;nom\n1;"a\n2;b\n')
    assert "guillemet ouvert vers la ligne 2" in sentence(tmp_path)


def test_a_number_too_long_for_a_double_stays_what_was_written(tmp_path):
    (tmp_path / "long.csv").write_bytes(TEXTS["long numbers"])
    assert control(tmp_path).of("attribut-incomplet").empty


# ---- each format

GEOJSONS = {
    "features null": '{"type":"FeatureCollection","features":null}',
    "no features": '{"type":"FeatureCollection"}',
    "features of nothing": '{"type":"FeatureCollection","features":[null,1,"a",[],{}]}',
    "geometry null": collection(None),
    "no geometry": '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":1}}]}',
    "feature": '{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[5,42]}}',
    "feature alone": '{"type":"Feature"}',
    "geometry": '{"type":"Point","coordinates":[5,42]}',
    "empty object": "{}",
    "empty list": "[]",
    "list": '[{"type":"Feature"}]',
    "text coordinates": collection({"type": "Point", "coordinates": ["a", "b"]}),
    "null coordinates": collection({"type": "Point", "coordinates": [None, None]}),
    "one coordinate": collection({"type": "Point", "coordinates": [5]}),
    "no coordinates": collection({"type": "Point", "coordinates": []}),
    "object coordinates": collection({"type": "Polygon", "coordinates": {"a": 1}}),
    "nan coordinates": collection({"type": "Point", "coordinates": [float("nan"), 1]}),
    "infinite coordinates": collection({"type": "Point", "coordinates": [float("inf"), 1e999]}),
    "unclosed ring": collection({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}),
    "short ring": collection({"type": "Polygon", "coordinates": [[[0, 0], [1, 0]]]}),
    "empty ring": collection({"type": "Polygon", "coordinates": [[]]}),
    "unknown type": collection({"type": "Circle", "coordinates": [0, 0]}),
    "deep": '{"a":' * 5_000 + "1" + "}" * 5_000,
    "deep collection": '{"type":"GeometryCollection","geometries":[' * 300 + "]}" * 300,
    "properties list": collection(None, properties=[1]),
    "lone surrogate": collection({"type": "Point", "coordinates": [5, 42]}, properties={"a": "\ud800"}),
    "cut text": collection({"type": "Point", "coordinates": [5, 42]})[:-3],
    "topojson": '{"type":"Topology","objects":{},"arcs":[]}',
    "esri": '{"geometryType":"esriGeometryPoint","features":[{"attributes":{},"geometry":{"x":"NaN"}}]}',
}  # fmt: skip


@pytest.mark.parametrize("text", GEOJSONS.values(), ids=GEOJSONS.keys())
def test_any_json_ends_in_a_sound_report(tmp_path, text):
    (tmp_path / "a.geojson").write_text(text)
    control(tmp_path)


def geopackage(path, *statements):
    squares().to_file(path, layer="parcelles")
    with contextlib.closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def announced(name):
    return (
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
        f"VALUES ('{name}', 'features', '{name}', 2154)",
        f"INSERT INTO gpkg_geometry_columns VALUES ('{name}', 'geom', 'POLYGON', 2154, 0, 0)",
    )


BASES = {
    "view": (
        "CREATE VIEW vue AS SELECT * FROM parcelles",
        *announced("vue"),
    ),
    "view of nothing": (
        "CREATE VIEW vue AS SELECT * FROM partie",
        *announced("vue"),
    ),
    "no index": ("DROP TABLE rtree_parcelles_geom",),
    "table that is not there": (
        *announced("f"),
    ),
    "no contents": ("DROP TABLE gpkg_contents",),
    "empty contents": ("DELETE FROM gpkg_contents",),
    "no systems": ("DELETE FROM gpkg_spatial_ref_sys",),
    "broken system": ("UPDATE gpkg_spatial_ref_sys SET definition = 'rien', organization_coordsys_id = 1",),
    "text for geometry": ("DROP TRIGGER IF EXISTS rtree_parcelles_geom_update6",
                          "DROP TRIGGER IF EXISTS rtree_parcelles_geom_update7",
                          "UPDATE parcelles SET geom = 'texte' WHERE fid = 1"),
    "cut geometry": ("UPDATE parcelles SET geom = substr(geom, 1, 60) WHERE fid = 1",),
    "column twice": ("UPDATE gpkg_geometry_columns SET column_name = 'id'",),
    "text for a number": ("ALTER TABLE parcelles ADD COLUMN haut REAL", "UPDATE parcelles SET haut = 'haut'"),
    "bad date": (
        "ALTER TABLE parcelles ADD COLUMN date_m DATE",
        "UPDATE parcelles SET date_m = '2024-13-45'",
    ),
    "old date": (
        "ALTER TABLE parcelles ADD COLUMN date_m DATETIME",
        "UPDATE parcelles SET date_m = '0001-01-01T00:00:00Z'",
    ),
    "sql name": ('CREATE TABLE "a""; DROP TABLE parcelles; --" (x)',),
    "loop": (
        "CREATE VIEW vue AS WITH RECURSIVE r(fid, geom) AS "
        "(SELECT 1, NULL UNION ALL SELECT fid + 1, geom FROM r LIMIT 5) SELECT * FROM r",
        *announced("vue"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("statements", BASES.values(), ids=BASES.keys())
def test_any_geopackage_ends_in_a_sound_report(tmp_path, statements):
    with contextlib.suppress(sqlite3.OperationalError):
        geopackage(tmp_path / "base.gpkg", *statements)
    control(tmp_path)


def test_a_table_that_is_announced_and_absent_is_told_and_the_others_are_read(tmp_path):
    geopackage(tmp_path / "base.gpkg", *BASES["table that is not there"])
    report = control(tmp_path)
    assert "n'existe pas" in " ".join(report.of("structure-incoherente")["message"])
    assert "parcelles" in [facts.name for facts in report.layers]


def test_a_shapefile_whose_table_is_shorter_than_its_shapes_is_told(tmp_path):
    squares().to_file(tmp_path / "a.shp")
    squares(2).to_file(tmp_path / "b.shp")
    shutil.move(tmp_path / "b.dbf", tmp_path / "a.dbf")
    for part in tmp_path.glob("b.*"):
        part.unlink()
    report = control(tmp_path)
    assert "ne correspondent plus" in " ".join(report.of("fichier-abime")["message"])


@pytest.mark.parametrize("part", [".shx", ".dbf", ".prj", ".cpg"])
@pytest.mark.parametrize(
    "content", [None, b"", b"\0" * 20, b"\xff" * 300], ids=["gone", "empty", "nul", "noise"]
)
def test_any_part_of_a_shapefile_may_be_damaged(tmp_path, part, content):
    squares().to_file(tmp_path / "a.shp")
    (tmp_path / "a.shp").with_suffix(part).unlink()
    if content is not None:
        (tmp_path / "a.shp").with_suffix(part).write_bytes(content)
    control(tmp_path)


def test_the_system_of_a_shapefile_may_have_a_name_in_no_encoding(tmp_path):
    squares().to_file(tmp_path / "a.shp")
    described = (tmp_path / "a.prj").read_bytes()
    (tmp_path / "a.prj").write_bytes(
        described.replace(b"GCS_RGF", b"GCS\xff\xff").replace(b"False_Northing", b"False_No[]")
    )
    assert "ne se lit pas comme Shapefile" in sentence(tmp_path)


def parquet_with(path, geo, frame=None):
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame = squares() if frame is None else frame
    table = pa.Table.from_pandas(
        pd.DataFrame(frame.assign(geometry=shapely.to_wkb(frame.geometry.to_numpy())))
    )
    pq.write_table(table.replace_schema_metadata({} if geo is None else {b"geo": geo}), path)


def geo(column="geometry", **changes):
    described = {"encoding": "WKB", "geometry_types": []} | changes
    return json.dumps({"version": "1.0.0", "primary_column": column, "columns": {column: described}}).encode()


METADATA = {
    "none": None,
    "not json": b"{",
    "null": b"null",
    "number": b"3",
    "list": b"[]",
    "empty": b"{}",
    "not utf-8": b"\xff\xfe",
    "no columns": b'{"primary_column":"geometry"}',
    "column that is not there": geo("partie"),
    "column of text": geo("id"),
    "unknown encoding": geo(encoding="DXF"),
    "null crs": geo(crs=None),
    "broken crs": geo(crs={"type": "rien"}),
    "text crs": geo(crs="n'importe quoi"),
}


@pytest.mark.parametrize("metadata", METADATA.values(), ids=METADATA.keys())
@pytest.mark.parametrize("most_rows", [50_000, 1], ids=["whole", "in batches"])
def test_any_geoparquet_ends_in_a_sound_report(tmp_path, monkeypatch, metadata, most_rows):
    monkeypatch.setattr(vectors, "_MOST_ROWS", most_rows)
    parquet_with(tmp_path / "a.parquet", metadata)
    control(tmp_path)


def test_a_geoparquet_with_a_null_system_is_told_to_have_none(tmp_path):
    parquet_with(tmp_path / "a.parquet", METADATA["null crs"])
    assert control(tmp_path).of("systeme-absent")["couche"].tolist() == ["a"]


def test_a_second_column_of_geometry_does_not_stop_the_control(tmp_path):
    frame = squares().assign(centre=squares().centroid)
    frame.to_parquet(tmp_path / "deux.parquet")
    report = control(tmp_path)
    assert "deux" in [facts.name for facts in report.layers]
    assert faults(quality.inspect(frame, today=TODAY)) == []


def write_image(
    path, dtype="uint8", count=1, size=64, transform=None, crs="EPSG:2154", values=None, **options
):
    transform = transform or from_origin(893_000, 6_196_000, 10, 10)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(
            path, "w", driver="GTiff", width=size, height=size, count=count, dtype=dtype, crs=crs,
            transform=transform, **options,
        ) as image:  # fmt: skip
            image.write(np.ones((count, size, size), dtype=dtype) if values is None else values)


IMAGES = {
    "no system": {"crs": None},
    "custom system": {"crs": CUSTOM},
    "engineering system": {"crs": ENGINEERING},
    "no place": {"crs": None, "transform": Affine.identity()},
    "rotated": {"transform": Affine(8.66, 5, 893_000, 5, -8.66, 6_196_000)},
    "flat grid": {"transform": Affine(0, 0, 0, 0, 0, 0)},
    "nan grid": {"transform": Affine(np.nan, 0, 0, 0, np.nan, 0)},
    "infinite grid": {"transform": Affine(1e308, 0, 1e308, 0, -1e308, 1e308)},
    "far away": {"transform": from_origin(1e200, 1e200, 1e190, 1e190)},
    "complex": {"dtype": "complex64"},
    "complex integers": {"dtype": "complex_int16", "values": np.ones((1, 64, 64), dtype="complex64")},
    "int64": {"dtype": "int64"},
    "signed bytes": {"dtype": "int8"},
    "nan": {"dtype": "float32", "values": np.full((1, 64, 64), np.nan, dtype="float32")},
    "infinite": {"dtype": "float64", "values": np.full((1, 64, 64), np.inf)},
    "nan no data": {"dtype": "float32", "nodata": np.nan},
    "infinite no data": {"dtype": "float32", "nodata": -np.inf},
    "many bands": {"count": 200, "size": 8},
    "one pixel": {"size": 1},
}  # fmt: skip


@pytest.mark.parametrize("options", IMAGES.values(), ids=IMAGES.keys())
def test_any_image_ends_in_a_sound_report(tmp_path, options):
    write_image(tmp_path / "image.tif", **options)
    report = control(tmp_path)
    assert "image" in [facts.name for facts in report.layers]
    assert quality.publish(report, tmp_path / "controle")


@pytest.mark.parametrize("bands", [0, 65_535])
def test_an_image_that_announces_no_band_or_far_too_many_is_told(tmp_path, bands):
    path = tmp_path / "image.tif"
    write_image(path)
    data = bytearray(path.read_bytes())
    start = struct.unpack_from("<I", data, 4)[0]
    for entry in range(struct.unpack_from("<H", data, start)[0]):
        if struct.unpack_from("<H", data, start + 2 + 12 * entry)[0] == 277:
            struct.pack_into("<H", data, start + 2 + 12 * entry + 8, bands)
    path.write_bytes(data)
    control(tmp_path)


# ---- at random

RANDOM = settings(
    max_examples=50, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
FEW = settings(RANDOM, max_examples=30)
NUMBERS = st.one_of(
    st.floats(),
    st.sampled_from([0.0, -1.0, 9999.0, 893_000.0, 6_195_000.0, 5.37, 42.8, 1e-9, np.nan, np.inf]),
)
PAIRS = st.tuples(NUMBERS, NUMBERS)


def closed(places):
    """A ring that starts and ends at a readable place, since NaN is not equal to itself."""
    first = places[0] if np.isfinite(places[0]).all() else (0.0, 0.0)
    return [first, *places[1:], first]


def as_polygon(outline, holes):
    return Polygon(closed(outline), [closed(hole) for hole in holes])


RINGS = st.lists(PAIRS, min_size=3, max_size=6)
PIECES = st.one_of(
    PAIRS.map(Point),
    st.lists(PAIRS, min_size=2, max_size=6).map(LineString),
    st.builds(as_polygon, RINGS, st.lists(RINGS, max_size=2)),
    st.builds(
        lambda x, y, w, h: box(x, y, x + w, y + h),
        st.floats(893_000, 893_050), st.floats(6_195_000, 6_195_050), st.floats(0, 60), st.floats(0, 60),
    ),
    st.sampled_from([None, *STRANGE.values()]),
)  # fmt: skip
SHAPES = st.one_of(PIECES, st.lists(PIECES, max_size=3).map(shapely.GeometryCollection))
TEXT = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", " a", "13901", "1390", "2024-02-30", "03/02/2023", "12,5", "nan", "ForÃªt", "null", "2A004"]
    ),
)
VALUES = st.one_of(
    st.none(), TEXT, st.integers(), st.floats(), st.booleans(), st.datetimes(), st.dates(),
    st.lists(st.integers(), max_size=2), st.decimals(), st.binary(max_size=3),
)  # fmt: skip
COLUMNS = st.sampled_from(
    ["haut", "hauteur", "surf_parc", "contenance", "date_x", "date_debut", "date_fin", "code_insee",
     "nb_etages", "id", "id_parcel", "code_cultu", "code_group", "millesime", "x", "y", "lon", "lat",
     "nom_voie", "numero", "usage_1", "nature", "fid", "geom", "", "é à"]
)  # fmt: skip


@st.composite
def frames(draw):
    n = draw(st.integers(0, 6))
    table = {}
    for name in draw(st.lists(COLUMNS, max_size=5, unique=True)):
        of_one_type = draw(
            st.sampled_from([VALUES, TEXT, st.integers(), st.floats(), st.datetimes(), st.booleans()])
        )
        table[name] = draw(st.lists(of_one_type, min_size=n, max_size=n))
    crs = draw(st.sampled_from([2154, 2154, 4326, 3857, None, ENGINEERING]))
    shapes = draw(st.lists(SHAPES, min_size=n, max_size=n))
    return gpd.GeoDataFrame(pd.DataFrame(table, index=range(n)), geometry=shapes, crs=crs)


@RANDOM
@given(frame=frames())
def test_any_frame_ends_in_a_sound_report(frame):
    assert faults(quality.inspect(frame, today=TODAY)) == []


@RANDOM
@given(
    header=st.lists(COLUMNS, min_size=1, max_size=5),
    rows=st.lists(st.lists(TEXT, min_size=1, max_size=5), max_size=6),
    separator=st.sampled_from(";,\t|"),
    encoding=st.sampled_from(["utf-8", "utf-16", "cp1252"]),
    noise=st.binary(max_size=5),
)
def test_any_csv_text_ends_in_a_sound_report(tmp_path, header, rows, separator, encoding, noise):
    text = "\n".join(separator.join(line) for line in [header, *rows])
    (tmp_path / "texte.csv").write_bytes(text.encode(encoding, errors="replace") + noise)
    control(tmp_path)


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sains")
    kinds = ("gpkg", "geojson", "fgb", "parquet", "csv", "zip", "tif")
    return {kind: write_sample(folder, kind).read_bytes() for kind in kinds}


@FEW
@given(
    kind=st.sampled_from(["gpkg", "geojson", "fgb", "parquet", "csv", "zip", "tif"]),
    cut=st.floats(0, 1),
    tail=st.binary(max_size=40),
    change=st.tuples(st.floats(0, 1), st.binary(max_size=8)),
)
def test_any_bytes_cut_changed_or_added_end_in_a_sound_report(tmp_path, samples, kind, cut, tail, change):
    data = bytearray(samples[kind])
    at = int(change[0] * len(data))
    data[at : at + len(change[1])] = change[1]
    folder = tmp_path / "envoi"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / f"envoi.{kind}").write_bytes(bytes(data[: int(cut * len(data))]) + tail)
    control(folder)
