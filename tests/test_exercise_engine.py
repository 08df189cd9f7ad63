"""The exercise engine: three outcomes, guards, and never a traceback."""

import json
import math
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Annotated, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier

from geoatelier.authoring.sheets import lesson_drafts
from geoatelier.authoring.workshop import read_workshop
from geoatelier.authoring.write import as_text, replace_file, to_notebook
from geoatelier.exercises import (
    Outcome,
    check,
    engine,
    hint,
    passed,
    progress,
    revise,
    sheet_reader,
    solution,
)
from geoatelier.exercises.answers import (
    close,
    in_degrees,
    in_lambert_93,
    missing_and_extra,
    off_by_factor,
    same_set,
)
from geoatelier.exercises.engine import judge
from geoatelier.exercises.french import count, join_words, listing, number, plain_spaces, typeset
from geoatelier.exercises.guards import missing_columns, needs, other_crs, other_length
from geoatelier.exercises.outcome import State

ANY_LAYER = Annotated[gpd.GeoDataFrame, needs(columns=["id"], crs=2154)]


def layer(crs=2154, **columns):
    columns = columns or {"id": ["a", "b"]}
    return gpd.GeoDataFrame(columns, geometry=[Point(892000, 6199000), Point(892010, 6199000)], crs=crs)


def trial_check(
    couche: ANY_LAYER, ecart: float, noms: list[str], mesures: np.ndarray, fonction: Callable
) -> Outcome:
    """Reads each answer the way checks do: columns, sums, comparisons, a call."""
    if couche["id"].nunique() != len(couche):
        return revise("Des identifiants sont en double.")
    if not close(ecart, couche.length.sum() + 4.2):
        return revise(f"{number(ecart, 1)} m n'est pas l'écart.")
    if not same_set(noms, ["a", "b"]):
        return revise("Ces noms ne sont pas ceux de la couche.")
    if (mesures - np.array([1.0, 2.0])).max() > 0:
        return revise("Ces mesures sont trop grandes.")
    if fonction(2) != 4:
        return revise("Cette fonction ne double pas.")
    return passed("Tout y est.")


def right_answers():
    return {
        "couche": layer(),
        "ecart": 4.2,
        "noms": ["a", "b"],
        "mesures": np.array([1.0, 2.0]),
        "fonction": lambda x: 2 * x,
    }


def answer(kind, value, verdict=None):
    """What a check of one answer of a kind says to a value; `verdict` collects what the check received."""

    def one_answer(reponse) -> Outcome:
        if verdict is not None:
            verdict.append(reponse)
        return passed("Reçu.")

    one_answer.__annotations__["reponse"] = kind
    return judge(one_answer, {"reponse": value})


@pytest.fixture(autouse=True)
def fresh_kernel():
    engine.forget()
    sheet_reader._seen.clear()


class TestThreeOutcomes:
    def test_a_right_answer_is_reussi(self):
        assert judge(trial_check, right_answers()).state is State.PASSED

    def test_a_wrong_answer_is_a_revoir_with_the_words_of_its_check(self):
        outcome = judge(trial_check, right_answers() | {"ecart": 5.0})
        assert outcome.state is State.REVISE
        assert outcome.message == "5,0 m n'est pas l'écart."

    @pytest.mark.parametrize("name", list(right_answers()))
    def test_an_untouched_name_is_a_faire_and_is_named(self, name):
        outcome = judge(trial_check, right_answers() | {name: ...})
        assert outcome.state is State.TODO
        assert f"`{name}`" in outcome.message

    def test_every_untouched_name_is_named(self):
        outcome = judge(trial_check, dict.fromkeys(right_answers(), ...))
        assert "`couche`, `ecart`, `noms`, `mesures` et `fonction`" in outcome.message

    def test_the_plain_text_face_carries_the_sign_the_state_and_the_message(self):
        assert repr(passed("Bien vu.")) == "✅ Réussi — Bien vu."
        assert repr(revise("Trop grand.")) == "🔎 À revoir — Trop grand."
        assert repr(judge(trial_check, dict.fromkeys(right_answers(), ...))).startswith("⬜ À faire — ")

    def test_a_lead_stands_on_its_own_line(self):
        assert repr(revise("Trop grand.", hint="divisez")).splitlines()[1].strip() == typeset(
            "Piste : divisez"
        )

    def test_an_answer_to_revise_points_to_the_hints_of_its_exercise(self):
        assert 'hint("S3.1")' in repr(revise("Trop grand.").of("S3.1"))


class TestCard:
    def test_the_state_is_a_word_in_a_live_region_not_only_a_colour(self):
        for outcome, word in (
            (passed("a"), "Réussi"),
            (revise("a"), "À revoir"),
            (engine.todo("a"), "À faire"),
        ):
            card = outcome._repr_html_()
            assert 'role="status"' in card
            assert f"</span> {word}" in card

    def test_the_three_states_differ_in_lightness_so_grey_print_shows_them(self):
        def luminance(colour):
            parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
            linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
            return np.dot(linear, [0.2126, 0.7152, 0.0722])

        passed_, revise_, todo_ = (luminance(state.colour) for state in State)
        ratios = [(max(a, b) + 0.05) / (min(a, b) + 0.05) for a, b in ((passed_, revise_), (revise_, todo_))]
        assert min(ratios) > 1.5

    def test_what_a_learner_typed_never_becomes_html(self):
        class Collector(HTMLParser):
            def __init__(self):
                super().__init__()
                self.tags = set()

            def handle_starttag(self, tag, attributes):
                self.tags.add(tag)

        collector = Collector()
        collector.feed(revise("`<script>alert(1)</script>` <img src=x> **gras**")._repr_html_())
        assert "script" not in collector.tags
        assert "img" not in collector.tags
        assert "strong" in collector.tags


class TestNames:
    def test_a_check_cell_with_other_names_is_told_which_are_expected(self):
        outcome = judge(trial_check, {"couches": layer()})
        assert outcome.state is State.REVISE
        assert "`couche`, `ecart`, `noms`, `mesures` et `fonction`" in outcome.message
        assert "`couches`" in outcome.message

    @pytest.mark.parametrize("wrong", ["S99.1", "S3", "s3.1", "", "S3.999", "../S3.1"])
    def test_a_number_that_does_not_exist_is_told_in_french(self, wrong):
        outcome = check(wrong, a=1)
        assert outcome.state is State.REVISE
        assert "exercice" in outcome.message

    def test_a_number_that_is_not_a_text_is_told_in_french(self):
        assert "numéro d'exercice" in check(3.1, a=1).message


class TestKinds:
    @pytest.mark.parametrize(
        ("kind", "value", "said"),
        [
            (gpd.GeoDataFrame, [1], "`reponse` est une liste ; il faut un GeoDataFrame."),
            (gpd.GeoDataFrame, None, "`reponse` vaut `None`, c'est-à-dire rien ; il faut un GeoDataFrame."),
            (gpd.GeoDataFrame, pd.DataFrame({"a": [1]}), "La géométrie s'est perdue"),
            (gpd.GeoDataFrame, layer().geometry, "Vous avez gardé une seule colonne"),
            (pd.DataFrame, pd.Series([1]), "Vous avez gardé une seule colonne"),
            (pd.Series, pd.DataFrame({"a": [1]}), "Choisissez une colonne"),
            (float, "4,2", "Un nombre s'écrit sans guillemets"),
            (float, (4, 2), "écrivez `4.2` et non `4,2`"),
            (float, True, "`reponse` vaut `True` ; il faut un nombre."),
            (float, pd.Series([1.0]), "Résumez en une valeur"),
            (float, len, "les parenthèses qui l'appellent"),
            (float, math.nan, "`reponse` vaut NaN"),
            (float, np.float32("nan"), "`reponse` vaut NaN"),
            (float, pd.NA, "`reponse` vaut NaN"),
            (float, math.inf, "`reponse` vaut l'infini"),
            (float, 10**400, "trop grand"),
            (int, 2.5, "`reponse` vaut 2,5 ; il faut un nombre entier."),
            (int, math.nan, "`reponse` vaut NaN"),
            (int, [1], "il faut un nombre entier"),
            (str, 3, "il faut un texte entre guillemets"),
            (str, "  ", "`reponse` est un texte vide."),
            (bool, 1, "il faut `True` ou `False`"),
            (list, "abc", "`reponse` est un texte ; il faut une liste."),
            (list[int], [1, "deux"], "le n° 2 est un texte ; il faut un nombre entier."),
            (dict, [1], "il faut un dictionnaire"),
            (dict[str, float], {"a": "b"}, "celle de `a` est un texte ; il faut un nombre."),
            (np.ndarray, 3, "il faut un tableau numpy"),
            (Callable, 3, "`reponse` est un nombre ; il faut une fonction."),
            (BaseEstimator, RandomForestClassifier, "Ajoutez les parenthèses : `RandomForestClassifier()`."),
            (BaseEstimator, 3, "il faut un modèle de scikit-learn"),
            (Polygon, Point(0, 0), "il faut un objet `Polygon`"),
            (
                Literal["oui", "non"],
                "peut-être",
                "`reponse` vaut `'peut-être'` ; il faut l'une de ces valeurs",
            ),
            (float | None, "a", "il faut un nombre ou None"),
            (float | int, math.nan, "`reponse` vaut NaN"),
        ],
    )
    def test_another_kind_is_told_in_french(self, kind, value, said):
        received = []
        outcome = answer(kind, value, received)
        assert outcome.state is State.REVISE
        assert plain_spaces(said) in plain_spaces(outcome.message)
        assert received == [], "the check must not run on an answer of another kind"

    @pytest.mark.parametrize(
        ("kind", "value", "received"),
        [
            (float, 3, 3.0),
            (float, np.float32(0.5), 0.5),
            (float, np.int64(3), 3.0),
            (float, np.array(2.5), 2.5),
            (int, np.int16(3), 3),
            (int, 3.0, 3),
            (int, 2**70, 2**70),
            (bool, np.True_, True),
            (str, "oui", "oui"),
            (list, (1, 2), [1, 2]),
            (list, np.array([1, 2]), [1, 2]),
            (list, pd.Series([1, 2]), [1, 2]),
            (list[str], pd.Index(["a", "b"]), ["a", "b"]),
            (list[float], [1, np.float64(2)], [1.0, 2.0]),
            (dict[str, float], {"a": 1}, {"a": 1.0}),
            (dict, pd.Series({"a": 1}), {"a": 1}),
            (Literal["oui", "non"], " Oui ", "oui"),
            (Literal[1, 2], np.int64(2), 2),
            (float | str, "texte", "texte"),
            (object, None, None),
        ],
    )
    def test_what_does_not_matter_is_accepted_and_converted(self, kind, value, received):
        seen = []
        assert answer(kind, value, seen).state is State.PASSED
        assert seen == [received]
        assert type(seen[0]) is type(received)

    def test_a_series_is_read_as_an_array(self):
        seen = []
        answer(np.ndarray, pd.Series([1.0, 2.0]), seen)
        assert isinstance(seen[0], np.ndarray)

    def test_a_model_that_is_not_fitted_is_not_taken_for_an_empty_container(self):
        assert answer(BaseEstimator, RandomForestClassifier()).state is State.PASSED

    def test_a_layer_without_active_geometry_is_told(self):
        bare = gpd.GeoDataFrame({"id": [1]})
        assert "colonne de géométrie" in answer(gpd.GeoDataFrame, bare).message


class TestGuards:
    @pytest.mark.parametrize(
        "value", [layer().iloc[:0], pd.DataFrame(), [], {}, np.array([]), pd.Series([], dtype=float)]
    )
    def test_an_empty_answer_is_told_whatever_its_kind(self, value):
        outcome = answer(type(value), value)
        assert outcome.state is State.REVISE
        assert "aucune ligne" in outcome.message or "est vide" in outcome.message

    def test_an_empty_answer_is_accepted_where_the_check_says_so(self):
        assert answer(Annotated[list, needs(may_be_empty=True)], []).state is State.PASSED

    def test_a_missing_column_is_named_with_those_that_are_there(self):
        outcome = judge(trial_check, right_answers() | {"couche": layer(nom=["a", "b"])})
        assert "la colonne `id`" in outcome.message
        assert "`nom`" in outcome.message

    def test_several_missing_columns_are_all_named(self):
        assert (
            "les colonnes `b` et `c`"
            in missing_columns("t", pd.DataFrame({"a": [1]}), ["a", "b", "c"]).message
        )

    def test_another_crs_is_named_with_the_one_that_is_wanted(self):
        outcome = judge(trial_check, right_answers() | {"couche": layer(crs=4326)})
        assert "EPSG:4326" in outcome.message
        assert "EPSG:2154" in outcome.message

    def test_no_crs_at_all_is_told(self):
        assert "pas de système de coordonnées" in other_crs("c", layer(crs=None), 2154).message

    def test_the_same_crs_written_another_way_is_the_same(self):
        esri = layer().set_crs(layer().crs.to_wkt("WKT1_ESRI"), allow_override=True)
        assert other_crs("c", esri, 2154) is None

    @pytest.mark.parametrize(
        ("values", "noun"), [([1, 2, 3], "3 éléments"), (layer(), "2 lignes"), (np.ones(4), "4 éléments")]
    )
    def test_another_length_is_told_with_both_lengths(self, values, noun):
        message = plain_spaces(other_length("v", values, 9).message)
        assert noun in message
        assert "il en faut 9" in message

    def test_a_declared_length_is_checked_before_the_check_runs(self):
        outcome = answer(Annotated[np.ndarray, needs(length=2)], np.ones(3))
        assert "3 éléments" in plain_spaces(outcome.message)


class TestLastResort:
    def test_an_error_in_a_check_becomes_plain_french_with_its_short_text(self):
        def broken(reponse: float) -> Outcome:
            raise ZeroDivisionError("division by zero")

        outcome = judge(broken, {"reponse": 1.0})
        assert outcome.state is State.REVISE
        assert "n'a pas pu lire votre réponse" in outcome.message
        assert "ZeroDivisionError: division by zero" in outcome.message

    def test_a_column_looked_for_in_vain_is_named(self):
        def reads_a_column(reponse: pd.DataFrame) -> Outcome:
            return passed(str(reponse["surface"].sum()))

        assert "`'surface'`" in judge(reads_a_column, {"reponse": pd.DataFrame({"a": [1]})}).message

    def test_a_learners_function_that_quits_does_not_quit_the_kernel(self):
        def leave(x):
            raise SystemExit

        assert judge(trial_check, right_answers() | {"fonction": leave}).state is State.REVISE

    def test_the_developer_sees_the_traceback_on_demand(self, monkeypatch, capsys):
        def broken(reponse: float) -> Outcome:
            raise ZeroDivisionError

        judge(broken, {"reponse": 1.0})
        assert capsys.readouterr().err == ""
        monkeypatch.setenv("GEOATELIER_TRACE", "1")
        judge(broken, {"reponse": 1.0})
        assert "Traceback" in capsys.readouterr().err

    def test_a_check_never_changes_the_learners_frame(self):
        def changes_it(couche: gpd.GeoDataFrame) -> Outcome:
            couche["ajout"] = 1
            couche.loc[0, "id"] = "z"
            return passed("Fait.")

        mine = layer()
        judge(changes_it, {"couche": mine})
        assert list(mine.columns) == ["id", "geometry"]
        assert mine["id"].tolist() == ["a", "b"]

    def test_reading_an_answer_warns_of_nothing(self, recwarn):
        def measures(couche: gpd.GeoDataFrame) -> Outcome:
            return passed(f"{couche.area.sum()}")

        judge(measures, {"couche": layer(crs=4326)})
        assert len(recwarn) == 0


class Hostile:
    """An object whose every question is an error."""

    def _refuse(self, *_):
        raise RuntimeError("hostile")

    __len__ = __bool__ = __eq__ = __iter__ = __repr__ = __str__ = __getattr__ = __float__ = __call__ = _refuse
    __hash__ = object.__hash__


def raising(*_):
    raise RuntimeError("raised on purpose")


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=20),
    st.binary(max_size=5),
    st.dates(),
    st.sampled_from(
        [pd.NA, pd.NaT, np.float64("nan"), np.int8(3), np.str_("a"), np.datetime64("2025-01-01")]
    ),
)
NESTED = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.tuples(inner, inner)
    ),
    max_leaves=8,
)
ODD = st.sampled_from(
    [
        Hostile(),
        Hostile,
        raising,
        len,
        lambda: None,
        lambda x: "quatre",
        pd.DataFrame(),
        pd.DataFrame({"id": [1, 1], "geometry": [None, 3]}),
        pd.Series(["a", None]),
        pd.Series(dtype=object),
        gpd.GeoDataFrame(),
        gpd.GeoDataFrame({"id": [1]}),
        gpd.GeoDataFrame({"id": ["a"]}, geometry=[None], crs=2154),
        gpd.GeoDataFrame({"id": ["a", "a"]}, geometry=[Point(), Point(1, 2)], crs=4326),
        gpd.GeoDataFrame({"x": [1]}, geometry=[Point(1, 2)]),
        gpd.GeoDataFrame({"id": [math.nan]}, geometry=[Point(math.nan, math.nan)], crs=2154),
        gpd.GeoSeries([Point(0, 0)]),
        Point(0, 0),
        np.array(3.0),
        np.array([]),
        np.array(["a", "b"]),
        np.array([1.0, math.nan]),
        np.ones((2, 3)),
        np.ones(7),
        np.array([None, object()], dtype=object),
        RandomForestClassifier(),
        RandomForestClassifier,
        range(3),
        (x for x in "ab"),
        NotImplemented,
        type,
    ]
)  # fmt: skip
ANYTHING = st.one_of(NESTED, ODD)


class TestAnythingAtAll:
    @settings(deadline=None, max_examples=300, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
    @given(name=st.sampled_from(sorted(right_answers())), value=ANYTHING)
    def test_one_answer_replaced_by_anything_gets_an_outcome_and_a_reason(self, name, value):
        outcome = judge(trial_check, right_answers() | {name: value})
        assert outcome.state in (State.REVISE, State.PASSED)
        assert outcome.message.strip()
        assert "Traceback" not in repr(outcome)
        assert "<div" in outcome._repr_html_()

    @settings(deadline=None, max_examples=150, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
    @given(values=st.fixed_dictionaries(dict.fromkeys(right_answers(), ANYTHING)))
    def test_all_answers_replaced_by_anything_is_a_revoir(self, values):
        assert judge(trial_check, values).state is State.REVISE

    @settings(deadline=None, max_examples=150, derandomize=True)
    @given(text=st.text(), values=st.dictionaries(st.text(min_size=1, max_size=5), SCALARS, max_size=3))
    def test_any_number_and_any_names_get_an_outcome(self, text, values):
        assert check(text, **values).state is State.REVISE


class TestProgress:
    def test_the_bilan_lists_the_last_outcome_of_each_exercise_in_order(self, atelier):
        check("S90.2", sans_adresse=...)
        check("S90.1", adresses_l93=layer(), ecart_median=4.0)
        check("N90.1", nombre=3)
        check("N90.1", nombre=2)
        lines = repr(progress()).splitlines()
        assert lines[0] == "Bilan\u00a0: 2\u00a0exercices réussis sur 3."
        assert [line.split()[0] for line in lines[1:]] == ["N90.1", "S90.1", "S90.2"]
        assert "✅ Réussi" in lines[1]
        assert "⬜ À faire" in lines[3]

    def test_the_bilan_of_a_fresh_kernel_says_that_nothing_was_checked(self):
        assert "aucun exercice" in repr(progress())

    def test_the_table_has_headers_that_a_screen_reader_announces(self, atelier):
        check("N90.1", nombre=2)
        table = progress()._repr_html_()
        assert '<th scope="col">' in table
        assert '<th scope="row"' in table
        assert "<caption" in table

    def test_the_bilan_is_not_changed_by_a_later_check(self, atelier):
        check("N90.1", nombre=3)
        before = progress()
        check("N90.1", nombre=2)
        assert "0\u00a0exercice réussi sur 1" in repr(before)


class TestHintsAndSolutions:
    @pytest.fixture
    def sheets(self, atelier, monkeypatch):
        """Sheets as the authoring line writes them; hints and solutions are there before any run."""
        workshop = read_workshop(atelier)
        for lesson in workshop.lessons:
            for draft in lesson_drafts(workshop, lesson):
                replace_file(draft.path, as_text(to_notebook(draft)))
        monkeypatch.chdir(atelier / "exercises" / "sensibilise")
        return atelier

    def test_each_call_gives_the_next_hint_then_names_the_solution(self, sheets):
        notes = [repr(hint("S90.1")) for _ in range(4)]
        assert "Affichez `adresses.crs`" in notes[0]
        assert "`to_crs` calcule" in notes[1]
        assert 'solution("S90.1")' in notes[2]
        assert notes[3] == notes[0], "after the last hint, the tour starts again"

    def test_a_hint_can_be_asked_for_by_its_rank(self, sheets):
        assert "`to_crs` calcule" in repr(hint("S90.1", 2))

    @pytest.mark.parametrize("rank", [0, -1, 3, "deux", 1.5])
    def test_a_rank_out_of_range_is_told(self, sheets, rank):
        assert "de 1 à 2" in repr(hint("S90.1", rank))

    def test_hints_are_counted_exercise_by_exercise(self, sheets):
        hint("S90.1")
        assert "union_all" in repr(hint("S90.2"))

    def test_a_solution_is_code_without_markers(self, sheets):
        note = repr(solution("S90.1"))
        assert "adresses_l93 = adresses.to_crs(2154)" in note
        assert "BEGIN SOLUTION" not in note

    def test_a_sheet_of_another_level_is_found_too(self, sheets):
        assert "nombre = len(noms)" in repr(solution("N90.1"))

    @pytest.mark.parametrize("ask", [hint, solution])
    def test_an_exercise_that_does_not_exist_is_told(self, sheets, ask):
        assert "n'a pas d'exercice `S90.9`" in repr(ask("S90.9"))

    @pytest.mark.parametrize("ask", [hint, solution])
    @pytest.mark.parametrize("wrong", ["S90", "", None, 3])
    def test_what_is_not_a_number_is_told(self, sheets, ask, wrong):
        assert "n'est pas un numéro d'exercice" in repr(ask(wrong))

    @pytest.mark.parametrize("ask", [hint, solution])
    def test_a_sheet_that_is_not_there_is_told(self, tmp_path, monkeypatch, ask):
        monkeypatch.chdir(tmp_path)
        assert "introuvable" in repr(ask("S90.1"))

    def test_a_damaged_sheet_is_told(self, sheets):
        next((sheets / "exercises" / "sensibilise").glob("S90_*")).write_text("{", encoding="utf-8")
        assert "abîmé" in repr(hint("S90.1"))

    def test_hints_survive_the_edits_of_a_learner(self, sheets):
        path = next((sheets / "exercises" / "sensibilise").glob("S90_*"))
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["source"] = ["x = 1"]
        path.write_text(json.dumps(notebook), encoding="utf-8")
        assert "Affichez" in repr(hint("S90.1"))


class TestFrench:
    def test_typography_takes_no_break_spaces_outside_code(self):
        assert typeset("« a » : `x : y` ; b ?") == "«\u00a0a\u00a0»\u00a0: `x : y`\u00a0; b\u00a0?"

    def test_tables_and_addresses_are_left_as_they_are(self):
        for text in ("| :--- | ---: |", "https://a.fr/b?c=d", "12:30", "a[1:2]"):
            assert typeset(text) == text

    def test_typesetting_twice_changes_nothing_more(self):
        text = "« Écart : 5 % » ; vrai ?"
        assert typeset(typeset(text)) == typeset(text)

    def test_numbers_and_counts_are_written_the_french_way(self):
        assert number(12345.678, 1) == "12\u202f345,7"
        assert count(0, "parcelle") == "0\u00a0parcelle"
        assert count(2, "parcelle") == "2\u00a0parcelles"
        assert count(2, "bateau", "bateaux") == "2\u00a0bateaux"

    def test_lists_read_as_sentences(self):
        assert join_words(["a", "b", "c"]) == "a, b et c"
        assert plain_spaces(listing("abcdefg", limit=2)) == "`a`, `b` et 5 autres"
        assert listing([]) == "aucun"


class TestAnswers:
    def test_degrees_are_recognised_whatever_the_label(self):
        mislabelled = gpd.GeoSeries([Point(5.3, 42.9)], crs=2154)
        assert in_degrees(mislabelled)
        assert not in_degrees(layer())
        assert not in_degrees(gpd.GeoSeries([Point()], crs=4326))

    def test_swapped_lambert_coordinates_are_out_of_range(self):
        assert in_lambert_93(layer())
        assert not in_lambert_93(gpd.GeoSeries([Point(6199000, 892000)]))

    def test_a_forgotten_unit_is_recognised(self):
        assert off_by_factor(12_000, 1.2, 10_000)
        assert off_by_factor(1.2, 12_000, 10_000)
        assert not off_by_factor(1.3, 12_000, 10_000)

    def test_what_is_missing_and_what_is_extra_are_told_apart(self):
        assert missing_and_extra(["b", "c"], ["a", "b"]) == (["a"], ["c"])
