"""What people send is read; what cannot be read is said in French, with what to do."""

import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from IPython.core.interactiveshell import InteractiveShell
from shapely import Point, box
from traitlets.config import Config

from geoatelier import quality
from geoatelier.quality.reading import read_layers
from geoatelier.quality.tables import read_table


@pytest.fixture
def layer():
    places = [box(893_000 + 200 * i, 6_195_000, 893_100 + 200 * i, 6_195_100) for i in range(4)]
    names = pd.DataFrame({"id_x": list("abcd"), "libelle": ["Pré", "Forêt", "Étang", "Grève"]})
    return gpd.GeoDataFrame(names, geometry=places, crs=2154)


def refusal(source, **options):
    with pytest.raises(quality.UnreadableSource) as caught:
        quality.inspect(source, **options)
    return str(caught.value)


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "geojson", "fgb"])
def test_usual_formats_are_read(layer, tmp_path, suffix):
    layer.to_file(tmp_path / f"lieux.{suffix}")
    [source] = read_layers(tmp_path / f"lieux.{suffix}")
    assert set(source.frame["libelle"]) == {"Pré", "Forêt", "Étang", "Grève"}
    assert quality.inspect(tmp_path / f"lieux.{suffix}").of("systeme-absent").empty


def test_a_zipped_shapefile_is_read_even_in_a_folder_of_the_archive(layer, tmp_path):
    layer.to_file(tmp_path / "lieux.shp")
    with zipfile.ZipFile(tmp_path / "envoi.zip", "w") as archive:
        for part in tmp_path.glob("lieux.*"):
            archive.write(part, f"Livraison n°1/{part.name}")
    report = quality.inspect(tmp_path / "envoi.zip")
    assert [facts.rows for facts in report.layers] == [4]


def test_a_shapefile_without_its_encoding_shows_broken_accents(layer, tmp_path):
    layer.to_file(tmp_path / "lieux.shp", encoding="utf-8")
    (tmp_path / "lieux.cpg").unlink()
    assert len(quality.inspect(tmp_path / "lieux.shp").of("texte-illisible")) == 4


def test_all_layers_of_a_geopackage_are_read_or_the_one_named(layer, tmp_path):
    path = tmp_path / "deux.gpkg"
    layer.to_file(path, layer="lieux")
    layer.to_crs(4326).to_file(path, layer="degres")
    pyogrio.write_dataframe(pd.DataFrame({"styleName": ["a"]}), path, layer="layer_styles", append=True)
    report = quality.inspect(path)
    assert {facts.name for facts in report.layers} == {"lieux", "degres"}
    assert "couche" in report.summary()
    assert [facts.name for facts in quality.inspect(path, layer="lieux").layers] == ["lieux"]
    assert "n'a pas de couche «\u00a0lieu\u00a0»" in refusal(path, layer="lieu")


def test_anomalies_of_layers_in_other_systems_come_back_in_one(layer, tmp_path):
    path = tmp_path / "deux.gpkg"
    overlapping = layer.assign(geometry=layer.buffer(60))
    overlapping.to_file(path, layer="a_metres")
    overlapping.to_crs(4326).to_file(path, layer="b_degres")
    anomalies = quality.inspect(path).of("chevauchement")
    assert anomalies.crs.to_epsg() == 2154
    by_layer = anomalies.dissolve("couche").area
    assert by_layer["b_degres"] == pytest.approx(by_layer["a_metres"], rel=0.01)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_french_csv_is_read_whatever_its_encoding(tmp_path, encoding, separator):
    lines = [
        "numero;nom_voie;code_insee;x;y",
        "1;Allée des Mûriers;01004;893000,5;6195000,25",
        "3;Rue;01004;;",
    ]
    text = "\n".join(lines).replace(";", separator)
    (tmp_path / "adresses.csv").write_bytes(text.encode(encoding))
    table = read_table((tmp_path / "adresses.csv").read_bytes())
    assert table.frame["nom_voie"][0] == "Allée des Mûriers"
    assert table.frame["code_insee"].tolist() == ["01004", "01004"]
    assert table.frame.geometry[0].equals(Point(893_000.5, 6_195_000.25))
    assert table.frame.geometry[1] is None
    assert table.frame.crs.to_epsg() == 2154


def test_a_comma_csv_in_degrees_is_read_and_its_system_is_said_to_be_supposed(tmp_path):
    (tmp_path / "points.csv").write_text('id,lon,lat,nom\n1,5.37,42.81,"a, b"\n2,5.38,42.82,c\n')
    report = quality.inspect(tmp_path / "points.csv")
    assert report.of("systeme-suppose")["valeur"].tolist() == ["EPSG:4326"]
    assert report.layers[0].rows == 2


def test_a_row_with_another_decimal_sign_is_read_and_reported(tmp_path):
    rows = [f"{i};89300{i},5;619500{i},5;1" for i in range(5)]
    rows[3] = rows[3].replace(",", ".")
    (tmp_path / "releves.csv").write_text("\n".join(["id;x;y;agent", *rows]))
    anomalies = quality.inspect(tmp_path / "releves.csv").of("separateur-decimal")
    assert anomalies[["rang", "attribut"]].to_numpy().tolist() == [[3, "x"], [3, "y"]]
    assert anomalies.geometry.x.tolist() == [893_003.5, 893_003.5]


def test_spaces_around_a_value_of_a_csv_are_kept_and_reported(tmp_path):
    (tmp_path / "voies.csv").write_text(
        "numero;nom_voie;code_insee\n1; Rue du Port;13901\n2;Rue du Port;13901\n"
    )
    assert quality.inspect(tmp_path / "voies.csv").of("espaces-en-trop")["rang"].tolist() == [0]


def test_a_word_in_a_column_known_to_hold_numbers_is_reported(tmp_path):
    rows = "\n".join(f"{i};Rue du Port;13901" for i in range(9))
    (tmp_path / "voies.csv").write_text(
        f"numero;nom_voie;code_insee\n{rows}\n10 (portail);Rue du Port;13901\n"
    )
    assert quality.inspect(tmp_path / "voies.csv").of("nombre-illisible")["valeur"].tolist() == [
        "10 (portail)"
    ]


def test_a_csv_without_coordinates_is_controlled_on_its_attributes(tmp_path):
    (tmp_path / "liste.csv").write_text("code_insee;population\n1004;12\n01005;15\n")
    report = quality.inspect(tmp_path / "liste.csv")
    assert sorted(report.anomalies["code"]) == ["sans-geometrie", "zero-perdu"]


def test_a_layer_with_no_object_is_blocking(layer, tmp_path):
    layer.iloc[:0].to_file(tmp_path / "vide.gpkg")
    assert quality.inspect(tmp_path / "vide.gpkg").anomalies["code"].tolist() == ["couche-vide"]


def test_a_path_that_does_not_exist_suggests_the_nearest_name(layer, tmp_path):
    layer.to_file(tmp_path / "parcelles_2025.gpkg")
    assert "Vouliez-vous dire\u00a0: parcelles_2025.gpkg\u00a0?" in refusal(tmp_path / "parcelle_2025.gpkg")
    assert "n'existe pas" in refusal(tmp_path / "nulle" / "part.gpkg")
    assert "est un dossier" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("vide.gpkg", b"", "vide (0 octet)"),
        ("vide.csv", b"", "vide (0 octet)"),
        ("blanc.csv", b"\n\n", "ni en-tête ni ligne"),
        ("faux.gpkg", b"ceci n'est pas un GeoPackage", "ne se lit pas comme GeoPackage"),
        ("faux.geojson", b"{pas du json", "ne se lit pas comme GeoJSON"),
        ("faux.zip", b"pas une archive", "abîmée"),
        ("image.tif", b"II*", "est une image"),
        ("classeur.xlsx", b"PK", "CSV UTF-8"),
        ("note.docx", b"PK", "n'est pas reconnu"),
        ("sans_extension", b"?", "n'est pas reconnu"),
        ("lieux.dbf", b"?", "morceau de Shapefile"),
        ("lieux.shp", b"?", "lieux.shx et lieux.dbf"),
        ("bancal.csv", b"a;b\n1;2\n1;2;3;4\n", "tableau régulier"),
    ],
)
def test_what_cannot_be_read_is_said_in_french(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    assert said in refusal(tmp_path / name)


def test_an_archive_without_a_layer_says_what_it_holds(tmp_path):
    with zipfile.ZipFile(tmp_path / "envoi.zip", "w") as archive:
        archive.writestr("lisez-moi.pdf", "…")
    assert "lisez-moi.pdf" in refusal(tmp_path / "envoi.zip")


@pytest.mark.parametrize("anything", [None, 3, "", [], {}, ..., np.zeros(3), pd.DataFrame({"a": [1]})])
def test_what_is_not_a_source_is_refused_in_french(anything):
    assert refusal(anything).startswith("Donnez le chemin")


def test_a_frame_without_geometry_says_how_to_set_one():
    assert "set_geometry" in refusal(gpd.GeoDataFrame({"a": [1]}))


def test_a_reference_that_cannot_be_one_is_refused(layer, tmp_path):
    assert "système de coordonnées" in refusal(layer, reference=layer.set_crs(None, allow_override=True))
    layer.to_file(tmp_path / "deux.gpkg", layer="a")
    layer.to_file(tmp_path / "deux.gpkg", layer="b")
    assert "plusieurs couches (a, b)" in refusal(layer, reference=tmp_path / "deux.gpkg")


def test_a_notebook_shows_the_message_and_no_traceback(capsys):
    shell = InteractiveShell(config=Config(HistoryManager={"enabled": False}))
    shell.run_cell("from geoatelier import quality\nquality.inspect('nulle_part.gpkg')")
    shown = capsys.readouterr().out
    assert "n'existe pas" in shown
    assert "Traceback" not in shown
