"""What the READMEs and CONTRIBUTING name exists, and what they show is what the project makes."""

import json
import re
import shlex
from pathlib import Path

import jupyterlab_language_pack_fr_FR
import pytest

from geoatelier import cli, settings

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "README.en.md", "CONTRIBUTING.md", "LICENCE-textes.md")
READMES = settings.READMES

CODE_BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)
CODE_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
# A path in a text: a known file at the root, or something with a folder, without a placeholder.
PATH = re.compile(r"[\w.-]+(/[\w.-]+)*/?")
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()}


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


def commands(page):
    """What a page tells to type, from its code blocks and its code spans, comments left out."""
    blocks = "\n".join(CODE_BLOCK.findall(text_of(page)))
    spans = CODE_SPAN.findall(CODE_BLOCK.sub("", text_of(page)))
    return [line.partition("#")[0].strip() for line in (*blocks.splitlines(), *spans)]


def make_targets():
    return set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))


def geoatelier_commands():
    """The parsed options of each command of the CLI: parsing fails on one that does not exist."""
    return cli._parser()


def headings(page):
    """The anchors that forges give to the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", CODE_BLOCK.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES)
def test_each_make_command_that_a_page_gives_exists(page):
    named = {line.split()[1] for line in commands(page) if line.startswith("make ")}
    assert named - make_targets() == set()


@pytest.mark.parametrize("page", READMES)
def test_the_two_commands_are_given(page):
    assert {"make lab", "make test"} <= set(commands(page))


@pytest.mark.parametrize("page", PAGES)
def test_each_geoatelier_command_that_a_page_gives_is_understood(page):
    for line in commands(page):
        if line.startswith("geoatelier "):
            assert geoatelier_commands().parse_args(shlex.split(line)[1:])


@pytest.mark.parametrize("page", PAGES)
def test_each_module_that_a_page_runs_exists(page):
    for line in commands(page):
        for module in re.findall(r"-m (geoatelier\.\w+)", line):
            assert (ROOT / "src" / module.replace(".", "/")).with_suffix(".py").is_file(), line


@pytest.mark.parametrize("page", PAGES)
def test_each_file_that_a_command_reads_exists(page):
    for line in commands(page):
        for name in re.findall(r"(?:-r|-c|-f) (\S+\.\w+)", line):
            assert (ROOT / name).is_file(), line


@pytest.mark.parametrize("page", PAGES)
def test_each_relative_link_leads_somewhere(page):
    for target in LINK.findall(CODE_BLOCK.sub("", text_of(page))):
        path, _, anchor = target.partition("#")
        if "://" not in target:
            assert not path or (ROOT / path).exists(), target
            assert not anchor or anchor in headings(path or page), target


@pytest.mark.parametrize("page", PAGES)
def test_each_folder_or_file_that_a_page_names_exists(page):
    spans = CODE_SPAN.findall(CODE_BLOCK.sub("", text_of(page)))
    named = [span for span in spans if PATH.fullmatch(span) and span.partition("/")[0] in FOLDERS]
    assert [span for span in named if not (ROOT / span).exists()] == []


@pytest.mark.parametrize("page", READMES)
def test_the_badge_is_the_one_of_the_setting(page):
    assert settings.with_badge(text_of(page), settings.repository(ROOT)) == text_of(page)


@pytest.mark.parametrize("page", READMES)
def test_no_address_is_invented_for_the_repository(page):
    if settings.repository(ROOT) is None:
        assert "mybinder.org/v2/" not in text_of(page)


def test_windows_users_install_what_make_installs():
    installs = [line for line in commands("README.md") if "pip install -c" in line]
    given = [line.partition("pip install ")[2] for line in installs]
    made = re.findall(r"\$\(PIP\) (-c constraints\.txt .*?) \|\|", text_of("Makefile"))
    assert given == [line for line in made if "dev" not in line]


def test_the_english_readme_gives_no_command_that_the_french_one_lacks():
    shell = ("make ", "py ", "pip ", "conda ", "python ", ".venv")
    english = {line for line in commands("README.en.md") if line.startswith(shell)}
    assert english
    assert english <= set(commands("README.md"))


def test_each_licence_has_its_file():
    assert text_of("LICENSE").startswith("MIT License")
    assert "CC-BY 4.0" in text_of("LICENCE-textes.md")
    assert "Licence Ouverte" in text_of("data/LICENCE.md")


def test_the_picture_of_the_readme_has_an_alternative_text():
    (alt,) = re.findall(r"!\[([^\]]*)\]\(images/galejade\.png\)", text_of("README.md"))
    assert len(alt) > 20


@pytest.mark.parametrize("page", ["README.md", "lessons/accueil.md"])
def test_what_is_to_be_clicked_is_named_as_jupyterlab_names_it(page):
    package = Path(jupyterlab_language_pack_fr_FR.__file__).parent
    catalogue = json.loads((package / "locale/fr_FR/LC_MESSAGES/jupyterlab.json").read_text("utf-8"))
    labels = {
        label.rstrip("…") for labels in catalogue.values() for label in labels if isinstance(label, str)
    }
    named = re.findall(r"(?<!\*)\*([A-ZÉ][^*\n]+)\*(?!\*)", text_of(page))
    assert named
    assert set(named) - labels == set()
