"""From one delivery to the next: what was mended, what remains, what appeared."""

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely.affinity import translate

from geoatelier import datasets, quality
from geoatelier.quality.anomalies import anomalies, layer_anomaly, together
from geoatelier.quality.deliveries import compare
from geoatelier.quality.layer import layer_of
from geoatelier.quality.pairing import pair_layers
from geoatelier.quality.report import LayerFacts, Report

X, Y = 900_000, 6_200_000


def squares(n, shift=0.0):
    return [shapely.box(X + 50 * i + shift, Y, X + 50 * i + 10 + shift, Y + 10) for i in range(n)]


def report_of(places, keys=None, *, code="hors-domaine", file="a.gpkg", name="a", crs=2154, **options):
    """A report with one anomaly on each object; objects without `keys` have none."""
    frame = gpd.GeoDataFrame({"libelle": ["x"] * len(places)}, geometry=list(places), crs=crs)
    if keys is not None:
        frame.insert(0, "id_x", keys)
    layer = layer_of(frame, name, file=file)
    table = anomalies(layer, code, range(len(places)), "Faux. Corrigez.", **options)
    return Report(file, (LayerFacts.of(layer, file),), table)


def outcome(comparison):
    """How many anomalies of each evolution."""
    return comparison.anomalies["evolution"].value_counts().to_dict()


def shuffled(report, seed=0):
    """The same report with its rows in another order, hence other row numbers, and keys where they were."""
    table = report.anomalies.sample(frac=1, random_state=seed).reset_index(drop=True)
    keyless = table["objet"] == table["rang"].astype("str")
    table["rang"] = pd.array(range(len(table)), dtype="Int64")
    table["objet"] = table["objet"].where(~keyless, table["rang"].astype("str"))
    return dataclasses.replace(report, anomalies=table)


@pytest.fixture(scope="module")
def parcels():
    path = datasets.path("livraison/parcelles_2025.gpkg")
    return gpd.read_file(path), quality.inspect(path)


def test_the_same_delivery_drawn_again_in_another_order_under_another_name_has_not_changed(parcels, tmp_path):
    table, before = parcels
    again = table.assign(geometry=shapely.reverse(table.geometry.to_numpy())).sample(frac=1, random_state=3)
    again.to_file(tmp_path / "parcelles_2026.gpkg", layer="Parcelles v2")
    comparison = compare(before, quality.inspect(tmp_path / "parcelles_2026.gpkg"))
    assert outcome(comparison) == {"restante": len(before.anomalies)}
    assert comparison.layers["couche_apres"].tolist() == ["Parcelles v2"]


def test_half_of_the_defects_mended_and_three_added_are_told_exactly(parcels, tmp_path):
    table, before = parcels
    mended = {
        code: before.of(code).drop_duplicates("rang").iloc[::2]
        for code in ("espaces-en-trop", "valeur-absente")
    }
    assert all(len(rows) >= 5 for rows in mended.values())
    after = table.copy()
    for code, rows in mended.items():
        for rank, column in rows[["rang", "attribut"]].itertuples(index=False):
            value = table.loc[rank, column]
            after.loc[rank, column] = value.strip() if code == "espaces-en-trop" else table[column].mode()[0]
    at_fault = set(before.anomalies["rang"].dropna()) | {
        int(rank)
        for rank in before.anomalies["objet_lie"].dropna()
        if rank.isdigit() and int(rank) < len(table)
    }
    clean = [rank for rank in table.index if rank not in at_fault]
    added = set(table.loc[clean[:3], "id_parcel"])
    after.loc[clean[:3], "code_insee"] = None
    after = after.sample(frac=1, random_state=5)
    after.to_file(tmp_path / "v2.gpkg", layer="parcelles")
    comparison = compare(before, quality.inspect(tmp_path / "v2.gpkg"))
    gone, new = comparison.of("corrigée"), comparison.of("nouvelle")
    for code, rows in mended.items():
        found = gone[gone["code"] == code]
        assert set(zip(found["objet"], found["attribut"], strict=True)) == set(
            zip(rows["objet"], rows["attribut"], strict=True)
        )
    planted = new[(new["code"] == "valeur-absente") & (new["attribut"] == "code_insee")]
    assert set(planted["objet"]) == added
    assert len(comparison.of("restante")) + len(gone) == len(before.anomalies)
    others = set(gone["code"]) - set(mended)
    # A code filled in with the commonest may agree or disagree with its group; nothing else is touched.
    assert others <= {
        "valeurs-contradictoires",
        "attribut-incomplet",
        "surface-discordante",
        "unite-confondue",
    }


@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_rows_gives_the_same_outcome(keyed, seed):
    rng = np.random.default_rng(seed)
    n = 300
    places = np.array(squares(n))
    keys = np.array([f"k{i}" for i in range(n)])
    kept = rng.random(n) < 0.6
    new = ~kept & (rng.random(n) < 0.3)
    before = shuffled(report_of(places, keys if keyed else None), seed)
    moved = [translate(place, *rng.uniform(-0.4, 0.4, 2)) for place in places[kept]]
    elsewhere = [translate(place, 0, 500) for place in places[new]]
    fresh = [f"n{i}" for i in range(new.sum())]
    after = report_of(moved + elsewhere, [*keys[kept], *fresh] if keyed else None)
    expected = {"corrigée": int((~kept).sum()), "restante": int(kept.sum()), "nouvelle": int(new.sum())}
    assert outcome(compare(before, shuffled(after, seed + 10))) == expected


def test_an_anomaly_follows_the_key_of_its_object_wherever_it_goes():
    before = report_of(squares(3), ["a", "b", "c"])
    after = report_of(squares(3, shift=1_000), ["a", "b", "d"])
    comparison = compare(before, after)
    assert outcome(comparison) == {"restante": 2, "corrigée": 1, "nouvelle": 1}
    assert comparison.of("corrigée")["objet"].tolist() == ["c"]
    assert comparison.of("nouvelle")["objet"].tolist() == ["d"]


def test_an_anomaly_whose_object_took_another_key_is_found_by_its_place():
    comparison = compare(report_of(squares(3), ["a", "b", "c"]), report_of(squares(3), ["x", "b", "z"]))
    assert outcome(comparison) == {"restante": 3}
    assert comparison.anomalies["objet"].tolist() == ["x", "b", "z"]
    assert comparison.anomalies["numero_avant"].tolist() == [1, 2, 3]


def test_without_key_the_tolerance_decides():
    before, after = report_of(squares(4)), report_of(squares(4, shift=0.9))
    assert outcome(compare(before, after)) == {"restante": 4}
    assert outcome(compare(before, after, tolerance=0.5)) == {"corrigée": 4, "nouvelle": 4}
    assert outcome(compare(before, before, tolerance=0)) == {"restante": 4}


def test_the_tolerance_is_in_metres_even_in_degrees():
    def at(longitude):
        return report_of([shapely.Point(longitude, 45)], crs=4326)

    assert outcome(compare(at(5), at(5 + 5e-6))) == {"restante": 1}
    assert outcome(compare(at(5), at(5 + 5e-5))) == {"corrigée": 1, "nouvelle": 1}


def test_two_deliveries_in_other_systems_are_compared_in_that_of_the_first():
    before, after = report_of(squares(3)), report_of(squares(3))
    degrees = dataclasses.replace(after, anomalies=after.anomalies.to_crs(4326))
    comparison = compare(before, degrees)
    assert outcome(comparison) == {"restante": 3}
    assert comparison.anomalies.crs.to_epsg() == 2154


def test_one_object_with_several_errors_loses_the_one_that_was_mended():
    errors = [shapely.Point(X + 10 * i, Y) for i in range(4)]
    before = report_of(errors, ["a"] * 4, code="auto-intersection")
    before.anomalies["objet"] = "a"
    left = before.anomalies.drop(index=2).reset_index(drop=True)
    after = dataclasses.replace(before, anomalies=left.assign(geometry=left.translate(0.3, 0.3)))
    gone = compare(before, after).of("corrigée")
    assert gone.geometry.tolist() == [errors[2]]


def test_a_pair_is_the_same_whichever_of_its_objects_comes_first():
    before = report_of(squares(1), ["b"], code="chevauchement", related=["a"])
    after = report_of(squares(1, shift=30), ["a"], code="chevauchement", related=["b"])
    assert outcome(compare(before, after)) == {"restante": 1}
    other = report_of(squares(1, shift=30), ["a"], code="chevauchement", related=["c"])
    assert outcome(compare(before, other)) == {"corrigée": 1, "nouvelle": 1}


def test_a_gap_drawn_with_another_tail_between_other_neighbours_is_the_same_gap():
    gap = shapely.box(X, Y, X + 10, Y + 10)
    tail = shapely.Polygon([(X + 10, Y), (X + 25, Y), (X + 10, Y + 0.01)])
    before = report_of([gap], ["a"], code="trou", related=["b"])
    after = report_of([gap.union(tail)], ["b"], code="trou", related=["c"])
    assert outcome(compare(before, after)) == {"restante": 1}
    wider = report_of([shapely.box(X, Y - 10, X + 10, Y + 20)], ["b"], code="trou", related=["c"])
    assert outcome(compare(before, wider)) == {"corrigée": 1, "nouvelle": 1}


def test_neither_code_nor_column_nor_layer_is_mixed_up():
    before = report_of(squares(1), ["a"], attribute="usage")
    for other in (
        report_of(squares(1), ["a"], attribute="nature"),
        report_of(squares(1), ["a"], attribute="usage", code="valeur-absente"),
    ):
        assert outcome(compare(before, other)) == {"corrigée": 1, "nouvelle": 1}


def test_rows_without_key_nor_place_are_told_apart_by_their_value():
    before = report_of([None] * 3, values=["x", "y", "y"])
    after = report_of([None] * 3, values=["y", "z", "x"])
    comparison = compare(before, after)
    assert outcome(comparison) == {"restante": 2, "corrigée": 1, "nouvelle": 1}
    assert comparison.of("corrigée")["valeur"].tolist() == ["y"]


def test_what_concerns_a_whole_layer_remains_even_if_its_figure_changes():
    def incomplete(value):
        report = report_of(squares(1), ["a"])
        layer = layer_of(gpd.GeoDataFrame({"b": ["x"]}, geometry=squares(1), crs=2154), "a", file="a.gpkg")
        hole = layer_anomaly(layer, "attribut-incomplet", "À trous. Complétez.", attribute="b", value=value)
        return dataclasses.replace(report, anomalies=together([report.anomalies, hole]))

    assert outcome(compare(incomplete("12 %"), incomplete("5 %"))) == {"restante": 2}


def test_a_layer_that_is_not_delivered_again_is_not_said_to_be_mended():
    roads = report_of([shapely.LineString([(X, Y), (X + 5, Y)])], ["r"], file="routes.gpkg", name="routes")
    parcels = report_of(squares(2), ["a", "b"], file="parcelles.gpkg", name="parcelles")
    both = Report(
        "envoi 1", parcels.layers + roads.layers, together([parcels.anomalies, roads.anomalies], 2154)
    )
    comparison = compare(both, parcels)
    assert outcome(comparison) == {"restante": 2, "non revue": 1}
    assert "1\u00a0anomalie d'avant sans suite connue" in comparison.line()
    assert comparison.layers["couche_apres"].isna().tolist() == [False, True]


def test_a_layer_without_anomaly_left_is_mended():
    before = report_of(squares(2), ["a", "b"])
    after = dataclasses.replace(before, anomalies=before.anomalies.iloc[:0])
    comparison = compare(before, after)
    assert outcome(comparison) == {"corrigée": 2}
    assert comparison.summary()[["avant", "corrigées", "après"]].to_numpy().tolist() == [[2, 2, 0]]


def facts(name, file="a.gpkg", kind="couche", shape="surfaces", columns=5):
    return LayerFacts(name, 1, columns, kind, shape, None, (0.0, 0.0, 1.0, 1.0), file)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([facts("a")], [facts("a")], {"a": "a"}),
        ([facts("a", "x.gpkg")], [facts("a", "y.gpkg")], {"a": "a"}),
        ([facts("Parcelles_2025")], [facts("parcelles-2026")], {"Parcelles_2025": "parcelles-2026"}),
        ([facts("t1", "Bâti 1.gpkg")], [facts("u", "bati_2.gpkg", columns=9)], {"t1": "u"}),
        ([facts("a", "x", "RPG")], [facts("b", "y", "RPG", columns=6)], {"a": "b"}),
        ([facts("a", "x")], [facts("b", "y")], {"a": "b"}),
        ([facts("a", "x")], [facts("b", "y", shape="points")], {}),
        ([facts("a", "x"), facts("b", "x")], [facts("c", "y"), facts("d", "y")], {}),
        ([facts("a", "x"), facts("b", "x")], [facts("b", "y"), facts("c", "y")], {"b": "b", "a": "c"}),
    ],
)
def test_layers_are_matched_through_renamed_files_and_layers(before, after, expected):
    pairs = pair_layers(before, after)
    assert {old[1]: new[1] for old, new in pairs.items() if old[1]} == expected


def test_the_summary_adds_up_and_the_sentence_says_it(parcels):
    _, before = parcels
    half = dataclasses.replace(before, anomalies=before.anomalies.iloc[::2].reset_index(drop=True))
    comparison = compare(before, half)
    table = comparison.summary()
    assert table["avant"].sum() == len(before.anomalies)
    assert table["après"].sum() == len(half.anomalies)
    assert (table["avant"] - table["corrigées"] - table["non revues"] + table["nouvelles"]).equals(
        table["après"]
    )
    gone = len(before.anomalies) - len(half.anomalies)
    assert f"{gone}\u00a0anomalies corrigées, {len(half.anomalies)}\u00a0restantes" in comparison.line()
    assert comparison.line().endswith("Verdict : conforme avant, conforme après.")


def test_fewer_objects_are_said_since_an_anomaly_goes_with_its_object():
    before = report_of(squares(5), list("abcde"))
    comparison = compare(before, report_of(squares(3), list("abc")))
    assert "2\u00a0objets de moins qu'avant" in comparison.line()


def test_the_comparison_opens_in_qgis_with_every_anomaly(parcels, tmp_path):
    _, before = parcels
    after = dataclasses.replace(before, anomalies=before.anomalies.iloc[::2].reset_index(drop=True))
    comparison = compare(before, after)
    path = comparison.save(tmp_path / "c.gpkg")
    names = [name for name in pyogrio.list_layers(path)[:, 0] if name.startswith("evolution")]
    read = pd.concat([pd.DataFrame(pyogrio.read_dataframe(path, layer=name)) for name in names])
    assert read["evolution"].value_counts().to_dict() == outcome(comparison)
    assert len(pyogrio.read_dataframe(path, layer="bilan")) == len(comparison.summary())
    with pytest.raises(OSError, match="existe déjà"):
        comparison.save(path)


def test_a_wrong_question_is_answered_in_french():
    report = report_of(squares(1))
    for wrong in (-1, float("nan")):
        with pytest.raises(ValueError, match="tolérance"):
            compare(report, report, tolerance=wrong)
    with pytest.raises(ValueError, match="Choisissez parmi nouvelle"):
        compare(report, report).of("mended")
