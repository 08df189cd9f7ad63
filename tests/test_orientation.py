"""The questions of the welcome notebook: what level they suggest, and how they are shown."""

import itertools

import ipywidgets as widgets
import nbformat
import pytest

from geoatelier import orientation
from geoatelier.orientation import QUESTIONS, Level

ALL_ANSWERS = list(itertools.product(Level, repeat=len(QUESTIONS)))


def test_each_question_has_one_answer_for_each_level():
    for question in QUESTIONS:
        assert sorted(level for level, _ in question.answers) == list(Level)


def test_the_place_of_an_answer_does_not_tell_its_level():
    orders = {tuple(level for level, _ in question.answers) for question in QUESTIONS}
    assert len(orders) >= 4
    for place in range(3):
        assert {question.answers[place][0] for question in QUESTIONS} == set(Level)


@pytest.mark.parametrize("level", Level)
def test_the_same_answer_everywhere_suggests_its_level(level):
    assert orientation.suggest([level] * 6) is level


def test_four_answers_out_of_six_are_needed_for_a_level():
    expert, novice = Level.EXPERT, Level.NOVICE
    assert orientation.suggest([expert] * 4 + [novice] * 2) is Level.EXPERT
    assert orientation.suggest([expert] * 3 + [novice] * 3) is Level.NOVICE


def test_a_higher_answer_counts_for_the_levels_below():
    answers = [Level.EXPERT, Level.EXPERT, Level.SENSIBILISE, Level.SENSIBILISE, Level.NOVICE, Level.NOVICE]
    assert orientation.suggest(answers) is Level.SENSIBILISE


def test_a_more_advanced_answer_never_lowers_the_level():
    for answers in ALL_ANSWERS:
        for place, level in enumerate(answers):
            if level < Level.EXPERT:
                better = [*answers[:place], Level(level + 1), *answers[place + 1 :]]
                assert orientation.suggest(better) >= orientation.suggest(answers)


def test_the_order_of_the_answers_does_not_matter():
    for answers in ALL_ANSWERS:
        assert orientation.suggest(answers) is orientation.suggest(sorted(answers))


@pytest.mark.parametrize("given", [5, 7])
def test_every_question_must_be_answered(given):
    with pytest.raises(ValueError, match="6 réponses attendues"):
        orientation.suggest([Level.NOVICE] * given)


def test_advice_names_the_themes_answered_below_the_level(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    answers = [Level.NOVICE] + [Level.SENSIBILISE] * 5
    assert QUESTIONS[0].theme in orientation.advise(answers)
    assert QUESTIONS[1].theme not in orientation.advise(answers)
    assert "Prenez votre temps" not in orientation.advise([Level.EXPERT] * 6)


def test_advice_links_to_the_lessons_of_the_level_in_the_order_of_their_codes(monkeypatch, tmp_path):
    for name, title in {
        "expert/E10_dernier": "E10 · Dernier",
        "expert/E2_deuxieme": "E2 · Deuxième",
        "novice/N2_regarder": "N2 · Regarder",
    }.items():
        path = tmp_path / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        cells = [
            nbformat.v4.new_code_cell("# not a title"),
            nbformat.v4.new_markdown_cell(f"# {title}\n\nTexte"),
        ]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    monkeypatch.chdir(tmp_path)
    links = [line for line in orientation.advise([Level.EXPERT] * 6).splitlines() if line.startswith("- ")]
    assert links == [
        "- [E2 · Deuxième](expert/E2_deuxieme.ipynb)",
        "- [E10 · Dernier](expert/E10_dernier.ipynb)",
    ]


def test_a_saved_notebook_shows_every_answer_and_how_to_count(monkeypatch):
    displayed = []
    monkeypatch.setattr(orientation, "display", displayed.append)
    orientation.questionnaire()
    text = displayed[0].data
    for question in QUESTIONS:
        assert question.task in text
        assert all(answer in text for _, answer in question.answers)
    assert "| 2 | c | a | b |" in text


@pytest.fixture
def on_screen(monkeypatch, tmp_path):
    """The live questionnaire: its radio buttons, its button, and what is displayed after a click."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(orientation, "static", lambda: False)
    displayed = []
    monkeypatch.setattr(orientation, "display", displayed.append)
    orientation.questionnaire()
    _, *choices, button, _ = displayed.pop().children
    return choices, button, displayed


def test_each_question_is_the_label_of_its_radio_buttons(on_screen):
    choices, _, _ = on_screen
    assert all(isinstance(choice, widgets.RadioButtons) for choice in choices)
    assert [choice.description for choice in choices] == [
        f"{number}. {question.task}" for number, question in enumerate(QUESTIONS, start=1)
    ]


def test_nothing_is_chosen_beforehand(on_screen):
    choices, _, _ = on_screen
    assert [choice.value for choice in choices] == [None] * 6


def test_a_click_too_early_says_which_questions_are_left(on_screen):
    choices, button, displayed = on_screen
    for choice in choices[:3] + choices[4:5]:
        choice.value = Level.NOVICE
    button.click()
    assert displayed[-1].data == "Il reste à répondre\u00a0: 4 et 6."


def test_a_click_gives_the_level_of_the_chosen_answers(on_screen):
    choices, button, displayed = on_screen
    for choice in choices:
        choice.value = Level.SENSIBILISE
    button.click()
    assert "**Niveau conseillé\u00a0: sensibilisé.** Vous complétez" in displayed[-1].data
