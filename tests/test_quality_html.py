"""The HTML report as text: what it says, what it embeds, and that no value of the data can act in it."""

import base64
import dataclasses
import hashlib
import html
import json
import re

import geopandas as gpd
import html_reports as made
import numpy as np
import pytest
import shapely
from pyproj import CRS

from geoatelier.quality import inspect
from geoatelier.quality.anomalies import anomalies
from geoatelier.quality.outputs import html_places
from geoatelier.quality.outputs.html import render, write_html
from geoatelier.quality.outputs.html_data import payload, to_json
from geoatelier.quality.outputs.html_page import css_string
from geoatelier.quality.outputs.html_places import places_of
from geoatelier.quality.outputs.html_static_map import static_map
from geoatelier.quality.outputs.html_summary import groups, priorities, reason
from geoatelier.quality.outputs.html_wording import (
    LONGEST_TEXT,
    long_date,
    shortened,
    threshold,
    typeset,
)
from geoatelier.quality.report import Report, Unread
from geoatelier.safely import UnwritableOutput


@pytest.fixture(scope="module")
def damaged():
    return made.damaged()


def empty(**changes):
    layer = made.parcels()
    return made.report(layer, **changes)


def only_unread():
    nothing = gpd.GeoDataFrame(empty().anomalies, crs=None)
    unread = (Unread("plan.pdf", "Ce format n'est pas lu."), Unread("a.shp", "Il manque a.dbf."))
    return Report("envoi", (), nothing, unread=unread, day=made.DAY)


def embedded(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page)[1])


def visible(page):
    """The text of the page with its tags, styles and scripts left out."""
    return html.unescape(re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", "", page, flags=re.S))


def words(page):
    """The same, its spaces all alike and a space for each tag."""
    return " ".join(visible(re.sub(r"(<(?!/?(?:script|style)))", r" \1", page)).split())


# The file


def test_the_page_loads_nothing(damaged):
    page = render(damaged)
    assert re.findall(r"""\b(?:src|href)\s*=\s*["'](?!#)[^"']*["']""", page.split("<script>")[0]) == []
    styles = "".join(re.findall(r"<style>(.*?)</style>", page, re.S))
    assert "url(" not in styles
    assert "@import" not in styles
    assert "sourceMappingURL" not in page


def test_the_policy_runs_our_style_and_script_and_nothing_else(damaged):
    page = render(damaged)
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1])
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.S)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.S)
    for text, directive in ((style, "style-src"), (script, "script-src")):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_a_file_that_is_there_is_replaced_only_when_asked(damaged, tmp_path):
    path = tmp_path / "rapport.html"
    path.write_text("précieux", encoding="utf-8")
    with pytest.raises(UnwritableOutput, match="existe déjà"):
        write_html(damaged, path)
    assert path.read_text(encoding="utf-8") == "précieux"
    assert write_html(damaged, path, overwrite=True) == path
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [item.name for item in tmp_path.iterdir()] == ["rapport.html"]


def test_two_reports_of_the_same_control_are_the_same_file(damaged):
    assert render(damaged) == render(made.damaged())


# What a manager reads


def test_the_verdict_says_why_in_one_sentence(damaged):
    assert reason(damaged) == "1\u00a0anomalie bloquante (système de coordonnées absent)."
    assert reason(only_unread()) == "2\u00a0fichiers n'ont pas pu être lus."
    failed = dataclasses.replace(damaged, measures=(made.measure(3, 1), made.measure(0, 1)))
    assert reason(failed).endswith(", et 1\u00a0seuil n'est pas tenu.")
    assert reason(empty()) == "Aucune anomalie n'a été trouvée, et aucun seuil n'était fixé."
    assert reason(empty(measures=(made.measure(0, 1),))).endswith("et tous les seuils sont tenus.")
    layer = made.parcels()
    errors = made.report(layer, anomalies(layer, "hors-domaine", [1, 2], "Corrigez."))
    assert errors.conform
    assert reason(errors).endswith("Il reste 2\u00a0erreurs à corriger.")


def test_what_could_not_be_read_comes_first_then_what_blocks_then_thresholds_then_errors(damaged):
    assert [item.title for item in priorities(damaged)] == [
        "Système de coordonnées absent",
        "Valeur hors de la liste admise (3\u00a0fois)",
        "Chevauchement (2\u00a0fois)",
    ]
    worse = dataclasses.replace(damaged, unread=(Unread("a.shp", "Abîmé."),), measures=(made.measure(3, 1),))
    assert [item.title for item in priorities(worse)] == [
        "1\u00a0fichier non lu",
        "Système de coordonnées absent",
        "Seuil non tenu\u00a0: Part d'objets en double",
    ]
    assert priorities(empty()) == []


def test_the_page_says_what_was_controlled_and_what_the_control_does_not_see(damaged):
    text = words(render(damaged))
    assert "Non conforme" in text
    assert "26 novembre 2026" in text
    assert "1 couche, 6 objets" in text
    assert "RGF93 v1 / Lambert-93 (EPSG:2154)" in text
    assert "Ce que ce contrôle ne voit pas" in text
    assert "Ce que cela empêche. L'objet sort de tous les totaux par catégorie." in text


def test_a_report_without_anomaly_has_neither_map_nor_table_nor_script():
    page = render(empty())
    assert "<script" not in page
    assert "Carte et tableau" not in page
    assert "Aucune anomalie n'a été trouvée" in words(page)


def test_a_report_of_unread_files_alone_says_why_each_was_not_read():
    text = words(render(only_unread()))
    assert "Ce format n'est pas lu." in text
    assert "Il manque a.dbf." in text
    assert "Aucune couche n'a pu être contrôlée." in text


def test_measures_that_miss_their_threshold_come_first_with_their_iso_number():
    held, missed = made.measure(0, 1, title="Tenue"), made.measure(3.25, 1, title="Dépassée")
    text = words(render(empty(measures=(made.measure(12.5), held, missed))))
    text = text[text.index("Mesures de qualité") :]
    assert text.index("Dépassée") < text.index("Tenue") < text.index("12,5")
    row = "Non conforme Dépassée Exhaustivité, excédent · ISO 19157, mesure 4 · QuaDoGéo txEx parcelles"
    assert f"{row} 3,25 % au plus 1 % 944" in text


def test_kinds_are_grouped_the_gravest_first_with_examples_of_every_layer():
    several = [dataclasses.replace(made.parcels(), name=name) for name in ("a", "b")]
    tables = [anomalies(layer, "hors-domaine", [0, 1, 2, 3], "Corrigez.") for layer in several]
    tables.append(anomalies(several[0], "sommet-repete", range(6), "Supprimez."))
    found = groups(made.report(several[0], *tables))
    assert [(group.level, group.number) for group in found] == [("erreur", 8), ("info", 6)]
    assert found[0].where == (("a", 4), ("b", 4))
    assert len(found[0].examples) == 3
    assert len(found[1].examples) == 3


def test_french_is_typeset():
    assert long_date(made.DAY) == "26\u00a0novembre\u00a02026"
    assert long_date(made.DAY.replace(day=1)).startswith("1er\u00a0")
    assert made.measure(1234.5678).text == "1\u202f234,57\u00a0%"
    assert made.measure(float("nan")).text == "non mesuré"
    assert typeset("« Où ? » : 5 % (`make_valid`)") == "«\u00a0Où\u00a0?\u00a0»\u00a0: 5\u00a0% (make_valid)"
    assert threshold(made.measure(0, 99.5, at_most=False)) == "au moins\u00a099,5\u00a0%"
    for found in (made.damaged(), only_unread(), empty(measures=(made.measure(3, 1), made.measure(3)))):
        assert re.findall(r".{9}« .|.{9} [:;?!»%] .{9}", visible(render(found))) == []


# No value acts


def test_no_hostile_value_is_written_as_it_is():
    page = render(made.hostile())
    assert "hacked" in page
    assert "window.hacked=1</script>" not in page
    assert "<img src=x" not in page
    assert "<svg onload" not in page
    assert "<!--" not in page
    assert "\u2028" not in page.split('id="data">')[1]
    assert page.count("<script") == 2


def test_hostile_values_are_read_back_whole():
    data = embedded(render(made.hostile()))
    assert sorted(data["value"]["values"]) == sorted(made.HOSTILE)
    assert sorted(data["object"]["values"]) == sorted(made.HOSTILE)


def test_json_in_the_page_holds_no_sign_that_html_knows():
    text = to_json({"clé": list(made.HOSTILE)})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"clé": list(made.HOSTILE)}


def test_the_name_of_the_source_cannot_leave_the_style_sheet():
    assert css_string('"}</style>é') == '"\\000022\\00007d\\00003c\\00002fstyle\\00003e\\0000e9"'


def test_a_long_value_is_shortened_and_its_length_is_told():
    assert shortened("x" * 2000) == "x" * LONGEST_TEXT + "… (2\u202f000\u00a0caractères)"
    layer = made.parcels()
    page = render(
        made.report(layer, anomalies(layer, "hors-domaine", [0], "y" * 10**6, values=["x" * 10**6]))
    )
    assert len(page) < 500_000


def test_a_file_name_that_is_no_text_is_written_all_the_same(tmp_path):
    path = write_html(dataclasses.replace(made.damaged(), source="b\udcffti.gpkg"), tmp_path / "rapport.html")
    assert "b?ti.gpkg" in path.read_text(encoding="utf-8")


# Compact columns


def read_back(message, row, key):
    parts = iter(message["parts"][row].split("\ue001"))
    pattern = message["patterns"][message["of"][row]]
    return re.sub("[\ue000\ue001]", lambda mark: key if mark[0] == "\ue000" else next(parts), pattern)


def test_messages_are_kept_as_patterns_and_read_back_whole():
    found = made.huge(200)
    message = payload(found, places_of(found))["message"]
    assert len(message["patterns"]) == 1
    keys = found.anomalies["objet"]
    got = [read_back(message, row, key) for row, key in enumerate(keys)]
    assert got == [
        text.replace("« ", "«\u00a0").replace(" »", "\u00a0»") for text in found.anomalies["message"]
    ]


def test_outlines_are_written_as_steps_of_whole_numbers():
    layer = made.parcels(1, crs=None)
    hole = shapely.box(0, 0, 9, 9).difference(shapely.box(2, 2, 4, 4))
    line = shapely.linestrings([(1.5, 2.5), (3, 4)])
    found = anomalies(layer, "trou", [0, 0, 0], "Bouchez.", geometry=[hole, line, hole])
    found = made.report(layer, found)
    places = places_of(found)
    data = payload(found, places)["map"]
    assert len(data["outlines"]) == 2
    assert data["outlineOf"][0] == data["outlineOf"][2]
    unit = 10 ** data["digits"]
    shapes = [
        (filled, [np.cumsum(np.reshape(ring, (-1, 2)), axis=0) / unit for ring in rings])
        for filled, *rings in data["outlines"]
    ]
    filled, rings = shapes[data["outlineOf"][0]]
    assert filled == 1
    assert shapely.Polygon(rings[0], rings[1:]).equals(hole)
    filled, (vertices,) = shapes[data["outlineOf"][1]]
    assert filled == 0
    assert vertices.tolist() == [[1.5, 2.5], [3, 4]]


def test_the_outlines_of_the_gravest_are_kept_when_there_are_too_many(monkeypatch):
    layer = made.parcels(6)
    found = made.report(
        layer,
        anomalies(layer, "micro-surface", [0, 1, 2], "Supprimez."),
        anomalies(layer, "hors-domaine", [3, 4], "Corrigez."),
    )
    monkeypatch.setattr(html_places, "MAX_VERTICES", 10)
    kept = places_of(found).outline_of >= 0
    assert kept.tolist() == [False, False, False, True, True]


# Where


def test_places_are_in_degrees_when_the_system_is_known_and_in_its_own_units_when_not(damaged):
    places = places_of(damaged)
    assert places.geographic
    assert (np.abs(places.points[places.placed] - (5.44, 42.85)) < 0.05).all()
    plain = places_of(made.damaged(crs=None))
    assert not plain.geographic
    assert (plain.points[plain.placed] > 800_000).all()
    assert plain.placed.sum() == 5


def test_a_local_system_is_drawn_in_its_own_units():
    local = CRS.from_wkt('LOCAL_CS["chantier",UNIT["metre",1]]')
    assert not places_of(made.damaged(crs=local)).geographic
    assert "chantier" in render(made.damaged(crs=local))


def test_what_has_no_finite_coordinate_has_no_place():
    layer = made.parcels(4)
    odd = [shapely.Point(np.nan, 1), shapely.Point(np.inf, 1), shapely.Point(), None]
    found = made.report(layer, anomalies(layer, "hors-domaine", range(4), "Corrigez.", geometry=odd))
    assert places_of(found).placed.tolist() == [False] * 4
    assert "4\u00a0anomalies sans place sur la carte." in render(found)


def test_invalid_and_collapsed_geometries_have_a_place():
    layer = made.parcels(3)
    corner = "900000 6200000"
    odd = shapely.from_wkt(
        [
            f"POLYGON (({corner}, 900010 6200010, 900010 6200000, 900000 6200010, {corner}))",
            f"POLYGON (({corner}, 900010 6200000, {corner}, {corner}))",
            f"GEOMETRYCOLLECTION (POINT Z ({corner} 3), LINESTRING ({corner}, 900009 6200009))",
        ]
    )
    found = made.report(layer, anomalies(layer, "geometrie-invalide", range(3), "Réparez.", geometry=odd))
    assert places_of(found).placed.all()
    render(found)


def test_an_object_lost_far_away_does_not_decide_where_the_map_opens():
    layer = made.parcels(100)
    where = shapely.centroid(layer.geometries)
    where[7] = shapely.Point(0, 0)
    places = places_of(made.report(layer, anomalies(layer, "hors-domaine", range(100), "…", geometry=where)))
    west, south, east, north = places.view
    assert east - west < 0.02
    assert north - south < 0.02
    assert places.outside == 1


def test_an_object_out_of_this_world_leaves_the_outline_of_its_layer_on_the_map():
    parcels = made.parcels(20).frame
    bounds = parcels.total_bounds
    parcels.loc[0, "geometry"] = shapely.Point(1e9, 1e9).buffer(10)
    report = inspect(parcels, layer="parcelles")
    assert "hors-emprise" in set(report.anomalies["code"])
    assert report.layers[0].bounds == pytest.approx(bounds)
    places = places_of(report)
    assert [extent.name for extent in places.extents] == ["parcelles"]
    assert places.wide == ()


def test_an_extent_much_wider_than_the_anomalies_is_named_and_not_drawn():
    layer = made.parcels(100)
    found = made.report(layer, anomalies(layer, "hors-domaine", range(100), "Corrigez."))
    assert [extent.name for extent in places_of(found).extents] == ["parcelles"]
    facts = dataclasses.replace(found.layers[0], bounds=(0.0, 6e6, 1.2e6, 7.1e6))
    wide = dataclasses.replace(found, layers=(facts,))
    assert places_of(wide).wide == ("parcelles",)
    assert "Emprise non dessinée" in render(wide)


def test_a_lone_anomaly_opens_on_its_layer():
    layer = made.parcels(100)
    view = places_of(made.report(layer, anomalies(layer, "hors-domaine", [5], "Corrigez."))).view
    assert view[2] - view[0] > 0.005


def test_signs_of_the_drawing_count_every_anomaly_and_do_not_touch():
    found = made.huge(2000)
    places = places_of(found)
    drawing = static_map(places, found.anomalies["niveau"].to_numpy(dtype=object))
    assert sum(sign.count for sign in drawing.signs) == 2000
    at = np.array([(sign.x, sign.y) for sign in drawing.signs])
    apart = np.abs(at[:, None] - at[None])
    near = (apart[..., 0] < 64) & (apart[..., 1] < 34)
    assert near.sum() == len(at)
    assert len(at) > 50


def test_the_scale_bar_of_the_drawing_is_as_long_as_it_says():
    found = made.report(made.parcels(100), anomalies(made.parcels(100), "hors-domaine", range(100), "…"))
    places = places_of(found)
    drawing = static_map(places, found.anomalies["niveau"].to_numpy(dtype=object))
    length = float(drawing.bar_label.removesuffix("\u00a0m"))
    # Fill of the drawing: 950 m of parcels in 904 units, whichever side decides.
    ring = np.array([point.split(",") for point in drawing.extents[0].split()], dtype=float)
    a_unit = 950 / (ring[:, 0].max() - ring[:, 0].min())
    assert drawing.bar * a_unit == pytest.approx(length, rel=0.08)


def test_one_point_alone_without_a_system_is_drawn():
    layer = made.parcels(1, crs=None)
    point = [shapely.Point(900_000, 6_200_000)]
    found = made.report(layer, anomalies(layer, "hors-domaine", [0], "Corrigez.", geometry=point))
    facts = dataclasses.replace(found.layers[0], bounds=(900_000.0, 6_200_000.0) * 2)
    assert "<title id=" in render(dataclasses.replace(found, layers=(facts,)))
