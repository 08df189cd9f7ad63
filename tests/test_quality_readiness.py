"""Readiness for learning: each planted trap is found where it is, and honest data has none."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box
from sklearn.linear_model import LogisticRegression

from geoatelier.quality import readiness
from geoatelier.quality.chips import difference_hashes, near_pairs
from geoatelier.quality.label_noise import contradicted
from geoatelier.quality.layer import layer_of

X, Y = 893_000.0, 6_195_000.0


def square(i, side=10.0, shift=0.0):
    return box(X + 100 * i + shift, Y, X + 100 * i + shift + side, Y + side)


def layer(geometries, start=0, crs=2154):
    keys = [f"P{start + i}" for i in range(len(geometries))]
    return layer_of(gpd.GeoDataFrame({"id": keys}, geometry=list(geometries), crs=crs))


def summary(anomalies):
    return [tuple(row) for row in anomalies[["code", "rang", "objet_lie"]].itertuples(index=False)]


# Leaks


def test_sets_apart_do_not_leak():
    train, test = layer([square(i) for i in range(5)]), layer([square(i) for i in range(10, 14)], 10)
    assert readiness.leakage(train, test, distance=50).empty


def test_each_kind_of_leak_is_found_on_its_object():
    train = layer([square(i) for i in range(6)])
    test = layer([square(20), square(1), square(2, shift=5), square(3, shift=15), square(4, shift=60)], 50)
    test.frame.loc[0, "id"] = "P0"
    anomalies = readiness.leakage(train, test, distance=20)
    assert summary(anomalies) == [
        ("fuite-identique", 0, "P0"),
        ("fuite-identique", 1, "P1"),
        ("fuite-recouvrement", 2, "P2"),
        ("fuite-voisinage", 3, "P3"),
    ]
    assert anomalies.geometry[2].equals(square(2, shift=5))
    assert "50" in anomalies["message"][2]


def test_neighbours_are_left_alone_unless_asked_for():
    train, test = layer([square(0)]), layer([square(0, shift=10)], 9)
    assert readiness.leakage(train, test).empty
    assert len(readiness.leakage(train, test, distance=5)) == 1


def test_a_test_object_is_tied_to_the_training_object_that_it_covers_most():
    train = layer([square(0), square(0, shift=6)])
    anomalies = readiness.leakage(train, layer([square(0, shift=4)], 9))
    assert summary(anomalies) == [("fuite-recouvrement", 0, "P1")]


def test_sets_in_different_systems_are_compared_in_metres():
    train = layer([square(0)])
    in_degrees = layer_of(train.frame.to_crs(4326))
    anomalies = readiness.leakage(in_degrees, layer([square(0, shift=5)], 9), distance=1)
    assert list(anomalies["code"]) == ["fuite-recouvrement"]
    with pytest.raises(ValueError, match="système de coordonnées"):
        readiness.leakage(train, layer([square(0)], crs=None))


@pytest.mark.parametrize("shapes", [[], [None], [Point()], [square(90)]])
def test_empty_and_missing_geometries_do_not_leak(shapes):
    other = layer([square(0), None])
    assert readiness.leakage(other, layer(shapes, 9), distance=5).empty
    assert readiness.leakage(layer(shapes, 9), other, distance=5).empty


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.floats(0, 300), st.floats(0, 300)), min_size=1, max_size=8),
    st.lists(st.tuples(st.floats(0, 300), st.floats(0, 300)), min_size=1, max_size=8),
    st.floats(0.1, 80),
)
def test_neighbours_are_those_of_a_brute_force_search(train, test, distance):
    seen, asked = [Point(p) for p in train], [Point(p) for p in test]
    anomalies = readiness.leakage(layer(seen), layer(asked, 50), distance=distance)
    expected = {
        i for i, point in enumerate(asked) if min(point.distance(other) for other in seen) <= distance
    }
    assert set(anomalies["rang"]) == expected
    assert len(anomalies) == len(expected)


# Classes


def test_balanced_classes_have_no_anomaly():
    labels = ["vigne"] * 30 + ["olivier"] * 25
    assert readiness.class_balance(labels, readiness.table_layer(55)).empty
    assert readiness.class_balance([], readiness.table_layer(0)).empty
    assert readiness.class_balance([None, np.nan], readiness.table_layer(2)).empty


def test_a_class_rarer_than_the_folds_is_found():
    labels = ["vigne"] * 30 + ["olivier"] * 25 + ["riz"] * 4 + [None] * 9
    anomalies = readiness.class_balance(labels, readiness.table_layer(68))
    assert list(zip(anomalies["code"], anomalies["valeur"], strict=True)) == [("classe-rare", "riz")]
    assert readiness.class_balance(labels, readiness.table_layer(68), folds=4).empty


def test_a_class_in_fewer_groups_than_folds_is_rare_however_many_its_rows():
    labels = np.repeat(["vigne", "olivier"], 50)
    groups = np.concatenate([np.arange(50) % 10, np.arange(50) % 3 + 10])
    anomalies = readiness.class_balance(labels, readiness.table_layer(100), groups=groups)
    assert list(anomalies["valeur"]) == ["olivier"]
    assert "3 groupes" in anomalies["message"][0].replace("\u00a0", " ")


@pytest.mark.parametrize(("majority", "level"), [(79, None), (95, "avertissement"), (100, "erreur")])
def test_a_class_that_drowns_the_others_is_found(majority, level):
    labels = ["autre"] * majority + ["brûlé"] * (100 - majority)
    anomalies = readiness.class_balance(labels, readiness.table_layer(100))
    assert list(anomalies["niveau"]) == ([level] if level else [])
    assert set(anomalies["code"]) <= {"classe-dominante"}


def test_a_feature_missing_from_one_class_is_found():
    labels = np.repeat(["a", "b", "c"], 20)
    features = pd.DataFrame({"ndvi": np.ones(60), "hauteur": np.where(labels == "b", np.nan, 2.0)})
    anomalies = readiness.missing_features(features, labels, readiness.table_layer(60))
    assert list(zip(anomalies["attribut"], anomalies["valeur"], strict=True)) == [("hauteur", "b")]
    features["hauteur"] = np.nan
    assert readiness.missing_features(features, labels, readiness.table_layer(60)).empty
    assert readiness.missing_features(features[[]], labels, readiness.table_layer(60)).empty
    assert readiness.missing_features(features[:0], labels[:0], readiness.table_layer(0)).empty


# Labels


def clouds(n=90, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.repeat(["blé", "vigne", "eau"], n // 3)
    centres = {"blé": (0, 0), "vigne": (6, 0), "eau": (0, 6)}
    points = np.array([centres[label] for label in labels]) + rng.normal(0, 0.7, (n, 2))
    return points, labels, np.arange(n) % 15


def test_wrong_labels_are_the_suspects_and_come_with_the_class_the_model_sees():
    points, labels, groups = clouds()
    labels[[3, 40, 70]] = ["eau", "blé", "vigne"]
    anomalies = readiness.suspect_labels(points, labels, groups, readiness.table_layer(90), label="culture")
    assert set(anomalies["rang"]) == {3, 40, 70}
    seen = dict(zip(anomalies["rang"], anomalies["valeur"], strict=True))
    assert seen == {3: "blé", 40: "vigne", 70: "eau"}
    assert set(anomalies["niveau"]) == {"avertissement"}
    assert set(anomalies["attribut"]) == {"culture"}
    assert "soupçon" in anomalies["message"][0]


def test_right_labels_are_not_suspect_whatever_the_model():
    points, labels, groups = clouds(seed=2)
    for model in (None, LogisticRegression()):
        assert readiness.suspect_labels(points, labels, groups, readiness.table_layer(90), model=model).empty


def test_a_group_never_judges_itself():
    points, labels, _ = clouds()
    labels[:6] = "vigne"  # one wrong parcel: its own pixels would vouch for each other
    points[:6] = points[0]
    groups = np.concatenate([np.zeros(6, dtype=int), 1 + np.arange(84) % 14])
    together = readiness.suspect_labels(points, labels, groups, readiness.table_layer(90))
    assert set(range(6)) <= set(together["rang"])


def test_labels_of_one_class_or_few_groups_or_other_lengths():
    points, labels, groups = clouds()
    same = np.full(90, "blé")
    assert readiness.suspect_labels(points, same, groups, readiness.table_layer(90)).empty
    with pytest.raises(ValueError, match="deux groupes"):
        readiness.suspect_labels(points, labels, np.zeros(90), readiness.table_layer(90))
    with pytest.raises(ValueError, match="autant de lignes"):
        readiness.suspect_labels(points, labels[:-1], groups, readiness.table_layer(90))


def test_the_most_doubtful_label_comes_first():
    predicted = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.1, 0.9], [0.05, 0.95], [0.85, 0.15]])
    rows, instead = contradicted(predicted, np.array([0, 0, 0, 1, 0, 1]))
    assert list(rows) == [4, 5, 2]
    assert list(instead) == [1, 0, 1]


# Chips


def chips(n=12, seed=3):
    return list(np.random.default_rng(seed).integers(0, 255, (n, 32, 32, 3), dtype=np.uint8))


def test_different_chips_have_no_anomaly():
    assert readiness.duplicate_chips(chips(), readiness.table_layer(12)).empty
    assert readiness.duplicate_chips([], readiness.table_layer(0)).empty
    assert readiness.duplicate_chips(chips(1), readiness.table_layer(1)).empty


def test_identical_and_nearly_identical_chips_are_tied_to_the_first():
    images = chips()
    images[7] = images[2].copy()
    images[9] = images[2].copy()
    images[11] = np.clip(images[4].astype(int) + 3, 0, 255).astype(np.uint8)
    anomalies = readiness.duplicate_chips(images, readiness.table_layer(12))
    assert summary(anomalies) == [
        ("vignette-identique", 7, "2"),
        ("vignette-identique", 9, "2"),
        ("vignette-proche", 11, "4"),
    ]


def test_chips_of_one_even_colour_are_only_compared_to_the_pixel():
    images = [np.full((16, 16), value, np.uint8) for value in (10, 20, 10)]
    assert summary(readiness.duplicate_chips(images, readiness.table_layer(3))) == [
        ("vignette-identique", 2, "0")
    ]


def test_chips_may_be_of_other_sizes_smaller_than_the_hash_or_hold_nan():
    rng = np.random.default_rng(0)
    images = [rng.random((5, 4)), rng.random((40, 30)), np.full((20, 20), np.nan), rng.random((9, 8, 2))]
    assert readiness.duplicate_chips(images, readiness.table_layer(4)).empty
    with pytest.raises(ValueError, match="vignette"):
        readiness.duplicate_chips(images, readiness.table_layer(3))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 2**64 - 1), max_size=12), st.integers(0, 6), st.data())
def test_near_hashes_are_those_of_a_brute_force_search(values, most, data):
    for value in list(values):
        flips = data.draw(st.lists(st.integers(0, 63), max_size=8))
        values.append(value ^ sum(1 << bit for bit in set(flips)))
    one, other, bits = near_pairs(np.array(values, dtype=np.uint64), most)
    expected = {
        (i, j): (values[i] ^ values[j]).bit_count()
        for i in range(len(values))
        for j in range(i + 1, len(values))
        if (values[i] ^ values[j]).bit_count() <= most
    }
    assert dict(zip(zip(one.tolist(), other.tolist(), strict=True), bits.tolist(), strict=True)) == expected


def test_a_hash_follows_light_and_not_its_level():
    image = np.random.default_rng(5).random((32, 32))
    hashes, textured = difference_hashes([image, image * 3 + 10, -image])
    assert hashes[0] == hashes[1]
    assert np.bitwise_count(hashes[0] ^ hashes[2]) == 64
    assert textured.all()
