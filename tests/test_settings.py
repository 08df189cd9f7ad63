"""The public address of the repository, and the launch links that are made from it."""

import pytest

from geoatelier import settings
from geoatelier.settings import END, START

README = f"# Titre\n\n{START}\nancien\n{END}\n\nTexte\n"


def write_setting(folder, address):
    (folder / "pyproject.toml").write_text(f'[tool.geoatelier]\nrepository = "{address}"\n')
    return folder


def test_an_address_that_is_not_set_gives_no_badge(tmp_path):
    assert settings.repository(write_setting(tmp_path, "")) is None
    assert settings.badge(None) == ""


@pytest.mark.parametrize("written", ["", "/", ".git"])
def test_an_address_may_be_pasted_as_a_browser_or_git_gives_it(tmp_path, written):
    address = "https://forge.exemple.fr/equipe/atelier"
    assert settings.repository(write_setting(tmp_path, address + written)) == address


@pytest.mark.parametrize(
    "written", ["forge.exemple.fr/equipe/atelier", "git@hote:equipe/atelier", "https://hote/x"]
)
def test_what_is_not_the_address_of_a_repository_is_refused(tmp_path, written):
    with pytest.raises(ValueError, match="n'est pas l'adresse d'un dépôt"):
        settings.repository(write_setting(tmp_path, written))


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("https://github.com/equipe/atelier", "gh/equipe/atelier"),
        ("https://gitlab.com/groupe/equipe/atelier", "gl/groupe%2Fequipe%2Fatelier"),
        ("https://forge.exemple.fr/equipe/atelier", "git/https%3A%2F%2Fforge.exemple.fr%2Fequipe%2Fatelier"),
    ],
)
def test_binder_finds_the_repository_on_any_forge_and_opens_the_notebook(address, source):
    assert settings.binder_address(address) == (
        f"https://mybinder.org/v2/{source}/HEAD?urlpath=lab%2Ftree%2Fnotebooks%2Faccueil.ipynb"
    )


def test_a_link_may_open_any_notebook():
    address = settings.binder_address("https://github.com/equipe/atelier", "notebooks/novice/N2_x.ipynb")
    assert address.endswith("?urlpath=lab%2Ftree%2Fnotebooks%2Fnovice%2FN2_x.ipynb")


def test_the_badge_replaces_what_stood_between_the_markers_and_nothing_else():
    written = settings.with_badge(README, "https://github.com/equipe/atelier")
    badge = settings.badge("https://github.com/equipe/atelier")
    assert written == f"# Titre\n\n{START}\n{badge}\n{END}\n\nTexte\n"


def test_the_badge_goes_when_the_address_is_taken_away():
    assert settings.with_badge(README, None) == f"# Titre\n\n{START}\n{END}\n\nTexte\n"


def test_a_readme_without_markers_is_refused():
    with pytest.raises(ValueError, match="lancement:debut"):
        settings.with_badge("# Titre\n", None)


def test_the_command_writes_both_readmes(tmp_path, monkeypatch):
    write_setting(tmp_path, "https://github.com/equipe/atelier")
    for name in settings.READMES:
        (tmp_path / name).write_text(README)
    monkeypatch.chdir(tmp_path)
    assert settings.main() == 0
    for name in settings.READMES:
        assert "mybinder.org/v2/gh/equipe/atelier/HEAD" in (tmp_path / name).read_text()
