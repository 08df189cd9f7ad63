"""Find a sheet by its name or its file, read it, and refuse it where it cannot be used."""

import difflib
from collections.abc import Collection
from functools import cache
from pathlib import Path

from geoatelier.quality.sheets.building import sheet_of
from geoatelier.quality.sheets.errors import MalformedSheetError, Problem
from geoatelier.quality.sheets.marked import Marked, parse
from geoatelier.quality.sheets.model import Sheet
from geoatelier.quality.wording import quote, some

BUILTIN = Path(__file__).with_name("builtin")
_SUFFIXES = (".yaml", ".yml")


def load_sheet(name_or_path: str | Path, *, measures: Collection[str] | None = None) -> Sheet:
    """A control sheet.

    Parameters
    ----------
    name_or_path : name of a built-in sheet (see `builtin_sheets`), or path of a YAML file
    measures : codes that thresholds may have; any when not given

    Raises
    ------
    MalformedSheetError
        If there is no such sheet, or if it is wrong: the message, in French, gives file, line, place, what is
        wrong and what to do.
    """
    name = str(name_or_path).strip()
    if name in _names():
        return _builtin(name)
    path = Path(name).expanduser()
    if path.suffix.lower() not in _SUFFIXES:
        raise _unknown(name)
    marked = parse(_text(path), path.name)
    _check(marked, path.parent, measures)
    return sheet_of(marked.data, path.stem, path)


@cache
def builtin_sheets() -> dict[str, str]:
    """Name of each built-in sheet, with its title in French."""
    return {name: _builtin(name).title for name in _names()}


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in BUILTIN.glob("*.yaml")))


@cache
def _builtin(name: str) -> Sheet:
    """A sheet of the package; the tests hold that it follows the schema, so that reading it stays quick."""
    path = BUILTIN / f"{name}.yaml"
    return sheet_of(parse(path.read_text(encoding="utf-8"), path.name).data, name, None)


def _check(marked: Marked, folder: Path, measures: Collection[str] | None) -> None:
    # jsonschema takes long to import, and built-in sheets do without.
    from geoatelier.quality.sheets.checks import cross_problems
    from geoatelier.quality.sheets.validation import schema_problems

    problems = schema_problems(marked) or cross_problems(marked, folder, measures)
    if problems:
        raise MalformedSheetError(marked.file, problems)


def _unknown(name: str) -> MalformedSheetError:
    near = difflib.get_close_matches(name, _names(), n=1)
    advice = (
        f"Vouliez-vous dire {quote(near[0])}\u00a0?"
        if near
        else f"Fiches fournies\u00a0: {some(_names(), 20)}. Une fiche à vous est un fichier en .yaml."
    )
    return MalformedSheetError(name, [Problem(None, (), f"aucune fiche n'a ce nom. {advice}")])


def _text(path: Path) -> str:
    if not path.is_file():
        folder = path.parent
        names = sorted(item.name for item in folder.iterdir()) if folder.is_dir() else []
        near = difflib.get_close_matches(path.name, names, n=1)
        advice = f"Vouliez-vous dire {quote(near[0])}\u00a0?" if near else "Vérifiez le chemin."
        raise MalformedSheetError(str(path), [Problem(None, (), f"ce fichier n'existe pas. {advice}")])
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        message = "ce fichier n'est pas en UTF-8. Enregistrez-le dans cet encodage."
        raise MalformedSheetError(path.name, [Problem(None, (), message)]) from error
    except OSError as error:
        message = "ce fichier ne s'ouvre pas. Vérifiez que vous avez le droit de le lire."
        raise MalformedSheetError(path.name, [Problem(None, (), message)]) from error
