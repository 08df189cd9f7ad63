"""The one setting: the public address of the repository. Badges and launch links are made from it.

It is `repository` in the `[tool.geoatelier]` table of pyproject.toml. While it is empty nothing is made:
no badge, no invented address.
"""

import re
import sys
import tomllib
from pathlib import Path
from urllib.parse import quote, urlsplit

BINDER = "https://mybinder.org"
WELCOME = "notebooks/accueil.ipynb"
READMES = ("README.md", "README.en.md")
START, END = "<!-- lancement:debut -->", "<!-- lancement:fin -->"


def repository(root: Path) -> str | None:
    """Return the public address of the repository, or None while it is not set.

    Parameters
    ----------
    root : the folder that holds pyproject.toml

    Raises
    ------
    ValueError
        If the address is not that of a repository on the web: https://host/owner/name.
    """
    table = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    address = table["tool"]["geoatelier"]["repository"].strip().removesuffix("/").removesuffix(".git")
    if not address:
        return None
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.netloc or parts.path.strip("/").count("/") < 1:
        raise ValueError(
            f"« {address} » n'est pas l'adresse d'un dépôt. Dans pyproject.toml, écrivez-la ainsi : "
            "https://hote/compte/depot, ou laissez `repository` vide."
        )
    return address


def binder_address(repository: str, notebook: str = WELCOME) -> str:
    """Return the address that opens a notebook of the repository on Binder.

    Parameters
    ----------
    repository : public address of the repository, on any forge
    notebook : path of the notebook in the repository

    References
    ----------
    BinderHub user interface, « source repository providers »: gh/owner/name/ref, gl/<quoted name>/ref,
    git/<quoted address>/ref.
    """
    parts = urlsplit(repository)
    name = parts.path.strip("/")
    match parts.netloc:
        case "github.com":
            source = f"gh/{name}"
        case "gitlab.com":
            source = f"gl/{quote(name, safe='')}"
        case _:
            source = f"git/{quote(repository, safe='')}"
    return f"{BINDER}/v2/{source}/HEAD?urlpath={quote(f'lab/tree/{notebook}', safe='')}"


def badge(repository: str | None, notebook: str = WELCOME) -> str:
    """Return the badge that launches a notebook on Binder, in Markdown; empty while there is no address."""
    if repository is None:
        return ""
    return f"[![Lancer sur Binder]({BINDER}/badge_logo.svg)]({binder_address(repository, notebook)})"


def with_badge(text: str, repository: str | None) -> str:
    """Return the text of a README with the badge, or nothing, between its two markers.

    Raises
    ------
    ValueError
        If the markers are not there.
    """
    if not re.search(f"{START}\n.*{END}", text, re.DOTALL):
        raise ValueError(
            f"Mettez une ligne {START} et une ligne {END} là où le lien de lancement doit venir."
        )
    lines = "\n".join(filter(None, [START, badge(repository), END]))
    return re.sub(f"{START}.*?{END}", lambda _: lines, text, count=1, flags=re.DOTALL)


def main() -> int:
    """Put the badge in the READMEs of the working folder."""
    root = Path.cwd()
    for readme in (root / name for name in READMES):
        readme.write_text(with_badge(readme.read_text("utf-8"), repository(root)), "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
