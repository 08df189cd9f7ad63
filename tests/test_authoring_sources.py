"""A malformed source stops the build, and says the file, the line and what to do."""

import pytest
import yaml
from conftest import FIXTURES

from geoatelier.authoring.names import assigned, needed
from geoatelier.authoring.problems import MalformedSourceError
from geoatelier.authoring.source import read_source, split_at_headings
from geoatelier.authoring.workshop import read_workshop

FOLDER = "lessons/sensibilise/S90_des_adresses_a_leur_place"
LESSON, SHEET = f"{FOLDER}/lesson.md", f"{FOLDER}/exercises.md"
MALFORMED = yaml.safe_load((FIXTURES / "malformed_sources.yaml").read_text(encoding="utf-8"))


def edit(root, file, old, new):
    """Replace a text, once, in a source; give the new lines."""
    path = root / file
    text = path.read_text(encoding="utf-8")
    if old is not None:
        assert old in text, "the fixture has changed: this test edits nothing"
        new = text.replace(old, new, 1)
    path.write_text(new, encoding="utf-8")
    return new.splitlines()


def line_of(lines, where):
    """Number of the line that starts with, or holds, a text (`text|2` is its second occurrence)."""
    text, _, rank = where.partition("|")
    found = [n for n, line in enumerate(lines, start=1) if text in line]
    return found[int(rank or 1) - 1]


@pytest.mark.parametrize("case", MALFORMED, ids=[case["what"] for case in MALFORMED])
def test_the_build_refuses(atelier, case):
    file = f"{FOLDER}/{case['file']}"
    lines = edit(atelier, file, case.get("replace"), case["by"])
    with pytest.raises(MalformedSourceError) as refused:
        read_workshop(atelier)
    told = [problem for problem in refused.value.problems if case["says"] in problem.message]
    assert told, f"said instead: {refused.value}"
    assert told[0].path == atelier / file
    assert told[0].line == line_of(lines, case["line"])
    assert case["advises"] in told[0].advice


def test_the_trial_workshop_is_well_formed(atelier):
    workshop = read_workshop(atelier)
    assert [lesson.front.code for lesson in workshop.lessons] == ["N90", "S90"]


def test_every_problem_of_every_file_is_told_at_once(atelier):
    edit(atelier, LESSON, "verb: gérer", "verb: jouer")
    edit(atelier, SHEET, "## S90.2", "## S90.1")
    edit(atelier, "lessons/novice/N90_lire_une_couche/lesson.md", "· 10 min", "")
    with pytest.raises(MalformedSourceError) as refused:
        read_workshop(atelier)
    assert {p.path.parent.name[:3] for p in refused.value.problems} == {"N90", "S90"}


def test_a_problem_reads_as_file_and_line_then_advice(atelier):
    lines = edit(atelier, LESSON, "verb: gérer", "verb: jouer")
    with pytest.raises(MalformedSourceError, match="1\u00a0problème dans les sources") as refused:
        read_workshop(atelier)
    told = str(refused.value).splitlines()
    assert told[1].startswith(f"{LESSON}:{line_of(lines, 'verb: jouer')} : ")
    assert told[2].strip().startswith("→ ")


def test_what_is_wrong_in_another_lesson_does_not_stop_the_one_asked_for(atelier):
    edit(atelier, LESSON, "verb: gérer", "verb: jouer")
    workshop = read_workshop(atelier, ["N90"])
    assert [lesson.front.code for lesson in workshop.lessons] == ["N90"]
    assert not workshop.is_complete


def test_a_lesson_may_need_one_whose_text_is_malformed_for_now(atelier):
    edit(atelier, "lessons/novice/N90_lire_une_couche/lesson.md", "· 10 min", "")
    assert read_workshop(atelier, ["S90"]).catalogue["N90"].front.title == "Lire une couche"


def test_a_check_function_without_an_exercise_is_refused(atelier):
    checks = atelier / "src/geoatelier/exercises/checks/n90.py"
    text = checks.read_text(encoding="utf-8")
    checks.write_text(text + "\n\ndef n90_2(x: int) -> Outcome: ...\n", encoding="utf-8")
    with pytest.raises(
        MalformedSourceError, match=r"la fonction de vérification de N90\.2 n'a pas d'exercice"
    ):
        read_workshop(atelier)


def test_a_check_module_that_does_not_load_is_told_without_a_traceback(atelier):
    checks = atelier / "src/geoatelier/exercises/checks/n90.py"
    checks.write_text("import rien_de_tel\n", encoding="utf-8")
    with pytest.raises(MalformedSourceError, match="ne se charge pas") as refused:
        read_workshop(atelier)
    assert "rien_de_tel" in str(refused.value)


def test_two_lessons_cannot_have_the_same_code(atelier):
    novice = atelier / "lessons" / "novice"
    copy = novice / "N90_voir_une_couche"
    copy.mkdir()
    for name in ("lesson.md", "exercises.md"):
        copy.joinpath(name).write_text(
            (novice / "N90_lire_une_couche" / name).read_text("utf-8"), encoding="utf-8"
        )
    with pytest.raises(MalformedSourceError, match="déjà celui de `N90_lire_une_couche`"):
        read_workshop(atelier)


def test_a_folder_must_carry_the_code_of_its_lesson(atelier):
    (atelier / "lessons/novice/N90_lire_une_couche").rename(atelier / "lessons/novice/lire")
    with pytest.raises(MalformedSourceError, match="le dossier `lire` ne porte pas le code N90"):
        read_workshop(atelier)


def test_a_lesson_must_be_in_the_folder_of_its_level(atelier):
    (atelier / "lessons/expert").mkdir()
    (atelier / "lessons/novice/N90_lire_une_couche").rename(atelier / "lessons/expert/N90_lire_une_couche")
    with pytest.raises(MalformedSourceError, match="rangée dans `expert`"):
        read_workshop(atelier)


def test_a_lesson_without_exercises_is_refused(atelier):
    (atelier / SHEET).unlink()
    with pytest.raises(MalformedSourceError, match="fichier absent"):
        read_workshop(atelier)


def test_a_dataset_without_a_card_is_refused_once_the_territory_is_there(atelier):
    read_workshop(atelier)
    cards = atelier / "data" / "fiches"
    cards.mkdir(parents=True)
    for name in ("communes", "adresses"):
        (cards / f"{name}.md").write_text(f"# {name}\n", encoding="utf-8")
    with pytest.raises(MalformedSourceError, match="la donnée `batiments` n'a pas de fiche") as refused:
        read_workshop(atelier)
    assert "adresses, communes" in str(refused.value)


def test_a_page_has_a_title_and_nothing_else(atelier):
    edit(atelier, "lessons/accueil.md", "title: Bienvenue", "code: N1")
    with pytest.raises(MalformedSourceError) as refused:
        read_workshop(atelier)
    assert {p.line for p in refused.value.problems} == {1, 2}


class TestReading:
    def test_each_cell_remembers_its_line(self, atelier):
        source = read_source(atelier / SHEET)
        lines = (atelier / SHEET).read_text(encoding="utf-8").splitlines()
        for cell in source.cells:
            assert lines[cell.line - 1] == cell.source.splitlines()[0]

    def test_feedback_of_several_words_with_accents_and_quotes_survives(self, atelier):
        expects = [
            c.metadata["expects"] for c in read_source(atelier / SHEET).cells if "expects" in c.metadata
        ]
        assert expects[0] == "L'étiquette a changé, pas les coordonnées"
        assert expects[3] == "il manque peut-être `return`"

    def test_headings_are_found_wherever_they_stand_in_a_text(self, tmp_path):
        path = tmp_path / "a.md"
        path.write_text(
            "intro\n\n## Un\ntexte\n\n```text\n## pas un titre\n```\n\n## Deux\n", encoding="utf-8"
        )
        blocks = split_at_headings(read_source(path).cells)
        assert [(b.heading, b.line) for b in blocks] == [(None, 1), ("Un", 3), ("Deux", 10)]
        assert "## pas un titre" in blocks[1].cells[0].source

    def test_a_multi_line_yaml_header_of_a_cell_keeps_lines_right(self, tmp_path):
        path = tmp_path / "a.md"
        path.write_text("```{code-cell} ipython3\n---\ntags: [a]\n---\n\nx = 1\n```\n", encoding="utf-8")
        (cell,) = read_source(path).cells
        assert (cell.line, cell.source, cell.tags) == (6, "x = 1", ("a",))


class TestNames:
    def test_names_are_found_in_the_order_of_their_assignment(self):
        code = (
            "b = 1\na, (c, *d) = 1, (2, 3)\nfor e in []: f = 1\nwith g() as h: pass\n"
            "if (i := 1): pass\nimport j.k\ndef l(): m = 1"
        )
        assert assigned(code) == ("b", "a", "c", "d", "e", "f", "h", "i", "j", "l")

    def test_names_needed_by_functions_and_comprehensions_are_found(self):
        code = (
            "def f(x):\n    y = x + outside\n    return y + later\n"
            "later = [z + other for z in data]\nprint(f(1))"
        )
        assert needed(code) == {"outside", "other", "data"}

    def test_parameters_builtins_and_attributes_are_not_needed(self):
        assert needed("display(sorted([1], key=lambda v: v))\nimport os\nos.path.join('a', 'b')") == set()

    def test_a_name_read_before_it_is_assigned_is_needed(self):
        assert needed("parcelles = parcelles.head()\nx = x_0 = 1\nx_0 += x") == {"parcelles"}

    def test_the_name_of_a_caught_error_is_bound_in_its_block_alone(self):
        code = "try:\n    f()\nexcept ValueError as error:\n    print(error)\n"
        assert needed(code) == {"f"}
        assert needed(f"{code}print(error)") == {"f", "error"}
        assert assigned(code) == ()

    def test_names_that_a_pattern_binds_are_assigned(self):
        code = "match point:\n    case {'x': x, **others}: y = x\n    case [first, *rest] as whole: y = first"
        assert set(assigned(code)) == {"x", "others", "y", "whole", "first", "rest"}
        assert needed(code) == {"point"}

    def test_a_name_read_then_assigned_in_place_is_needed(self):
        assert needed("total += 1") == {"total"}
