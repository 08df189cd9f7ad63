"""Publishing the territory: files that open well, a valid catalogue, a folder that is never half written."""

import json
import shutil
import sqlite3
from contextlib import closing
from xml.etree import ElementTree as ET

import frictionless
import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from stand_in import make_territory

from geoatelier.territory.defects.text import number
from geoatelier.territory.geopackage import conform, describe, write_geopackage
from geoatelier.territory.publish import replacing, same_content, write_files
from geoatelier.territory.schemas import COVER_CODES, LAYERS
from geoatelier.territory.styles import STYLES, qml
from geoatelier.territory.vector import write_vector


@pytest.fixture(scope="module")
def territory():
    return make_territory()


@pytest.fixture(scope="module")
def folder(territory, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_files(territory, folder)
    return folder


@pytest.fixture
def copy(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "copy")


@pytest.fixture(scope="module")
def database(folder):
    with closing(sqlite3.connect(folder / "galejade.gpkg")) as database:
        yield database


# The GeoPackage


def test_each_layer_has_its_geometry_type_and_its_columns_in_order(folder):
    for name, schema in LAYERS.items():
        info = pyogrio.read_info(folder / "galejade.gpkg", layer=name)
        assert info["geometry_type"] == schema.geometry
        assert info["crs"] == "EPSG:2154"
        assert list(info["fields"]) == [column.name for column in schema.columns]


def test_each_column_is_written_in_its_own_type(folder):
    types = {
        "string": "OFTString",
        "integer": "OFTInteger64",
        "number": "OFTReal",
        "boolean": "OFTInteger",
        "date": "OFTDate",
        "datetime": "OFTDateTime",
    }
    for name, schema in LAYERS.items():
        info = pyogrio.read_info(folder / "galejade.gpkg", layer=name)
        assert info["ogr_types"] == [types[column.kind] for column in schema.columns], name


def test_a_layer_read_back_is_the_layer_written(territory, folder):
    for name, table in territory.layers().items():
        read = pyogrio.read_dataframe(folder / "galejade.gpkg", layer=name)
        assert shapely.equals_identical(read.geometry.array, table.geometry.array).all()
        for column in LAYERS[name].columns:
            written = table[column.name]
            assert (read[column.name].isna().to_numpy() == written.isna().to_numpy()).all(), column.name
            kept = written.notna().to_numpy()
            values = read[column.name].to_numpy()[kept]
            if column.kind == "date":
                assert (values.astype("datetime64[D]") == written[kept].to_numpy("datetime64[D]")).all()
            else:
                assert (values == written[kept].to_numpy()).all(), f"{name}.{column.name}"


def test_layers_have_a_french_title_and_say_that_they_are_indexed(folder, database):
    for name, schema in LAYERS.items():
        info = pyogrio.read_info(folder / "galejade.gpkg", layer=name)
        assert info["layer_metadata"]["IDENTIFIER"] == schema.title
        assert info["layer_metadata"]["DESCRIPTION"].endswith(".")
        count = database.execute(f'SELECT count(*) FROM "rtree_{name}_geom"').fetchone()[0]
        assert count == info["features"]


def test_the_geopackage_is_sound_and_declares_what_it_uses(database):
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    assert database.execute("PRAGMA application_id").fetchone()[0].to_bytes(4) == b"GPKG"
    assert database.execute("PRAGMA user_version").fetchone() == (10300,)
    declared = {row[0] for row in database.execute("SELECT extension_name FROM gpkg_extensions")}
    assert declared == {"gpkg_rtree_index", "gpkg_schema"}


def test_each_column_has_its_french_alias_and_its_description(database):
    rows = database.execute("SELECT table_name, column_name, name, description FROM gpkg_data_columns")
    found = {(table, column): (alias, description) for table, column, alias, description in rows}
    expected = {
        (schema.name, column.name): (column.alias, describe(column))
        for schema in LAYERS.values()
        for column in schema.columns
    }
    assert found == expected


def test_lists_of_values_are_those_of_the_schemas_with_their_meaning(database):
    for schema in LAYERS.values():
        for column in schema.columns:
            rows = database.execute(
                "SELECT value, c.description FROM gpkg_data_columns JOIN gpkg_data_column_constraints c"
                " USING (constraint_name) WHERE table_name = ? AND column_name = ?",
                (schema.name, column.name),
            ).fetchall()
            assert {value for value, _ in rows} == set(column.domain or ())
            if column.name == "code_cs":
                assert dict(rows) == COVER_CODES


def test_each_layer_opens_with_a_default_style_that_draws_each_of_its_values(database):
    rows = database.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault")
    styles = dict(rows.fetchall())
    assert set(styles) == set(LAYERS)
    for name, document in styles.items():
        root = ET.fromstring(document.split("\n", 1)[1])
        attribute = root.find("renderer-v2").get("attr")
        if attribute:
            drawn = {category.get("value") for category in root.iter("category")}
            domain = next(column.domain for column in LAYERS[name].columns if column.name == attribute)
            assert drawn == set(domain)
        aliases = {alias.get("field"): alias.get("name") for alias in root.iter("alias")}
        assert aliases == {column.name: column.alias for column in LAYERS[name].columns}


def lightness(colour: str) -> float:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_classes_of_a_style_stay_apart_in_grey():
    """Two classes with the same sign differ by 10 grey levels or more."""
    for name, style in STYLES.items():
        signs = {}
        for symbol in style.symbols.values():
            signs.setdefault((symbol.hatch, symbol.dash, symbol.width), []).append(symbol.colour or "#ffffff")
        for colours in signs.values():
            levels = np.sort([lightness(colour) for colour in colours])
            assert (np.diff(levels) >= 10).all(), f"{name}: {colours}"


def test_a_style_is_an_xml_document_whatever_the_names():
    for schema in LAYERS.values():
        assert ET.fromstring(qml(schema).split("\n", 1)[1]).tag == "qgis"


def test_a_layer_without_its_columns_is_refused(territory):
    communes = territory.layers()["communes"]
    with pytest.raises(ValueError, match="population"):
        conform(communes.drop(columns="population"), LAYERS["communes"])
    with pytest.raises(ValueError, match="2154"):
        conform(communes.to_crs(4326), LAYERS["communes"])


def test_a_territory_without_all_its_layers_is_refused(territory, tmp_path):
    layers = territory.layers()
    del layers["adresses"]
    with pytest.raises(ValueError, match="adresses"):
        write_geopackage(tmp_path / "x.gpkg", layers)


# Catalogue and cards


def test_the_catalogue_is_valid_by_frictionless_own_tool(folder):
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["title", "type", "message"])


def test_the_catalogue_describes_each_data_file_and_nothing_else(folder):
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    described = {resource["path"] for resource in package["resources"]}
    present = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    about = {name for name in present if name.startswith("fiches/")}
    assert described == present - about - {"README.md", "LICENCE.md", "datapackage.json"}


def test_resources_have_a_french_title_a_description_and_their_true_size(folder):
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    names = [resource["name"] for resource in package["resources"]]
    assert len(set(names)) == len(names)
    assert package["licenses"][0]["name"] == "etalab-2.0"
    for resource in package["resources"]:
        assert resource["title"] and resource["description"].endswith(".")
        assert resource["bytes"] == (folder / resource["path"]).stat().st_size
        assert resource["mediatype"]


def test_the_catalogue_gives_the_columns_of_layers_and_the_fields_of_texts(folder):
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    resources = {resource["name"]: resource for resource in package["resources"]}
    for name, schema in LAYERS.items():
        assert [column["name"] for column in resources[name]["columns"]] == [c.name for c in schema.columns]
    header = (folder / "livraison/adresses.csv").read_text(encoding="cp1252").splitlines()[0]
    fields = [field["name"] for field in resources["adresses_livrees"]["schema"]["fields"]]
    assert fields == header.split(";")


def test_each_dataset_has_a_card_that_says_first_that_it_is_fictional(folder):
    cards = {file.stem: file.read_text(encoding="utf-8") for file in (folder / "fiches").glob("*.md")}
    assert set(cards) == set(LAYERS) | {"mnt_10m", "sentinel2", "port_galejade_50cm", "piscines", "livraison"}
    for card in cards.values():
        title, _, notice = card.splitlines()[:3]
        assert title.startswith("# ")
        assert "n'existe pas" in notice
        for heading in ("## Comment c'est fait", "## Limites connues", "## Licence et citation"):
            assert heading in card


def test_cards_count_what_the_files_hold(territory, folder):
    card = (folder / "fiches/batiments.md").read_text(encoding="utf-8")
    assert f"| {number(len(territory.layers()['batiments']))} multipolygones |" in card
    for column in LAYERS["batiments"].columns:
        assert f"| `{column.name}` | {column.alias} |" in card
    card = (folder / "fiches/livraison.md").read_text(encoding="utf-8")
    assert f"| Défauts plantés | {number(len(territory.delivery.ledger))} |" in card


def test_links_of_the_readme_lead_somewhere(folder):
    text = (folder / "README.md").read_text(encoding="utf-8")
    links = [part.split(")")[0] for part in text.split("](")[1:]]
    assert len(links) >= 15
    assert all((folder / link).is_file() for link in links)


def test_texts_for_learners_keep_french_typography(folder):
    for file in folder.rglob("*.md"):
        text = file.read_text(encoding="utf-8")
        for wrong in (" ;", " ?", " !", "« ", " »"):
            assert wrong not in text.replace("| ", "").replace(" |", ""), f"{file.name}: « {wrong} »"


# Sameness


def test_a_territory_written_twice_has_the_same_content(territory, folder, tmp_path):
    write_files(territory, tmp_path)
    assert same_content(folder, tmp_path) == []


def test_a_file_more_is_a_difference(folder, copy):
    (copy / "autre.txt").write_text("x")
    assert len(same_content(folder, copy)) == 1


def test_one_attribute_of_one_feature_is_a_difference(folder, copy):
    with closing(sqlite3.connect(copy / "galejade.gpkg")) as database, database:
        # Triggers of the spatial index call these; the geometry does not change.
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            database.create_function(name, 1, lambda geometry: None)
        database.execute("UPDATE communes SET population = population + 1 WHERE code_insee = '13903'")
    (difference,) = same_content(folder, copy)
    assert difference.startswith("galejade.gpkg: communes: population differs in 1 features, first in row 2")


def test_one_metre_on_one_feature_is_a_difference(folder, copy):
    path = copy / "livraison/parcelles_2025.gpkg"
    parcels = pyogrio.read_dataframe(path, on_invalid="warn")
    rank = int(np.flatnonzero(parcels.geom_type == "Polygon")[3])
    parcels.loc[rank, "geometry"] = shapely.transform(parcels.geometry[rank], lambda points: points + 1)
    path.unlink()
    write_vector(
        parcels,
        path,
        driver="GPKG",
        layer="parcelles_2025",
        geometry_type="Unknown",
        layer_options={"GEOMETRY_NAME": "geom"},
    )
    (difference,) = same_content(folder, copy)
    assert "geometry differs in 1 features" in difference


def test_pixels_tags_and_texts_are_content(folder, copy):
    image = next((copy / "sentinel2").glob("*0218.tif"))
    with rasterio.open(image, "r+", IGNORE_COG_LAYOUT_BREAK="YES") as raster:
        raster.write(raster.read(1) + 1, 1)
    (copy / "README.md").write_text("autre", encoding="utf-8")
    differences = same_content(folder, copy)
    assert len(differences) == 2
    assert any("pixels differ" in line for line in differences)


def test_an_alias_is_content_and_the_size_of_a_file_is_not(folder, copy):
    with closing(sqlite3.connect(copy / "galejade.gpkg")) as database, database:
        database.execute("UPDATE gpkg_data_columns SET name = 'Autre' WHERE column_name = 'population'")
    catalogue = json.loads((copy / "datapackage.json").read_text(encoding="utf-8"))
    catalogue["resources"][0]["bytes"] += 1
    (copy / "datapackage.json").write_text(json.dumps(catalogue), encoding="utf-8")
    assert same_content(folder, copy) == ["galejade.gpkg: other aliases, lists of values or styles"]


# A folder that is never half written


def test_a_folder_is_replaced_in_one_go(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "old.txt").write_text("old")
    with replacing(data) as fresh:
        (fresh / "new.txt").write_text("new")
        assert [file.name for file in data.iterdir()] == ["old.txt"]
    assert [file.name for file in data.iterdir()] == ["new.txt"]
    assert list(tmp_path.iterdir()) == [data]


def test_a_run_that_stops_on_the_way_leaves_the_folder_as_it_was(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "old.txt").write_text("old")
    with pytest.raises(KeyboardInterrupt), replacing(data) as fresh:
        (fresh / "half.txt").write_text("half")
        raise KeyboardInterrupt
    assert [file.name for file in data.iterdir()] == ["old.txt"]
    assert list(tmp_path.iterdir()) == [data]


def test_a_territory_is_written_where_there_was_none(tmp_path):
    with replacing(tmp_path / "new" / "data") as fresh:
        (fresh / "a.txt").write_text("a")
    assert (tmp_path / "new" / "data" / "a.txt").read_text() == "a"
