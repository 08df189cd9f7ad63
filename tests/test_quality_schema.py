"""A layer against its sheet: columns, values, links, conditions, geometry, extent."""

import textwrap

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box

from geoatelier import datasets
from geoatelier.quality import attributes, numbers
from geoatelier.quality.anomalies import no_anomaly, together
from geoatelier.quality.conformity import (
    absent_from_sheet,
    as_weighed,
    rows_against_sheet,
    whole_against_sheet,
)
from geoatelier.quality.layer import layer_of
from geoatelier.quality.links import opener
from geoatelier.quality.reading import read_layers
from geoatelier.quality.schema import of_type
from geoatelier.quality.sheets import load_sheet

LEFT, BOTTOM = 893_000.0, 6_195_000.0


def parcels(**columns):
    n = len(next(iter(columns.values()))) if columns else 4
    shapes = [box(LEFT + 10 * i, BOTTOM, LEFT + 10 * i + 10, BOTTOM + 10) for i in range(n)]
    return gpd.GeoDataFrame({"id": [f"P{i}" for i in range(n)], **columns}, geometry=shapes, crs=2154)


@pytest.fixture
def held(tmp_path):
    """Apply the rules of one layer, in YAML, to a table; gives the anomalies of the sheet."""

    def apply(rules, frame, already=None, delivered=None, *, spatial=True):
        path = tmp_path / "fiche.yaml"
        path.write_text(
            "titre: F\ncouches:\n  - nom: couche\n" + textwrap.indent(textwrap.dedent(rules), "    ")
        )
        sheet = load_sheet(path)
        profile = sheet.rules_for("couche", frame.drop(columns=frame.geometry.name))
        layer = layer_of(frame, "couche", profile=profile, spatial=spatial)
        return against_sheet(
            layer, no_anomaly(layer) if already is None else already, opener(delivered or {})
        )

    return apply


def against_sheet(layer, already, open_layer):
    rows = rows_against_sheet(layer, already, open_layer)
    return together([whole_against_sheet(layer, already), rows], layer.frame.crs)


def summary(anomalies):
    return list(
        zip(
            anomalies["code"], anomalies["attribut"].fillna(""), anomalies["rang"].astype(object), strict=True
        )
    )


# Columns


def test_missing_and_unexpected_columns_are_told_with_the_one_that_looks_alike(held):
    found = held("colonnes: {id: {}, nature: {obligatoire: true}, note: {}}", parcels(natures=["a"] * 4))
    assert found[["code", "attribut"]].to_numpy().tolist() == [
        ["colonne-absente", "nature"],
        ["colonne-inattendue", "natures"],
    ]
    assert "natures" in found["message"][0]
    assert found["geometry"].isna().all() and found["rang"].isna().all()


def test_column_names_are_found_whatever_their_case(held):
    assert held(
        "colonnes: {ID: {obligatoire: true}, Nature: {obligatoire: true}}", parcels(NATURE=["a"] * 4)
    ).empty


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("entier", [1, 2, 3, None], 2.5),
        ("entier", ["1", "2", "-3", "N/A"], "x"),
        ("décimal", [1.5, 2.0, None, 4.0], None),
        ("décimal", ["1,5", "2.5", "3", "1e3"], "2 ha"),
        ("date", ["2024-01-31", "31/01/2024", "2024-01-31T10:00:00Z", None], "2024-02-30"),
        ("booléen", ["oui", "non", "Vrai", "0"], "peut-être"),
        ("booléen", [0, 1, 1, 0], 3),
        ("texte", ["a", "1", "", None], None),
        ("code", [1301, 1302, 1303, None], 1.5),
    ],
)
def test_a_value_of_another_type_is_found_at_its_row(held, kind, good, bad):
    rules = f"colonnes: {{id: {{}}, v: {{type: {kind}}}}}"
    right = [code for code, *_ in summary(held(rules, parcels(v=good)))]
    stored_as_text = kind in ("entier", "décimal") and isinstance(good[0], str)
    assert right == (["type-inattendu"] if stored_as_text else [])
    if bad is not None:
        found = held(rules, parcels(v=[*good, bad]))
        assert summary(found) == [("type-inattendu", "v", 4)]


def test_a_column_of_another_type_is_told_once(held):
    found = held("colonnes: {id: {}, v: {type: date}}", parcels(v=[1.5, 2.5, 3.5, 4.5]))
    assert found["code"].tolist() == ["type-inattendu"] and found["rang"].isna().all()


@pytest.mark.parametrize(
    ("rule", "values", "rows"),
    [
        ("{type: entier, min: 0, max: 9}", [0, 9, 10, -1, None], [2, 3]),
        ("{type: décimal, min: 1}", ["1,5", "0,5", "x", "2", "3"], [1]),
        ("{type: date, min: 2020-01-01, max: 2020-12-31}",
          ["2020-01-01", "31/12/2019", None, "2021-01-01"], [1, 3]),
    ],
)  # fmt: skip
def test_values_out_of_bounds_are_found_and_bounds_are_included(held, rule, values, rows):
    found = held(f"colonnes: {{id: {{}}, v: {rule}}}", parcels(v=values))
    assert found.loc[found["code"] == "hors-bornes", "rang"].tolist() == rows


def test_a_value_already_reported_is_not_reported_again(held):
    frame = parcels(hauteur=[3.0, -4.0, 50.0, 9999.0])
    already = together(
        [numbers.impossible_numbers(layer_of(frame)), numbers.sentinel_numbers(layer_of(frame))]
    )
    rules = "colonnes: {id: {}, hauteur: {type: décimal, min: 0, max: 20}}"
    assert held(rules, frame)["rang"].tolist() == [1, 2, 3]
    assert held(rules, frame, already)["rang"].tolist() == [2]


def test_repeated_values_are_those_beyond_the_first_and_the_key_is_left_to_its_control(held):
    frame = parcels(numero=["a", "b", "a", None, None, "a"])
    found = held("cle: id\ncolonnes: {id: {unique: true}, numero: {unique: true}}", frame)
    assert summary(found) == [("valeur-repetee", "numero", 2), ("valeur-repetee", "numero", 5)]
    assert found["objet_lie"].tolist() == ["P0", "P0"]


def test_lists_patterns_and_holes_are_left_to_the_controls_that_explain_them(held, tmp_path):
    frame = parcels(nature=["bois", "Bois", "pré", None], code=["A1", "a1", "B2", "C3"])
    rules = "colonnes: {id: {}, nature: {remplie: true, valeurs: [bois, pré]}, code: {motif: '[A-Z]\\d'}}"
    assert held(rules, frame).empty
    profile = load_sheet(tmp_path / "fiche.yaml").rules_for("couche", frame.drop(columns="geometry"))
    layer = layer_of(frame, profile=profile)
    said = [
        attributes.out_of_domain(layer),
        attributes.malformed_codes(layer),
        attributes.missing_values(layer),
    ]
    assert [table["rang"].tolist() for table in said] == [[1], [1], [3]]


def test_a_filled_column_with_nothing_in_it_is_an_error(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_text("titre: F\ncouches: [{nom: couche, colonnes: {id: {}, nature: {remplie: true}}}]")
    frame = parcels(nature=[None] * 4)
    profile = load_sheet(path).rules_for("couche", frame.drop(columns="geometry"))
    found = attributes.holes(layer_of(frame, profile=profile))
    assert found[["code", "niveau"]].to_numpy().tolist() == [["attribut-vide", "erreur"]]


def test_two_columns_of_the_same_name_do_not_stop_the_controls(held):
    frame = pd.concat([parcels(v=[1, 2, 3, 4]), parcels(v=[1, 2, 3, 4])[["v"]]], axis=1)
    assert held("colonnes: {id: {}, v: {type: entier, max: 2}}", frame).empty


def test_an_exception_inside_a_check_is_not_taken_for_an_anomaly(held, monkeypatch):
    monkeypatch.setattr("geoatelier.quality.schema.of_type", lambda *_: 1 / 0)
    with pytest.raises(Exception, match="division"):
        held("colonnes: {id: {}, v: {type: entier}}", parcels(v=[1, 2, 3, 4]))


def test_types_agree_with_a_plain_reading_of_each_value():
    rng = np.random.default_rng(3)
    words = np.array(["12", "-3", "1.5", "2,5", "x", "", "1e3", "2024-01-01", "oui"], dtype=object)
    values = pd.Series(rng.choice(words, 200))

    def whole(text):
        return text == "" or text.lstrip("-").isdigit()

    assert of_type(values, "entier").tolist() == [whole(text) for text in values]
    assert of_type(values, "booléen").tolist() == [text in ("", "oui") for text in values]


# Links and conditions


def test_a_broken_link_is_found_with_the_nearest_key(held):
    frame = parcels(ref=["9001", "9002", "9O01", "7777", None, " 9002"])
    target = pd.DataFrame({"ID": [9001, 9002, 8003]})
    found = held(
        "colonnes: {id: {}, ref: {}}\nreferences: [{colonne: ref, couche: Cible, vers: id}]",
        frame,
        delivered={"cible": target},
    )
    assert summary(found) == [("cle-orpheline", "ref", 2), ("cle-orpheline", "ref", 3)]
    assert "9001" in found["message"][0] and "Aucune valeur proche" in found["message"][1]
    assert found.geometry.iloc[0].equals(frame.geometry.iloc[2])


@pytest.mark.parametrize("vers", ["id", "absente"])
def test_a_link_to_what_cannot_be_opened_is_told_and_not_passed_over(held, vers):
    rules = f"references: [{{colonne: id, couche: cible, vers: {vers}}}]"
    delivered = {} if vers == "id" else {"cible": pd.DataFrame({"id": ["P0"]})}
    assert held(rules, parcels(), delivered=delivered)["code"].tolist() == ["controle-non-fait"]


def test_a_link_to_a_file_is_read_from_the_folder_of_the_sheet(held, tmp_path):
    pd.DataFrame({"code": ["P0", "P1", "P2"]}).to_csv(tmp_path / "liste.csv", index=False)
    found = held("references: [{colonne: id, fichier: liste.csv, vers: code}]", parcels())
    assert summary(found) == [("cle-orpheline", "id", 3)]


@pytest.mark.parametrize(
    ("rule", "rows"),
    [
        ("si: {colonne: nature, vaut: Église}\n    alors: {colonne: usage, vaut: Religieux}", [1, 2]),
        ("si: {colonne: nature, vaut: [Église, Silo]}\n    alors: {colonne: usage, remplie: true}", [2]),
        ("si: {colonne: nature, remplie: false}\n    alors: {colonne: usage, remplie: false}", [4]),
        (
            "si: {colonne: nature, ne_vaut_pas: Église}\n    alors: {colonne: usage, ne_vaut_pas: Agricole}",
            [3],
        ),
        ("si: {colonne: leger, vaut: true}\n    alors: {colonne: nature, vaut: Silo}", [0]),
        ("si: {colonne: etages, vaut: 2}\n    alors: {colonne: nature, vaut: Silo}", [1]),
    ],
)
def test_a_condition_is_broken_where_its_second_half_does_not_hold(held, rule, rows):
    frame = parcels(
        nature=["Église", "Église", "Église", "Silo", None],
        usage=["Religieux", "Annexe", None, "Agricole", "Annexe"],
        leger=[True, False, False, True, False],
        etages=[1.0, 2.0, np.nan, 2.0, 3.0],
    )
    found = held(f"conditions:\n  - {rule}", frame)
    assert found["rang"].tolist() == rows
    assert set(found["code"]) == {"condition-non-tenue"}


@pytest.mark.parametrize(
    ("sign", "rows"), [("<=", [2]), ("<", [1, 2]), (">=", [0]), ("=", [0, 2]), ("!=", [1]), (">", [0, 1])]
)
def test_two_columns_are_compared_as_numbers_and_missing_values_pass(held, sign, rows):
    frame = parcels(bas=["1,5", "2", "10", None], haut=[9.0, 2.0, 9.5, 1.0])
    found = held(f"conditions: [{{comparer: bas {sign} haut}}]", frame)
    assert found["rang"].tolist() == rows


def test_dates_in_the_wrong_order_are_reported_as_such(held):
    frame = parcels(date_debut=["2024-05-01", "02/05/2024"], date_fin=["2024-04-30", "2024-05-02"])
    assert summary(held("conditions: [{comparer: date_debut <= date_fin}]", frame)) == [
        ("dates-inversees", "date_debut, date_fin", 0)
    ]


# Geometry


def test_objects_of_another_type_are_found_or_told_once_for_the_layer(held):
    frame = parcels()
    frame.loc[[1, 3], "geometry"] = [Point(LEFT, BOTTOM), None]
    assert summary(held("geometrie: surface", frame)) == [("type-melange", "", 1)]
    lines = frame.set_geometry(
        [LineString([(LEFT, BOTTOM), (LEFT + i, BOTTOM + 5)]) for i in range(1, 5)], crs=2154
    )
    found = held("geometrie: surface", lines)
    assert len(found) == 1 and found["rang"].isna().all() and found["valeur"][0] == "ligne"


def test_a_table_must_have_no_geometry_when_the_sheet_says_so(held):
    assert held("geometrie: aucune", parcels())["code"].tolist() == ["type-melange"]
    assert held("geometrie: aucune", parcels().set_geometry([None] * 4), spatial=False).empty


def test_a_system_that_is_not_allowed_is_told(held):
    assert held("systemes: [2154, 3943]", parcels()).empty
    found = held("systemes: [3943]", parcels())
    assert found[["code", "valeur"]].to_numpy().tolist() == [["systeme-inattendu", "EPSG:2154"]]


def test_objects_outside_the_extent_are_found_and_what_sticks_out_is_drawn(held):
    frame = parcels(v=range(6))
    inside = f"systemes: [2154]\nemprise: [{LEFT}, {BOTTOM}, {LEFT + 35}, {BOTTOM + 10}]"
    found = held(inside, frame)
    assert dict(zip(found["rang"], found["niveau"], strict=True)) == {
        4: "erreur",
        5: "erreur",
        3: "avertissement",
    }
    part = found[found["rang"] == 3].geometry.iloc[0]
    assert part.area == pytest.approx(50, rel=0.01)


def test_an_extent_in_degrees_or_from_a_file_is_the_same_extent(held, tmp_path):
    frame = parcels(v=range(6))
    area = gpd.GeoSeries([box(LEFT - 1, BOTTOM - 1, LEFT + 41, BOTTOM + 11)], crs=2154)
    area.to_file(tmp_path / "zone.gpkg", layer="zone")
    assert sorted(held("emprise: {fichier: zone.gpkg}", frame)["rang"]) == [4, 5]
    west, south, east, north = area.to_crs(4326).total_bounds
    found = held(f"emprise: {{bornes: [{west}, {south}, {east}, {north}], systeme: 4326}}", frame)
    assert sorted(found["rang"]) == [4, 5]


def test_an_object_that_another_control_calls_astray_is_left_to_it(held):
    frame = parcels(v=range(6))
    frame.loc[2, "geometry"] = shapely.box(0, 0, 10, 10)
    assert held(f"systemes: [2154]\nemprise: [{LEFT}, {BOTTOM}, {LEFT + 99}, {BOTTOM + 99}]", frame).empty


# The delivery


def test_kinds_are_left_out_or_weighed_as_the_sheet_says(held, tmp_path):
    found = held("colonnes: {nature: {obligatoire: true}}", parcels())
    path = tmp_path / "f.yaml"
    path.write_text("titre: F\nignorer: [colonne-inattendue]\nniveaux: {colonne-absente: bloquant}")
    profile = load_sheet(path).rules_for("x", pd.DataFrame({"id": [1]}))
    weighed = as_weighed(found, profile)
    assert weighed[["code", "niveau"]].to_numpy().tolist() == [["colonne-absente", "bloquant"]]


def test_layers_that_a_delivery_lacks_are_blocking_anomalies(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_text("titre: F\ncouches: [{nom: routes, obligatoire: true}, {nom: haies}]")
    found = absent_from_sheet(load_sheet(path), [("parcelles", ["id"])], file="lot.gpkg")
    assert found[["fichier", "code", "niveau", "couche"]].to_numpy().tolist() == [
        ["lot.gpkg", "couche-absente", "bloquant", "routes"]
    ]


def test_an_empty_layer_is_still_held_to_its_columns(held):
    found = held("systemes: [4326]\ncolonnes: {id: {}, v: {obligatoire: true}}", parcels().iloc[:0])
    assert found["code"].tolist() == ["colonne-absente", "systeme-inattendu"]


def test_the_orphan_keys_planted_in_the_delivery_are_exactly_those_found(tmp_path):
    ledger = gpd.read_file(datasets.path("livraison/registre_defauts.gpkg"), layer="defauts")
    planted = ledger[
        (ledger["fichier"] == "releves_terrain.csv") & (ledger["type_defaut"] == "cle-orpheline")
    ]
    path = tmp_path / "livraison.yaml"
    path.write_text(
        "titre: Livraison\n"
        "couches: [{nom: releves*, references: [{colonne: id_parcel, couche: parcelles_2025}]}]"
    )
    [parcelles] = read_layers(datasets.path("livraison/parcelles_2025.gpkg"))
    [releves] = read_layers(datasets.path("livraison/releves_terrain.csv"))
    frame = releves.frame
    profile = load_sheet(path).rules_for(releves.name, frame.drop(columns=frame.geometry.name))
    layer = layer_of(frame, releves.name, profile=profile)
    found = against_sheet(layer, no_anomaly(layer), opener({"parcelles_2025": parcelles.frame}))
    assert set(found["code"]) == {"cle-orpheline"}
    assert set(found["rang"]) == set(planted["rang"])
