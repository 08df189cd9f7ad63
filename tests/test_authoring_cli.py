"""The `geoatelier` command speaks French, from its help to its errors, and does what it says."""

import re
import subprocess
import sys

import pytest

from geoatelier.cli import main

COMMANDS = ("build", "new-lesson", "table", "territory", "check-machine")
ENGLISH = re.compile(
    r"\b(usage:|the|following|arguments are|required|show this|help message|exit|invalid|choice|choose|"
    r"unrecognized|expected|argument:|positional|optional|error:|not allowed|unknown)\b",
    re.IGNORECASE,
)


def told(capsys, *arguments):
    """What a command says, and its exit status."""
    try:
        status = main(arguments)
    except SystemExit as stop:
        status = stop.code
    captured = capsys.readouterr()
    return status, captured.out + captured.err


@pytest.mark.parametrize("arguments", [["-h"], *([command, "-h"] for command in COMMANDS)])
def test_every_help_is_in_french(capsys, arguments):
    status, text = told(capsys, *arguments)
    assert status == 0
    assert text.startswith("usage : geoatelier")
    assert "afficher cette aide et s'arrêter" in text
    assert not ENGLISH.search(text), ENGLISH.search(text)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "il manque : COMMANDE"),
        (["bulid"], "'bulid'"),
        (["build", "--chek"], "argument inconnu : --chek"),
        (["build", "--check=oui"], "'oui' n'est pas attendue"),
        (["new-lesson"], "il manque : CODE, --title"),
        (["new-lesson", "S91", "--title"], "une valeur est attendue"),
        (["territory", "a", "b"], "argument inconnu : b"),
    ],
)
def test_every_error_of_use_is_in_french(capsys, arguments, said):
    status, text = told(capsys, *arguments)
    assert status == 2
    assert said in text
    assert "erreur : " in text
    assert not ENGLISH.search(text), ENGLISH.search(text)


def test_checking_a_workshop_that_was_never_built_fails_and_says_what_to_do(atelier, capsys):
    status, text = told(capsys, "build", "--check")
    assert status == 1
    assert "notebooks/accueil.ipynb : absent" in text
    assert "geoatelier build" in text


def test_a_malformed_source_fails_with_its_line_and_without_a_traceback(atelier, capsys):
    path = atelier / "lessons/accueil.md"
    path.write_text(path.read_text(encoding="utf-8").replace("title", "titre"), encoding="utf-8")
    for command in (["build"], ["build", "--check"], ["table"]):
        status, text = told(capsys, *command)
        assert status == 1
        assert "lessons/accueil.md:2 : clé inconnue `titre`" in text
        assert "Traceback" not in text


def test_building_a_page_then_checking_it_succeeds(atelier, capsys):
    assert told(capsys, "build", "accueil") == (
        0,
        "notebooks/accueil.ipynb : écrit\nREADME.md : tableau des leçons mis à jour\n",
    )
    assert told(capsys, "build", "accueil", "--check") == (0, "Les carnets sont à jour.\n")


def test_the_table_alone_can_be_brought_up_to_date(atelier, capsys):
    assert told(capsys, "table")[0] == 0
    assert "[N90 · Lire une couche]" in (atelier / "README.md").read_text(encoding="utf-8")
    assert not (atelier / "notebooks").exists()


def test_a_new_lesson_is_laid_down_and_the_next_command_named(atelier, capsys):
    status, text = told(capsys, "new-lesson", "E90", "--title", "Une leçon")
    assert status == 0
    assert "lessons/expert/E90_une_lecon/lesson.md" in text
    assert "geoatelier build E90" in text


def test_a_new_lesson_that_is_refused_fails_with_the_reason(atelier, capsys):
    status, text = told(capsys, "new-lesson", "N90", "--title", "Une leçon")
    assert status == 1
    assert "déjà pris" in text


def test_commands_work_from_a_folder_of_the_workshop(atelier, capsys, monkeypatch):
    monkeypatch.chdir(atelier / "lessons" / "novice")
    assert told(capsys, "table")[0] == 0


def test_help_does_not_import_what_it_does_not_need(atelier):
    code = (
        "import sys, geoatelier.cli as c\ntry: c.main(['-h'])\nexcept SystemExit: pass\n"
        "print(sorted(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for heavy in ("geopandas", "nbclient", "jupytext", "matplotlib"):
        assert f"'{heavy}'" not in found
