"""The structure of files: each planted fault is found, sound files have none, nothing is written."""

import hashlib
import shutil
import sqlite3
import struct
import zipfile

import geopandas as gpd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from geoatelier.folders import territory_folder
from geoatelier.quality.anomalies import COLUMNS
from geoatelier.quality.structure import file_anomaly, inspect_structure


def points(n=5, crs=2154):
    columns = {"nom": [f"p{i}" for i in range(n)], "valeur": range(n)}
    return gpd.GeoDataFrame(columns, geometry=[Point(i, i) for i in range(n)], crs=crs)


@pytest.fixture
def package(tmp_path):
    path = tmp_path / "points.gpkg"
    points().to_file(path, layer="points")
    return path


@pytest.fixture
def shapefile(tmp_path):
    path = tmp_path / "points.shp"
    points().to_file(path)
    return path


def run(path, *statements):
    with sqlite3.connect(path) as database:
        # GDAL's triggers call functions that SQLite alone lacks.
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            database.execute(statement)
    database.close()


def found(path):
    return {(row.code, row.couche) for row in inspect_structure(path).itertuples()}


def test_a_file_anomaly_has_the_columns_of_all_anomalies_and_no_place():
    anomaly = file_anomaly("a.gpkg", "fichier-abime", "Coupé.", value=3)
    assert list(anomaly.columns) == list(COLUMNS)
    row = anomaly.iloc[0]
    assert (row["fichier"], row["couche"], row["niveau"], row["valeur"]) == ("a.gpkg", "", "bloquant", "3")
    assert row["geometry"] is None


def test_sound_files_have_no_anomaly(package, shapefile, tmp_path):
    assert inspect_structure(package).empty
    assert inspect_structure(shapefile).empty
    assert inspect_structure(tmp_path / "a.geojson").empty
    assert inspect_structure(territory_folder() / "galejade.gpkg").empty


def test_nothing_is_written_beside_or_in_the_file(package):
    before = hashlib.sha256(package.read_bytes()).hexdigest()
    inspect_structure(package)
    assert hashlib.sha256(package.read_bytes()).hexdigest() == before
    assert [item.name for item in package.parent.iterdir()] == [package.name]


# GeoPackage


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("PRAGMA application_id = 7", ("structure-incoherente", "")),
        ("DROP TABLE points", ("structure-incoherente", "points")),
        ("DELETE FROM gpkg_contents", ("structure-incoherente", "points")),
        ("DELETE FROM gpkg_geometry_columns", ("structure-incoherente", "points")),
        ("CREATE TABLE brouillon (a INTEGER)", ("structure-incoherente", "brouillon")),
        ("UPDATE gpkg_geometry_columns SET column_name = 'ailleurs'", ("structure-incoherente", "points")),
        ("UPDATE gpkg_geometry_columns SET srs_id = 4326", ("structure-incoherente", "points")),
        ("DELETE FROM gpkg_spatial_ref_sys WHERE srs_id = 2154", ("structure-incoherente", "points")),
        ("ALTER TABLE points ADD COLUMN geom2 POINT", ("structure-incoherente", "points")),
        ('ALTER TABLE points ADD COLUMN "nom d\'été" TEXT', ("nom-fragile", "points")),
        ('ALTER TABLE points ADD COLUMN "order" TEXT', ("nom-fragile", "points")),
        ("DELETE FROM points WHERE fid = 2", ("index-faux", "points")),
        ("DELETE FROM rtree_points_geom_rowid WHERE rowid = 2", ("index-faux", "points")),
        ("UPDATE gpkg_ogr_contents SET feature_count = 9", ("effectif-faux", "points")),
        ("DROP TABLE gpkg_contents", ("structure-incoherente", "")),
    ],
)
def test_each_fault_of_a_geopackage_is_found(package, statement, expected):
    run(package, statement)
    assert expected in found(package)


def test_a_layer_without_spatial_index_is_found(tmp_path):
    path = tmp_path / "a.gpkg"
    points().to_file(path, layer="points", SPATIAL_INDEX="NO")
    assert found(path) == {("index-absent", "points")}
    assert list(inspect_structure(path, "lot/a.gpkg")["fichier"]) == ["lot/a.gpkg"]


def test_missing_and_empty_geometries_are_not_expected_in_the_index(tmp_path):
    frame = points()
    frame.loc[1, "geometry"] = None
    frame.loc[2, "geometry"] = Point()
    frame.to_file(tmp_path / "a.gpkg", layer="points")
    assert inspect_structure(tmp_path / "a.gpkg").empty


def test_an_undefined_system_is_found(package):
    run(package, "UPDATE gpkg_geometry_columns SET srs_id = -1", "UPDATE gpkg_contents SET srs_id = -1")
    assert found(package) == {("systeme-indefini", "points")}


def test_a_view_is_told_of(package):
    run(
        package,
        "CREATE VIEW vue AS SELECT * FROM points",
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
        "VALUES ('vue', 'features', 'vue', 2154)",
        "INSERT INTO gpkg_geometry_columns VALUES ('vue', 'geom', 'POINT', 2154, 0, 0)",
    )
    assert found(package) == {("vue-livree", "vue")}


def test_a_table_without_an_integer_key_is_found(package):
    run(
        package,
        "CREATE TABLE libre (nom TEXT, geom POINT)",
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
        "VALUES ('libre', 'features', 'libre', 2154)",
        "INSERT INTO gpkg_geometry_columns VALUES ('libre', 'geom', 'POINT', 2154, 0, 0)",
    )
    assert found(package) == {("structure-incoherente", "libre"), ("index-absent", "libre")}


def test_changes_left_in_a_companion_file_make_the_delivery_incomplete(package):
    package.with_name("points.gpkg-wal").write_bytes(b"x")
    package.with_name("points.gpkg-journal").write_bytes(b"")
    assert found(package) == {("livraison-incomplete", "")}


@pytest.mark.parametrize("kept", [0, 60, 5000, 40_000])
def test_a_truncated_geopackage_is_damaged(package, kept):
    package.write_bytes(package.read_bytes()[:kept])
    anomalies = inspect_structure(package)
    assert list(anomalies["code"]) == ["fichier-abime"]
    assert list(anomalies["niveau"]) == ["bloquant"]


def test_a_geopackage_that_lost_its_last_page_is_damaged(package):
    package.write_bytes(package.read_bytes()[:-4096])
    anomalies = inspect_structure(package)
    assert list(anomalies["code"]) == ["fichier-abime"]
    assert "octets" in anomalies["message"][0]


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(0, 97_000), st.binary(min_size=1, max_size=400))
def test_a_scratched_geopackage_never_raises(tmp_path_factory, at, scratch):
    folder = tmp_path_factory.getbasetemp()
    sound = folder / "sound.gpkg"
    if not sound.exists():
        points().to_file(sound, layer="points")
    content = bytearray(sound.read_bytes())
    content[at : at + len(scratch)] = scratch
    scratched = folder / "scratched.gpkg"
    scratched.write_bytes(content)
    assert list(inspect_structure(scratched).columns) == list(COLUMNS)


# Shapefile


@pytest.mark.parametrize(("suffix", "level"), [(".prj", "erreur"), (".cpg", "avertissement")])
def test_a_missing_companion_is_found(shapefile, suffix, level):
    shapefile.with_suffix(suffix).unlink()
    anomalies = inspect_structure(shapefile)
    assert list(anomalies["code"]) == ["livraison-incomplete"]
    assert list(anomalies["niveau"]) == [level]
    assert list(anomalies["valeur"]) == [f"points{suffix}"]


def test_companions_may_be_written_in_capitals(shapefile):
    shapefile.with_suffix(".prj").rename(shapefile.with_suffix(".PRJ"))
    assert inspect_structure(shapefile).empty


def test_names_cut_to_ten_characters_are_told_of(tmp_path):
    frame = points().rename(columns={"nom": "denomination"})
    frame.to_file(tmp_path / "a.shp")
    anomalies = inspect_structure(tmp_path / "a.shp")
    assert list(anomalies["code"]) == ["colonne-tronquee"]
    assert list(anomalies["valeur"]) == ["denominati"]


@pytest.mark.parametrize("suffix", [".shp", ".dbf", ".shx"])
def test_a_truncated_part_is_damaged(shapefile, suffix):
    part = shapefile.with_suffix(suffix)
    part.write_bytes(part.read_bytes()[:-30])
    assert "fichier-abime" in set(inspect_structure(shapefile)["code"])


@pytest.mark.parametrize("suffix", [".shp", ".dbf"])
def test_an_empty_part_is_damaged(shapefile, suffix):
    shapefile.with_suffix(suffix).write_bytes(b"")
    assert "fichier-abime" in set(inspect_structure(shapefile)["code"])


def test_a_part_near_two_gigabytes_is_found(shapefile):
    with shapefile.open("r+b") as file:
        file.truncate(int(1.95e9))  # sparse: takes no room
    assert set(inspect_structure(shapefile)["code"]) == {"taille-limite"}


def test_the_count_of_the_table_is_compared_with_that_of_the_shapes(shapefile):
    table = shapefile.with_suffix(".dbf")
    content = bytearray(table.read_bytes())
    content[4:8] = struct.pack("<I", 4)
    table.write_bytes(content)
    anomalies = inspect_structure(shapefile)
    assert list(anomalies["valeur"]) == ["4, 5"]


# Archives


def archive(path, names):
    with zipfile.ZipFile(path, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return path


@pytest.mark.parametrize("name", ["../a.gpkg", "/etc/a.gpkg", "C:/a.gpkg", "..\\a.gpkg", "a/../../b.gpkg"])
def test_a_member_that_climbs_out_blocks(tmp_path, name):
    anomalies = inspect_structure(archive(tmp_path / "a.zip", [name, "b.gpkg"]))
    assert list(anomalies["code"]) == ["archive-dangereuse"]
    assert list(anomalies["niveau"]) == ["bloquant"]


def test_an_archive_of_several_data_sets_is_told_of(tmp_path):
    path = archive(tmp_path / "a.zip", ["a.gpkg", "dossier/b.geojson", "lisez-moi.txt"])
    anomalies = inspect_structure(path)
    assert list(anomalies["code"]) == ["archive-multiple"]
    assert list(anomalies["valeur"]) == ["a.gpkg, dossier/b.geojson"]


def test_the_companions_of_a_zipped_shapefile_are_looked_for_in_its_own_folder(tmp_path, shapefile):
    whole = shutil.make_archive(tmp_path / "ok", "zip", tmp_path, base_dir=".")
    assert inspect_structure(whole).empty
    lacking = archive(tmp_path / "b.zip", ["d/v.shp", "d/v.shx", "d/v.dbf", "v.prj", "d/v.CPG"])
    assert found(lacking) == {("livraison-incomplete", "v")}


def test_a_damaged_archive_is_told_of(tmp_path):
    path = archive(tmp_path / "a.zip", ["a.gpkg"])
    path.write_bytes(path.read_bytes()[:-20])
    assert found(path) == {("fichier-abime", "")}
