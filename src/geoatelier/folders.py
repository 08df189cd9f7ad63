"""Where the active territory is: the folder that holds `datapackage.json`, the layers and the rasters."""

import os
from pathlib import Path

CATALOGUE = "datapackage.json"
VARIABLE = "GEOATELIER_DATA"


class TerritoryNotFoundError(FileNotFoundError):
    """No territory is active; the message says in French what to do."""


def territory_folder() -> Path:
    """Return the folder of the active territory.

    In this order: the folder that the environment variable `GEOATELIER_DATA` names; a `data` folder beside
    the working directory or above it; the `data` folder of the repository, when the package is installed
    from it in editable mode.

    Raises
    ------
    TerritoryNotFoundError
        If `GEOATELIER_DATA` names a folder that holds no territory, or if no place holds one.
    """
    if named := os.environ.get(VARIABLE):
        folder = Path(named).expanduser().resolve()
        if not _holds_territory(folder):
            raise TerritoryNotFoundError(
                f"La variable {VARIABLE} désigne « {folder} », où il n'y a pas de fichier {CATALOGUE}. "
                "Corrigez-la, ou retirez-la pour revenir au territoire fourni."
            )
        return folder

    here = Path.cwd().resolve()
    repository = Path(__file__).resolve().parents[2]
    for parent in (here, *here.parents, repository):
        if _holds_territory(parent / "data"):
            return parent / "data"
    raise TerritoryNotFoundError(
        f"Aucun territoire trouvé : ni le dossier « {here} » ni ceux qui le contiennent n'ont de fichier "
        f"data/{CATALOGUE}. Ouvrez le carnet depuis le dossier de GéoAtelier, ou donnez le chemin du "
        f"dossier data dans la variable d'environnement {VARIABLE}."
    )


def _holds_territory(folder: Path) -> bool:
    return (folder / CATALOGUE).is_file()
