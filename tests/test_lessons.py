"""Every lesson and every exercise of the workshop keeps its promises.

blank → à faire, solution → réussi, each wrong answer → à revoir with its own feedback; every exercise runs
alone from the data it is given. That every section runs alone is seen in the replay (`test_notebooks.py`).
"""

import builtins
import datetime as dt
import functools
import math
import re
import tomllib
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from lesson_runs import answers, given_to, given_to_all, outcome
from shapely.geometry import Point

from geoatelier.authoring.lesson import read_lesson
from geoatelier.authoring.names import assigned
from geoatelier.authoring.places import OUTPUTS, Places
from geoatelier.authoring.problems import MalformedSourceError
from geoatelier.authoring.sheets import lesson_drafts, page_draft
from geoatelier.authoring.workshop import read_workshop
from geoatelier.exercises.engine import find_check, judge
from geoatelier.exercises.french import plain_spaces
from geoatelier.exercises.outcome import State

ROOT = Path(__file__).parents[1]
MIN_EXERCISES = 6


def readable_lessons():
    """The lessons that read well; `test_every_source_is_well_formed` tells of the others."""
    lessons = []
    for folder in Places(ROOT).lesson_folders():
        try:
            lessons.append(read_lesson(folder))
        except MalformedSourceError:
            continue
    return lessons


LESSONS = {lesson.front.code: lesson for lesson in readable_lessons()}
EXERCISES = {e.number: (code, e) for code, lesson in LESSONS.items() for e in lesson.sheet.exercises}


def with_those_of_its_lesson(number, *more, id=None):
    """A case that runs on the same worker as the other exercises of the lesson: they share its data."""
    mark = pytest.mark.xdist_group(f"exercises-{EXERCISES[number][0]}")
    return pytest.param(number, *more, marks=mark, id=id or number)


WRONG_ANSWERS = [
    with_those_of_its_lesson(number, rank, id=f"{number}-{rank + 1}")
    for number, (_, exercise) in EXERCISES.items()
    for rank in range(len(exercise.wrong_answers))
]


@functools.cache
def shared(code):
    """The data given to all the exercises of a lesson, loaded once."""
    return given_to_all(LESSONS[code])


@functools.cache
def given(number):
    """The data that one exercise starts from, loaded once."""
    code, exercise = EXERCISES[number]
    return given_to(exercise, shared(code))


@functools.cache
def solved(number):
    """The answers of the solution."""
    _, exercise = EXERCISES[number]
    return answers(exercise, exercise.solution.code, given(number))


@pytest.fixture(autouse=True)
def quiet_figures():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="FigureCanvasAgg is non-interactive")
        yield


def in_folder_of_sheet(code, monkeypatch):
    """Work from the folder that the built sheet of the lesson is in, as Lab does."""
    folder = Places(ROOT).built("exercises", LESSONS[code].folder).parent
    folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(folder)


@functools.cache
def workshop_here():
    """The whole workshop, read once; what is malformed in it is an error."""
    return read_workshop(ROOT)


def test_every_source_is_well_formed():
    workshop = workshop_here()
    assert workshop.lessons
    assert {lesson.front.code for lesson in workshop.lessons} == set(LESSONS)


@pytest.mark.parametrize("code", LESSONS)
class TestLesson:
    def test_it_has_six_exercises_or_more_over_the_three_difficulties(self, code):
        exercises = LESSONS[code].sheet.exercises
        assert len(exercises) >= MIN_EXERCISES
        assert {exercise.stars for exercise in exercises} == {1, 2, 3}

    def test_it_was_reviewed_at_a_date_that_has_come(self, code):
        assert LESSONS[code].front.reviewed <= dt.date.today()

    def test_its_packages_are_those_that_the_workshop_installs(self, code):
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        installed = {re.match(r"[\w-]+", requirement)[0].lower() for requirement in project["dependencies"]}
        assert set(map(str.lower, LESSONS[code].front.packages)) <= installed

    def test_each_section_with_code_asks_to_predict_before_a_run(self, code):
        lesson = LESSONS[code]
        texts = [
            "\n".join(c.source for c in s.cells if not c.is_code) for s in lesson.sections if len(s.code) > 1
        ]
        asking = sum("🔮" in text for text in texts)
        assert asking >= len(texts) / 2, f"{asking} sections of {len(texts)} ask a question before a run"

    def test_it_ends_on_the_learners_own_service(self, code):
        text = "\n".join(cell.source for cell in LESSONS[code].sections[-1].cells)
        title = LESSONS[code].sections[-1].title
        assert "Et dans mon service" in plain_spaces(f"{title}\n{text}")

    def test_it_gives_no_new_meaning_to_a_builtin_name(self, code):
        names = {name for s in LESSONS[code].sections for cell in s.code for name in assigned(cell.source)}
        assert names.isdisjoint(dir(builtins))

    def test_no_section_is_longer_than_what_one_can_follow(self, code):
        assert max(section.minutes for section in LESSONS[code].sections) <= 25


@pytest.mark.parametrize("number", [with_those_of_its_lesson(number) for number in EXERCISES])
class TestExercise:
    @pytest.fixture(autouse=True)
    def in_the_folder_of_the_sheet(self, number, monkeypatch):
        in_folder_of_sheet(EXERCISES[number][0], monkeypatch)

    def test_the_blank_sheet_is_a_faire(self, number):
        _, exercise = EXERCISES[number]
        assert outcome(exercise, exercise.blank, given(number)).state is State.TODO

    def test_the_solution_is_reussi_from_the_given_data_alone(self, number):
        answer = judge(find_check(number), dict(solved(number)))
        assert answer.state is State.PASSED, repr(answer)

    def test_a_success_says_more_than_well_done(self, number):
        answer = judge(find_check(number), dict(solved(number)))
        assert len(answer.message) > len("Bonne réponse, bravo.")
        assert "!" not in answer.message

    def test_filling_in_one_name_of_several_is_still_a_faire(self, number):
        _, exercise = EXERCISES[number]
        filled = [name for name in exercise.names if f"{name} = ..." in exercise.blank.splitlines()]
        for left in filled:
            answer = judge(find_check(number), dict(solved(number)) | {left: ...})
            assert answer.state is State.TODO
            assert f"`{left}`" in answer.message

    def test_anything_at_all_gets_a_reason_and_never_passes(self, number):
        _, exercise = EXERCISES[number]
        filled = [name for name in exercise.names if f"{name} = ..." in exercise.blank.splitlines()]
        for name in filled:
            for value in ODD_ANSWERS:
                answer = judge(find_check(number), dict(solved(number)) | {name: value})
                assert answer.state is State.REVISE, f"{name} = {value!r} : {answer!r}"
                assert answer.message.strip()


ODD_ANSWERS = (
    None,
    "",
    "n'importe quoi",
    math.nan,
    -1e9,
    [],
    {},
    pd.DataFrame(),
    pd.DataFrame({"autre": [1, 2]}),
    pd.Series([math.nan, math.nan]),
    np.array([]),
    np.full(7, math.nan),
    gpd.GeoDataFrame({"autre": [1]}, geometry=[Point(5.3, 43.0)], crs=4326),
    gpd.GeoDataFrame({"autre": [1]}, geometry=[Point(5.3, 43.0)], crs=2154),
    gpd.GeoDataFrame(geometry=[], crs=2154),
    lambda *_, **__: None,
    object(),
)


@pytest.mark.parametrize(("number", "rank"), WRONG_ANSWERS)
def test_a_wrong_answer_gets_its_own_feedback(number, rank, monkeypatch):
    code, exercise = EXERCISES[number]
    in_folder_of_sheet(code, monkeypatch)
    wrong = exercise.wrong_answers[rank]
    answer = outcome(exercise, wrong.source, given(number))
    assert answer.state is State.REVISE, repr(answer)
    assert plain_spaces(wrong.metadata["expects"]) in plain_spaces(answer.message)
    assert "n'a pas pu lire votre réponse" not in answer.message, "feedback must come from the check itself"


def test_every_relative_link_of_every_built_text_leads_to_a_file():
    workshop = workshop_here()
    drafts = [draft for lesson in workshop.lessons for draft in lesson_drafts(workshop, lesson)]
    drafts += [page_draft(workshop, page) for page in workshop.pages]
    built = {draft.path for draft in drafts}
    for draft in drafts:
        for cell in draft.cells:
            for target in re.findall(r"\]\(([^)\s#:]+)", cell.source if cell.kind == "markdown" else ""):
                path = (draft.path.parent / target).resolve()
                assert path in built or path.exists(), f"{draft.path.name}: {target}"
    assert len(drafts) == len(workshop.lessons) * len(OUTPUTS) + len(workshop.pages)
