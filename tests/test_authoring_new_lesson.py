"""`geoatelier new-lesson` lays down a lesson that builds and passes the tests of every lesson."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import forget_modules
from lesson_runs import fresh_namespace, given_to, given_to_all, outcome, run

from geoatelier.authoring.build import build, differences
from geoatelier.authoring.new_lesson import RefusedError, new_lesson, slug_of
from geoatelier.authoring.workshop import read_workshop
from geoatelier.exercises.french import plain_spaces
from geoatelier.exercises.outcome import State

HERE = Path(__file__).parent
PYPROJECT = str(HERE.parent / "pyproject.toml")


@pytest.fixture
def skeleton(atelier):
    """The lesson that was laid down, in the trial workshop."""
    new_lesson(atelier, "S91", "L'été : « prés » & œufs")
    forget_modules()
    return next(lesson for lesson in read_workshop(atelier).lessons if lesson.front.code == "S91")


def test_the_skeleton_is_named_after_its_title(skeleton):
    assert skeleton.folder.name == "S91_l_ete_pres_oeufs"
    assert skeleton.front.title == "L'été : « prés » & œufs"
    assert skeleton.front.level == "sensibilise"


def test_the_skeleton_has_six_exercises_over_the_three_difficulties(skeleton):
    assert len(skeleton.sheet.exercises) == 6
    assert {exercise.stars for exercise in skeleton.sheet.exercises} == {1, 2, 3}


def test_each_section_of_the_skeleton_runs_alone(skeleton):
    for section in skeleton.sections:
        namespace = fresh_namespace()
        for cell in section.code:
            run(cell.source, namespace)


def test_the_checks_of_the_skeleton_answer_as_they_should(skeleton):
    shared = given_to_all(skeleton)
    for exercise in skeleton.sheet.exercises:
        given = given_to(exercise, shared)
        assert outcome(exercise, exercise.blank, given).state is State.TODO
        assert outcome(exercise, exercise.solution.code, given).state is State.PASSED
        for wrong in exercise.wrong_answers:
            answer = outcome(exercise, wrong.source, given)
            assert answer.state is State.REVISE
            assert plain_spaces(wrong.metadata["expects"]) in plain_spaces(answer.message)


def test_the_skeleton_builds_and_is_then_in_step(skeleton, atelier):
    build(atelier, ["S91"], say=lambda line: None)
    assert differences(atelier, ["S91"]) == []


def test_the_skeleton_passes_the_tests_of_every_lesson(skeleton, atelier):
    for others in ("accueil.md", "novice", "sensibilise/S90_des_adresses_a_leur_place"):
        path = atelier / "lessons" / others
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    cards = atelier / "data" / "fiches"
    cards.mkdir(parents=True)
    (cards / "parcelles_agricoles.md").write_text("# Parcelles agricoles\n", encoding="utf-8")
    shutil.copy(PYPROJECT, atelier)
    (atelier / "tests").mkdir()
    for name in ("conftest.py", "lesson_runs.py", "test_lessons.py"):
        shutil.copy(HERE / name, atelier / "tests")
    found = subprocess.run([sys.executable, "-m", "pytest", "-q", "tests"], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout[-4000:]
    assert "skipped" not in found.stdout


def test_the_checks_of_the_skeleton_keep_to_the_style_of_the_package(skeleton, atelier):
    path = atelier / "src/geoatelier/exercises/checks/s91.py"
    for command in (["check"], ["format", "--check"]):
        found = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--config", PYPROJECT, str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("code", ["X1", "S", "S0", "s6", "", "S6b", "../S6"])
def test_a_malformed_code_is_refused(atelier, code):
    with pytest.raises(RefusedError, match="n'est pas un code de leçon"):
        new_lesson(atelier, code, "Un titre")


@pytest.mark.parametrize("title", ["", "  ", "?!"])
def test_a_lesson_without_a_title_is_refused(atelier, title):
    with pytest.raises(RefusedError, match="Il faut un titre"):
        new_lesson(atelier, "S91", title)


def test_a_code_that_is_taken_is_refused_and_nothing_is_written(atelier):
    before = sorted(atelier.rglob("*"))
    with pytest.raises(RefusedError, match="déjà pris"):
        new_lesson(atelier, "S90", "Un autre titre")
    assert sorted(atelier.rglob("*")) == before


def test_slugs_are_plain_ascii():
    assert slug_of("Ce que coûte une donnée dégradée") == "ce_que_coute_une_donnee_degradee"
