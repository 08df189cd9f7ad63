"""Area of applicability: the published dissimilarity index, on cases computed by hand, and drift."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator

from geoatelier.learning import AreaOfApplicability, compare_tables, domain_auc

LINE = np.array([[0.0], [1.0], [2.0], [7.0]])
# Distances between its six pairs: 1, 2, 7, 1, 6, 5. Their mean is 22 / 6.
UNIT = 22 / 6


@pytest.fixture(scope="module")
def cloud():
    rng = np.random.default_rng(0)
    return pd.DataFrame(rng.normal(size=(60, 3)), columns=["rouge", "vert", "infrarouge"])


def test_the_index_is_the_distance_to_the_nearest_row_over_the_mean_distance():
    area = AreaOfApplicability().fit(LINE)
    assert area.dissimilarity([[4.0], [10.0], [1.4]]) == pytest.approx([2 / UNIT, 3 / UNIT, 0.4 / UNIT])


def test_each_variable_counts_in_its_own_standard_deviations():
    squares = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 200.0], [2.0, 200.0]])
    area = AreaOfApplicability().fit(squares)
    unit = (4 * 1 + 2 * 2**0.5) / 6  # four sides and two diagonals, in sides
    assert area.dissimilarity([[3.0, 0.0], [0.0, 300.0]]) == pytest.approx([0.5 / unit, 0.5 / unit])


def test_training_rows_are_compared_with_all_the_others_without_groups():
    area = AreaOfApplicability().fit(LINE)
    assert area.training_dissimilarity_ == pytest.approx(np.array([1, 1, 1, 5]) / UNIT)


def test_training_rows_are_compared_with_the_other_groups_only():
    area = AreaOfApplicability().fit(LINE, groups=["a", "a", "b", "b"])
    assert area.training_dissimilarity_ == pytest.approx(np.array([2, 1, 1, 6]) / UNIT)
    assert area.mean_distance_ == pytest.approx(AreaOfApplicability().fit(LINE).mean_distance_)


def test_the_threshold_is_the_fence_of_the_box_plot_or_its_whisker():
    far = np.array([[0.0], [1.0], [2.0], [3.5], [100.0]])
    index = np.array([1, 1, 1, 1.5, 96.5])  # distances to the nearest; quartiles 1 and 1.5
    unit = np.abs(far - far.T).sum() / 20
    fence, whisker = AreaOfApplicability().fit(far), AreaOfApplicability(rule="whisker").fit(far)
    assert fence.training_dissimilarity_ == pytest.approx(index / unit)
    assert fence.threshold_ == pytest.approx((1.5 + 1.5 * 0.5) / unit)
    assert whisker.threshold_ == pytest.approx(1.5 / unit)


def test_the_threshold_never_exceeds_the_largest_training_index():
    even = np.array([[0.0], [1.0], [3.0], [6.0]])
    assert AreaOfApplicability().fit(even).threshold_ == pytest.approx(3 / (np.abs(even - even.T).sum() / 12))


def test_a_known_row_is_at_zero_and_a_distant_one_is_outside(cloud):
    area = AreaOfApplicability().fit(cloud)
    assert (area.dissimilarity(cloud) == 0).all()
    assert area.inside(cloud).all()
    assert not area.inside(cloud + 50).any()


def test_groups_that_sit_together_make_a_larger_area(cloud):
    copies = pd.concat([cloud, cloud + 0.001], ignore_index=True)
    alone = AreaOfApplicability().fit(copies)
    by_parcel = AreaOfApplicability().fit(copies, groups=np.tile(np.arange(60), 2))
    assert alone.threshold_ < 0.01
    assert by_parcel.threshold_ > 0.2


@settings(max_examples=10, deadline=None)
@given(
    scale=st.floats(0.001, 1000).map(lambda value: round(value, 3)),
    shift=st.floats(-1000, 1000).map(lambda value: round(value, 1)),
    sign=st.sampled_from([-1, 1]),
)
def test_units_of_a_variable_change_nothing(scale, shift, sign):
    rng = np.random.default_rng(1)
    rows, new = rng.normal(size=(30, 2)), 3 * rng.normal(size=(10, 2))
    other, other_new = rows.copy(), new.copy()
    other[:, 0], other_new[:, 0] = sign * scale * rows[:, 0] + shift, sign * scale * new[:, 0] + shift
    first, second = AreaOfApplicability().fit(rows), AreaOfApplicability().fit(other)
    assert second.dissimilarity(other_new) == pytest.approx(first.dissimilarity(new), rel=1e-6)
    assert second.threshold_ == pytest.approx(first.threshold_, rel=1e-6)


def test_weights_make_a_variable_count_more_or_not_at_all(cloud):
    only_red = AreaOfApplicability().fit(cloud, weights=[1, 0, -2])
    alone = AreaOfApplicability().fit(cloud[["rouge"]])
    assert only_red.dissimilarity(cloud + 1) == pytest.approx(alone.dissimilarity(cloud[["rouge"]] + 1))
    doubled = AreaOfApplicability().fit(cloud, weights=[2, 2, 2])
    assert doubled.threshold_ == pytest.approx(AreaOfApplicability().fit(cloud).threshold_)


def test_weights_and_columns_are_matched_by_name(cloud):
    weights = pd.Series({"infrarouge": 3.0, "rouge": 1.0, "vert": 2.0})
    by_name = AreaOfApplicability().fit(cloud, weights=weights)
    by_rank = AreaOfApplicability().fit(cloud, weights=[1, 2, 3])
    turned = (cloud + 1)[["vert", "infrarouge", "rouge"]].assign(autre="x")
    assert by_name.dissimilarity(turned) == pytest.approx(by_rank.dissimilarity(cloud + 1))


def test_a_constant_column_is_left_aside_and_told_when_it_moves(cloud):
    flat = cloud.assign(brume=0.2)
    area = AreaOfApplicability().fit(flat)
    assert area.constant_ == ["brume"]
    assert area.dissimilarity(flat.assign(rouge=1)) == pytest.approx(
        AreaOfApplicability().fit(cloud).dissimilarity(cloud.assign(rouge=1))
    )
    with pytest.warns(UserWarning, match="brume"):
        area.inside(flat.assign(brume=0.9))


def test_missing_values_are_refused_with_their_column(cloud):
    holed = cloud.copy()
    holed.loc[3, "vert"] = np.nan
    with pytest.raises(ValueError, match="vert"):
        AreaOfApplicability().fit(holed)
    with pytest.raises(ValueError, match=r"1 ligne.*vert"):
        AreaOfApplicability().fit(cloud).inside(holed)


def test_another_table_is_refused(cloud):
    area = AreaOfApplicability().fit(cloud)
    with pytest.raises(ValueError, match="infrarouge"):
        area.inside(cloud[["rouge", "vert"]])
    with pytest.raises(ValueError, match="2 colonnes"):
        area.inside(cloud.to_numpy()[:, :2])
    with pytest.raises(ValueError, match="que des nombres"):
        area.inside(cloud.assign(rouge="x"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"X": LINE[:1]}, "au moins deux lignes"),
        ({"X": np.ones((4, 2))}, "Aucune colonne ne varie"),
        ({"X": LINE.ravel()}, "une ligne par exemple"),
        ({"X": LINE, "groups": [1, 1, 1, 1]}, "un seul groupe"),
        ({"X": LINE, "groups": [1, 2]}, "une valeur par ligne"),
        ({"X": LINE, "groups": [1, 2, None, 1]}, "valeur\\(s\\) manquante"),
        ({"X": LINE, "weights": [1, 2]}, "un poids connu par colonne"),
        ({"X": LINE, "weights": [-1]}, "poids des colonnes qui varient sont nuls"),
        ({"X": pd.DataFrame(LINE, columns=["a"]), "weights": pd.Series({"b": 1})}, "poids de « a »"),
    ],
)
def test_what_no_area_can_be_drawn_from_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message.replace(" ", "[ \u00a0]")):
        AreaOfApplicability().fit(**arguments)


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="règle"):
        AreaOfApplicability(rule="max").fit(LINE)


def test_it_is_cloned_and_frozen_as_any_estimator(cloud):
    area = AreaOfApplicability(rule="whisker").fit(cloud)
    assert clone(area).get_params() == {"rule": "whisker"}
    assert not hasattr(clone(area), "threshold_")
    assert clone(FrozenEstimator(area)).inside(cloud).all()


def test_a_shifted_variable_is_found_and_the_others_are_not():
    rng = np.random.default_rng(2)
    here = pd.DataFrame(rng.normal(10, 2, size=(400, 3)), columns=["a", "b", "c"])
    there = pd.DataFrame(rng.normal(10, 2, size=(300, 3)), columns=["a", "b", "c"])
    there["b"] += 3
    found = compare_tables(here, there)
    assert list(found.index[found["p_ajustee"] < 0.05]) == ["b"]
    assert found.loc["b", "wasserstein"] == pytest.approx(1.5, abs=0.2)
    assert found.loc[["a", "c"], "wasserstein"].max() < 0.2


def test_a_shift_is_told_in_standard_deviations_of_the_reference():
    here = pd.DataFrame({"a": [0.0, 2.0, 4.0]})
    assert compare_tables(here, here + 3).loc["a", "wasserstein"] == pytest.approx(3 / 2)


def test_a_variable_that_never_moves_is_at_distance_zero():
    same = pd.DataFrame({"a": [1.0, 1.0, 1.0], "b": [1.0, 2.0, 3.0]})
    found = compare_tables(same, same)
    assert found["wasserstein"].tolist() == [0, 0]
    assert compare_tables(same, same.assign(a=2.0)).loc["a", "wasserstein"] == np.inf


def test_a_classifier_tells_two_tables_apart_only_when_they_differ():
    rng = np.random.default_rng(3)
    here, there = rng.normal(size=(120, 2)), rng.normal(size=(100, 2))
    assert domain_auc(here, there) == pytest.approx(0.5, abs=0.1)
    assert domain_auc(here, there + np.array([2, 0])) > 0.85


def test_pixels_of_a_parcel_do_not_help_to_tell_tables_apart():
    from sklearn.neighbors import KNeighborsClassifier

    rng = np.random.default_rng(4)
    parcels = np.repeat(np.arange(30), 5)
    here, there = (
        np.repeat(rng.normal(size=(30, 3)), 5, axis=0) + 0.01 * rng.normal(size=(150, 3)) for _ in range(2)
    )
    nearest = KNeighborsClassifier(1)
    assert domain_auc(here, there, estimator=nearest) > 0.95
    assert domain_auc(here, there, estimator=nearest, groups=(parcels, parcels + 100)) < 0.7


def test_tables_that_cannot_be_compared_are_refused(cloud):
    with pytest.raises(ValueError, match="vert"):
        compare_tables(cloud, cloud.drop(columns="vert"))
    with pytest.raises(ValueError, match="deux lignes"):
        compare_tables(cloud, cloud.head(1))
    with pytest.raises(ValueError, match=r"au moins 5 lignes.*4"):
        domain_auc(cloud, cloud.head(4))
    with pytest.raises(ValueError, match=r"au moins 5 groupes.*2"):
        domain_auc(cloud, cloud, groups=(cloud.index, cloud.index % 2))
