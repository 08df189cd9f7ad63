"""The files that a report is written to: whole or absent, exact, and safe to open."""

import csv
import dataclasses
import errno
import json
import sqlite3
from contextlib import closing
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError
from lxml import etree

from geoatelier import datasets, quality
from geoatelier.qgis_files import STYLES_TABLE
from geoatelier.quality.anomalies import anomalies, layer_anomaly, together
from geoatelier.quality.kinds import KINDS, LEVELS
from geoatelier.quality.layer import layer_of
from geoatelier.quality.measure import Measure
from geoatelier.quality.outputs import (
    UnwritableOutput,
    json_lines,
    new_file,
    write_csv,
    write_geopackage,
    write_iso_xml,
    write_json_lines,
)
from geoatelier.quality.outputs.iso_xml import NAMESPACES, QUADOGEO, class_of
from geoatelier.quality.outputs.qgis import LEVEL_SYMBOLS
from geoatelier.quality.outputs.spreadsheet import neutralise
from geoatelier.quality.report import LayerFacts, Report, Unread

FILES = ("parcelles_2025.gpkg", "batiments.shp", "adresses.csv", "releves_terrain.csv")
WRITERS = {
    "gpkg": write_geopackage,
    "jsonl": write_json_lines,
    "csv": write_csv,
    "xml": write_iso_xml,
}
MEASURES = (
    Measure("a.gpkg", "a", "m1", "Position", "Précision de position absolue", 28, None, 0.4, "m", 9, 0.5),
    Measure("a.gpkg", "a", "m2", "Doublons", "Exhaustivité, excédent", None, "txEx", 3.0, "%", 9, 1.0),
    Measure("a.gpkg", "a", "m3", "Classement", "Justesse du classement", 64, "kappa", np.nan, "", 0),
)
PLACES = [
    shapely.Point(900_000, 6_200_000),
    shapely.LineString([(900_000, 6_200_000), (900_010, 6_200_000)]),
    shapely.Polygon([(900_000, 6_200_000), (900_010, 6_200_010), (900_010, 6_200_000), (900_000, 6_200_010)]),
    shapely.GeometryCollection([shapely.box(900_000, 6_200_000, 900_004, 6_200_004), shapely.Point(0, 0)]),
    shapely.Point(900_000, 6_200_000, 12),
    shapely.Point(np.nan, 6_200_000),
    shapely.Polygon(),
    None,
]


@pytest.fixture(scope="module")
def delivery():
    """The report on all files of the damaged delivery, with measures and a file that could not be read."""
    reports = [quality.inspect(datasets.path(f"livraison/{file}")) for file in FILES]
    layers = tuple(facts for report in reports for facts in report.layers)
    table = together([report.anomalies for report in reports], 2154)
    unread = (Unread("plan.dwg", "Ce format ne se lit pas ici. Redemandez le fichier en GeoPackage."),)
    return Report("livraison", layers, table, MEASURES, unread)


def report_of(places, values=None, crs=2154, code="hors-domaine"):
    """A report with one anomaly at each of `places`."""
    frame = gpd.GeoDataFrame({"id_x": [f"k{i}" for i in range(len(places))]}, geometry=places, crs=crs)
    layer = layer_of(frame, "a", file="a.gpkg")
    table = anomalies(layer, code, range(len(places)), "Faux. Corrigez.", attribute="id_x", values=values)
    return Report("a.gpkg", (LayerFacts.of(layer, "a.gpkg"),), table)


def lines_of(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def query(path, sql):
    with closing(sqlite3.connect(path)) as database:
        return database.execute(sql).fetchall()


# Whole or absent


def test_a_file_appears_only_once_it_is_whole(tmp_path):
    with new_file(tmp_path / "a.txt") as temporary:
        temporary.write_text("début")
        assert temporary.suffix == ".txt"
        assert not (tmp_path / "a.txt").exists()
    assert [item.name for item in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), ValueError("x"), OSError(errno.EIO, "x")])
def test_an_interrupted_write_leaves_what_was_there(tmp_path, failure):
    (tmp_path / "a.gpkg").write_text("avant")
    with pytest.raises(type(failure)), new_file(tmp_path / "a.gpkg", overwrite=True) as temporary:
        temporary.write_text("à moitié")
        Path(f"{temporary}-journal").write_text("à moitié")
        raise failure
    assert [item.name for item in tmp_path.iterdir()] == ["a.gpkg"]
    assert (tmp_path / "a.gpkg").read_text() == "avant"


def test_a_full_disk_is_said_in_french(tmp_path):
    with pytest.raises(UnwritableOutput, match="le disque est plein"), new_file(tmp_path / "a.csv"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("failure", "room"),
    [
        (pyogrio.errors.DataSourceError("Failed to commit transaction"), 10**9),
        (pyogrio.errors.FeatureError("failed to execute insert : database or disk is full"), 10**9),
        (pyogrio.errors.FeatureError("Cannot write feature"), 4),
        (rasterio.errors.RasterioIOError("Write failed. See previous exception for details."), 4),
    ],
)
def test_a_disk_that_a_driver_filled_is_said_in_french_though_it_says_otherwise(
    tmp_path, monkeypatch, failure, room
):
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=room))
    with pytest.raises(UnwritableOutput, match="plein"), new_file(tmp_path / "a.gpkg") as written:
        written.write_text("à moitié")
        raise failure


def test_an_error_that_is_not_of_the_file_is_left_as_it_is_though_the_disk_is_nearly_full(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=4))
    with pytest.raises(FileNotFoundError), new_file(tmp_path / "a.gpkg") as written:
        written.write_text("à moitié")
        (tmp_path / "absent.gpkg").read_bytes()


def test_another_error_of_a_driver_is_left_as_it_is(tmp_path):
    failure = pyogrio.errors.FeatureError("Cannot write feature")
    with pytest.raises(pyogrio.errors.FeatureError), new_file(tmp_path / "a.gpkg") as written:
        written.write_text("à moitié")
        raise failure


def test_a_file_that_came_meanwhile_is_not_replaced(tmp_path):
    with pytest.raises(UnwritableOutput, match="existe déjà"), new_file(tmp_path / "a.txt") as temporary:
        temporary.write_text("nous")
        (tmp_path / "a.txt").write_text("eux")
    assert (tmp_path / "a.txt").read_text() == "eux"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_place_where_nothing_can_be_written_is_said_in_french(tmp_path):
    with pytest.raises(UnwritableOutput, match="n'existe pas"), new_file(tmp_path / "x" / "a.txt"):
        pass
    with pytest.raises(UnwritableOutput, match="est un dossier"), new_file(tmp_path, overwrite=True):
        pass


@pytest.mark.parametrize("suffix", WRITERS)
def test_no_writer_touches_a_file_that_is_there_unless_asked(tmp_path, suffix):
    path = tmp_path / f"mes_donnees.{suffix}"
    path.write_text("mes données")
    with pytest.raises(UnwritableOutput, match="existe déjà\u00a0: il n'a pas été touché"):
        WRITERS[suffix](report_of(PLACES), path)
    assert path.read_text() == "mes données"
    assert WRITERS[suffix](report_of(PLACES), path, overwrite=True) == path
    assert path.read_bytes() != "mes données".encode()


@pytest.mark.parametrize("suffix", WRITERS)
def test_no_writer_leaves_anything_behind_when_it_is_interrupted(tmp_path, suffix, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        WRITERS[suffix](report_of(PLACES), tmp_path / f"a.{suffix}")
    assert list(tmp_path.iterdir()) == []


# GeoPackage


def test_every_anomaly_of_the_delivery_is_in_one_layer_of_the_geopackage(delivery, tmp_path):
    path = write_geopackage(delivery, tmp_path / "a.gpkg")
    kinds = delivery.anomalies.geom_type.str.removeprefix("Multi")
    expected = {
        "anomalies_points": (kinds == "Point").sum(),
        "anomalies_lignes": (kinds == "LineString").sum(),
        "anomalies_surfaces": (kinds == "Polygon").sum(),
        "anomalies_sans_lieu": delivery.anomalies.geometry.isna().sum(),
    }
    assert sum(expected.values()) == len(delivery.anomalies)
    found = {name: pyogrio.read_dataframe(path, layer=name) for name in expected}
    assert {name: len(table) for name, table in found.items()} == expected
    numbers = np.concatenate([table["numero"] for table in found.values()])
    assert sorted(numbers) == list(range(1, len(delivery.anomalies) + 1))
    surfaces = found["anomalies_surfaces"].set_index("numero")
    source = delivery.anomalies.loc[surfaces.index - 1]
    assert surfaces["message"].tolist() == source["message"].tolist()
    assert (surfaces.area.to_numpy() == source.area.to_numpy()).all()
    assert surfaces.crs.to_epsg() == 2154


def test_the_geopackage_tells_the_verdict_the_layers_the_measures_and_what_was_not_read(delivery, tmp_path):
    path = write_geopackage(delivery, tmp_path / "a.gpkg")
    read = {
        name: pyogrio.read_dataframe(path, layer=name)
        for name in ("controle", "couches", "mesures", "fichiers_non_lus")
    }
    assert read["controle"]["verdict"].tolist() == [delivery.line()]
    assert not read["controle"]["conforme"][0]
    assert read["couches"]["objets"].tolist() == [facts.rows for facts in delivery.layers]
    assert read["mesures"]["conforme"].tolist()[:2] == [True, False]
    assert read["mesures"][["valeur", "conforme"]].iloc[2].isna().all()
    assert read["fichiers_non_lus"]["fichier"].tolist() == ["plan.dwg"]


def test_each_layer_has_a_spatial_index_a_style_and_names_for_people(tmp_path):
    path = write_geopackage(report_of(PLACES), tmp_path / "a.gpkg")
    layers = {"anomalies_points": "marker", "anomalies_lignes": "line", "anomalies_surfaces": "fill"}
    for name in layers:
        assert pyogrio.read_info(path, layer=name)["capabilities"]["fast_spatial_filter"]
    styles = query(
        path, f"SELECT f_table_name, f_geometry_column, styleQML, useAsDefault FROM {STYLES_TABLE}"
    )
    assert {style[0] for style in styles} == set(layers)
    for name, column, qml, default in styles:
        assert (column, default) == (pyogrio.read_info(path, layer=name)["geometry_name"], 1)
        renderer = ET.fromstring(qml).find("renderer-v2")
        assert renderer.get("attr") == "niveau"
        assert {symbol.get("type") for symbol in renderer.findall("symbols/symbol")} == {layers[name]}
        drawn = {symbol.get("name") for symbol in renderer.findall("symbols/symbol")}
        categories = renderer.findall("categories/category")
        assert [category.get("value") for category in categories] == list(LEVELS)
        assert {category.get("symbol") for category in categories} == drawn
    columns = [row[1] for row in query(path, f"PRAGMA table_info({STYLES_TABLE})")]
    assert columns == [
        "id", "f_table_catalog", "f_table_schema", "f_table_name", "f_geometry_column", "styleName",
        "styleQML", "styleSLD", "useAsDefault", "description", "owner", "ui", "update_time",
    ]  # fmt: skip
    named = query(path, "SELECT column_name FROM gpkg_data_columns WHERE table_name = 'anomalies_points'")
    assert {name for (name,) in named} == set(pyogrio.read_info(path, layer="anomalies_points")["fields"])


def test_levels_are_told_apart_in_grey_and_by_shape():
    symbols = [LEVEL_SYMBOLS[level] for level in LEVELS]
    greys = [
        0.299 * int(s.colour[1:3], 16) + 0.587 * int(s.colour[3:5], 16) + 0.114 * int(s.colour[5:], 16)
        for s in symbols
    ]
    assert (np.diff(greys) > 15).all()
    assert len({symbol.marker for symbol in symbols}) == 4
    assert len({(symbol.width, symbol.dash) for symbol in symbols}) == 4
    assert len({symbol.hatches for symbol in symbols}) == 4


def test_odd_geometries_go_where_qgis_can_show_them_or_to_the_table_without_place(tmp_path):
    path = write_geopackage(report_of(PLACES), tmp_path / "a.gpkg")
    sizes = {
        name: len(pyogrio.read_dataframe(path, layer=name))
        for name in pyogrio.list_layers(path)[:, 0]
        if name.startswith("anomalies")
    }
    assert sizes == {
        "anomalies_points": 2,
        "anomalies_lignes": 1,
        "anomalies_surfaces": 2,
        "anomalies_sans_lieu": 3,
    }
    surfaces = pyogrio.read_dataframe(path, layer="anomalies_surfaces")
    assert surfaces.geom_type.tolist() == ["MultiPolygon", "MultiPolygon"]
    assert surfaces.area.iloc[1] == pytest.approx(16)


@pytest.mark.filterwarnings("error")
def test_a_report_without_system_or_without_anomaly_is_written_too(tmp_path):
    path = write_geopackage(report_of(PLACES[:1], crs=None), tmp_path / "a.gpkg")
    assert pyogrio.read_dataframe(path, layer="anomalies_points").crs is None
    path = write_geopackage(report_of([]), tmp_path / "b.gpkg")
    names = set(pyogrio.list_layers(path)[:, 0])
    assert names == {"anomalies_sans_lieu", "controle", "couches", "mesures", STYLES_TABLE}
    assert pyogrio.read_info(path, layer="anomalies_sans_lieu")["features"] == 0


def test_another_extension_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"nom de fichier en \.gpkg"):
        write_geopackage(report_of(PLACES), tmp_path / "a.shp")


# JSON Lines


def test_every_line_of_the_delivery_satisfies_the_published_schema(delivery, tmp_path):
    Draft202012Validator.check_schema(json_lines.schema())
    validator = Draft202012Validator(json_lines.schema())
    header, *lines = lines_of(write_json_lines(delivery, tmp_path / "a.jsonl"))
    validator.validate(header)
    for line in lines:
        validator.validate(line)
    assert header["anomalies"] == len(lines) == len(delivery.anomalies)
    assert (header["conforme"], header["systeme"], len(header["mesures"])) == (False, "EPSG:2154", 3)
    with pytest.raises(ValidationError):
        validator.validate(lines[0] | {"niveau": "grave"})
    with pytest.raises(ValidationError):
        validator.validate(header | {"verdict": None})
    with pytest.raises(ValidationError):
        validator.validate({key: value for key, value in lines[0].items() if key != "geometrie"})


def test_a_line_keeps_the_coordinates_of_the_report_and_adds_longitude_and_latitude(delivery, tmp_path):
    lines = lines_of(write_json_lines(delivery, tmp_path / "a.jsonl"))[1:]
    for line, place in zip(lines[:500], delivery.anomalies.geometry[:500], strict=True):
        if place is None:
            assert (line["geometrie"], line["lon"], line["lat"]) == (None, None, None)
        else:
            assert shapely.equals_exact(shapely.from_geojson(json.dumps(line["geometrie"])), place)
    [point] = lines_of(write_json_lines(report_of(PLACES[:1]), tmp_path / "b.jsonl"))[1:]
    expected = gpd.GeoSeries(PLACES[:1], crs=2154).to_crs(4326)[0]
    assert (point["lon"], point["lat"]) == pytest.approx((expected.x, expected.y), abs=1e-6)


def test_lines_are_the_same_whatever_the_size_of_packets(delivery, tmp_path, monkeypatch):
    whole = write_json_lines(delivery, tmp_path / "a.jsonl").read_bytes()
    monkeypatch.setattr(json_lines, "_CHUNK", 1_001)
    assert write_json_lines(delivery, tmp_path / "b.jsonl").read_bytes() == whole


def test_odd_values_and_places_stay_on_one_valid_line(tmp_path):
    values = ["a\nb", "a\u2028b", 'a"b', "a\u0085b", "<script>", "=1+1", "\x00", "é"]
    path = write_json_lines(report_of(PLACES, values, crs=None), tmp_path / "a.jsonl")
    header, *lines = lines_of(path)
    validator = Draft202012Validator(json_lines.schema())
    assert all(validator.is_valid(line) for line in [header, *lines])
    assert [line["valeur"] for line in lines] == values
    assert [line["geometrie"] is None for line in lines] == [False] * 5 + [True] * 3
    assert header["systeme"] is None
    assert all(line["lon"] is None for line in lines)


def test_a_place_off_the_globe_has_no_longitude(tmp_path):
    far = report_of([shapely.Point(1e12, 1e12), shapely.Point(500, 500)], crs=4326)
    lines = lines_of(write_json_lines(far, tmp_path / "a.jsonl"))[1:]
    assert all(line["lon"] is None and line["geometrie"] is not None for line in lines)


# CSV


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_the_csv_has_one_line_an_anomaly_and_a_place_in_the_system_of_the_report(delivery, tmp_path):
    path = write_csv(delivery, tmp_path / "a.csv")
    assert path.read_bytes().startswith("\ufeffnumero;".encode())
    assert path.read_bytes().endswith(b"\r\n")
    rows = rows_of(path)
    assert len(rows) == len(delivery.anomalies)
    assert [row["message"] for row in rows] == delivery.anomalies["message"].tolist()
    for row, place in zip(rows[:300], delivery.anomalies.geometry[:300], strict=True):
        if place is None:
            assert (row["x"], row["y"], row["systeme"]) == ("", "", "")
        else:
            point = shapely.Point(float(row["x"].replace(",", ".")), float(row["y"].replace(",", ".")))
            assert point.distance(place) < 0.01 or not place.is_valid
            assert "." not in row["x"] and row["systeme"] == "EPSG:2154"


def test_no_value_is_a_formula_and_each_can_be_had_back(tmp_path):
    values = [
        '=HYPERLINK("http://x")', "+1", "-9999", "@SUM(A1)", "\t=1", "\r=1", "'déjà", "＝1", "3;4\n5", "12,5",
    ]  # fmt: skip
    rows = rows_of(write_csv(report_of([PLACES[0]] * 10, values), tmp_path / "a.csv"))
    shown = [row["valeur"] for row in rows]
    assert shown == [f"'{value}" for value in values[:8]] + values[8:]


@given(st.text())
def test_any_text_is_harmless_and_comes_back_as_it_was(text):
    shown = neutralise(text)
    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert (shown[1:] if shown.startswith("'") else shown) == text


def test_degrees_keep_their_decimals(tmp_path):
    [row] = rows_of(write_csv(report_of([shapely.Point(-5.1234567, 45)], crs=4326), tmp_path / "a.csv"))
    assert (row["x"], row["y"]) == ("-5,1234567", "45,0000000")


# ISO 19157


@pytest.fixture(scope="session")
def iso_schema(tmp_path_factory):
    """The schemas of ISO 19157-2 and 19115-3, from packages that carry them, their addresses made local."""
    try:
        schemas = Path(distribution("ckanext-iso19115").locate_file("ckanext/iso19115/namespaces"))
        usual = Path(distribution("xmlschema").locate_file("xmlschema/schemas"))
    except PackageNotFoundError as error:
        pytest.skip(f"the schemas of ISO 19157-2 are not installed: {error}")
    root = tmp_path_factory.mktemp("iso")
    local = {
        "http://www.w3.org/1999/xlink.xsd": "xlink.xsd",
        "http://www.w3.org/2001/xml.xsd": "xml.xsd",
        "http://schemas.opengis.net/": "schemas.opengis.net/",
        "http://standards.iso.org/iso/": "",
    }
    sources = {path.relative_to(schemas): path for path in schemas.rglob("*.xsd")}
    sources |= {Path("xlink.xsd"): usual / "XLINK/xlink.xsd", Path("xml.xsd"): usual / "XML/xml.xsd"}
    for name, source in sources.items():
        text = source.read_text("utf-8")
        for address, place in local.items():
            text = text.replace(f'schemaLocation="{address}', f'schemaLocation="{root.as_uri()}/{place}')
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    imports = "".join(
        f'<import namespace="{uri}" schemaLocation="{uri.removeprefix("http://standards.iso.org/iso/")}/{prefix}.xsd"/>'
        for prefix, uri in NAMESPACES.items()
        if prefix != "xlink"
    )
    (root / "all.xsd").write_text(f'<schema xmlns="http://www.w3.org/2001/XMLSchema">{imports}</schema>')
    return etree.XMLSchema(etree.parse(root / "all.xsd"))


def test_the_quality_report_of_the_delivery_satisfies_the_schemas_of_iso_19157(
    delivery, tmp_path, iso_schema
):
    document = etree.parse(write_iso_xml(delivery, tmp_path / "a.xml"))
    iso_schema.assertValid(document)
    result = document.find(f".//{{{NAMESPACES['mdq']}}}DQ_ConformanceResult")
    result.remove(result[0])
    assert not iso_schema.validate(document)


def test_a_report_with_nothing_wrong_or_with_odd_names_satisfies_them_too(tmp_path, iso_schema):
    clean = report_of([])
    iso_schema.assertValid(etree.parse(write_iso_xml(clean, tmp_path / "a.xml")))
    assert "Aucune anomalie trouvée." in (tmp_path / "a.xml").read_text("utf-8")
    odd = dataclasses.replace(report_of(PLACES), source="a\x00<b>&\uffff", measures=MEASURES)
    iso_schema.assertValid(etree.parse(write_iso_xml(odd, tmp_path / "b.xml")))


def test_measures_bear_their_iso_number_their_quadogeo_address_and_their_conformance(tmp_path):
    report = dataclasses.replace(report_of(PLACES), measures=MEASURES)
    root = ET.parse(write_iso_xml(report, tmp_path / "a.xml")).getroot()
    positions = root.findall(".//mdq:DQ_AbsoluteExternalPositionalAccuracy", NAMESPACES)
    [position] = positions
    code = position.find("mdq:measure//mcc:code/gco:CharacterString", NAMESPACES)
    space = position.find("mdq:measure//mcc:codeSpace/gco:CharacterString", NAMESPACES)
    assert (code.text, space.text) == ("28", "ISO 19157:2013")
    assert position.find(".//gco:Record", NAMESPACES).text == "0.4"
    assert position.find(".//mdq:pass/gco:Boolean", NAMESPACES).text == "true"
    [excess] = root.findall(".//mdq:DQ_CompletenessCommission", NAMESPACES)
    address = f"{{{NAMESPACES['xlink']}}}href"
    anchors = {anchor.get(address) for anchor in excess.findall(".//gcx:Anchor", NAMESPACES)}
    assert anchors == {f"{QUADOGEO}txEx"}
    assert excess.find(".//mdq:pass/gco:Boolean", NAMESPACES).text == "false"
    [unmeasured] = root.findall(".//mdq:DQ_ThematicClassificationCorrectness", NAMESPACES)
    assert unmeasured.find(".//mdq:value", NAMESPACES).get(f"{{{NAMESPACES['gco']}}}nilReason") == "unknown"
    assert unmeasured.find(".//mdq:pass", NAMESPACES) is None
    [domain] = root.findall(".//mdq:DQ_DomainConsistency", NAMESPACES)
    assert domain.find(".//gco:Record", NAMESPACES).text == str(len(PLACES))


def test_the_verdict_of_the_quality_report_is_that_of_the_report(tmp_path):
    def verdict(report, name):
        root = ET.parse(write_iso_xml(report, tmp_path / name)).getroot()
        return root.find(".//mdq:DQ_UsabilityElement//mdq:pass/gco:Boolean", NAMESPACES).text

    assert verdict(report_of(PLACES), "a.xml") == "true"
    assert verdict(report_of(PLACES, code="systeme-absent"), "b.xml") == "false"


@pytest.mark.parametrize("element", sorted({kind.element for kind in KINDS.values()}))
def test_every_quality_element_has_its_class_in_iso_19157(element):
    assert (class_of(element) == "DQ_UsabilityElement") == (element == "Utilisabilité")


@pytest.mark.parametrize("suffix", WRITERS)
def test_the_name_of_a_file_may_hold_bytes_that_are_no_text(tmp_path, suffix):
    report = report_of(PLACES)
    name = b"b\xe2ti.gpkg".decode("utf-8", "surrogateescape")
    odd = dataclasses.replace(
        report,
        source=name,
        layers=(dataclasses.replace(report.layers[0], file=name),),
        unread=(Unread(name, "Illisible. Redemandez-le."),),
    )
    path = WRITERS[suffix](odd, tmp_path / f"a.{suffix}")
    assert path.stat().st_size > 500


def test_what_concerns_a_whole_layer_is_in_every_output(tmp_path):
    layer = layer_of(gpd.GeoDataFrame({"a": []}, geometry=[], crs=2154), "vide", file="vide.gpkg")
    table = layer_anomaly(layer, "couche-vide", "La couche est vide. Redemandez-la.")
    report = Report("vide.gpkg", (LayerFacts.of(layer, "vide.gpkg"),), table)
    for suffix, write in WRITERS.items():
        write(report, tmp_path / f"a.{suffix}")
    [line] = lines_of(tmp_path / "a.jsonl")[1:]
    assert Draft202012Validator(json_lines.schema()).is_valid(line)
    assert line["rang"] is None and line["objet"] is None
    assert rows_of(tmp_path / "a.csv")[0]["rang"] == ""
    read = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="anomalies_sans_lieu")
    assert read["code"].tolist() == ["couche-vide"] and pd.isna(read["rang"][0])
