"""Is a well-formed sheet sound? Columns that exist, expressions that compile, files that are there."""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path as File

import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError

from geoatelier.quality.kinds import KINDS
from geoatelier.quality.sheets.building import COMPARISON
from geoatelier.quality.sheets.errors import Path, Problem
from geoatelier.quality.sheets.marked import Marked
from geoatelier.quality.sheets.validation import close_match, misread
from geoatelier.quality.wording import quote, some

_TEXTS = (None, "texte", "code")
_NUMBERS = (None, "entier", "décimal")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def cross_problems(marked: Marked, folder: File, measures: Collection[str] | None) -> list[Problem]:
    """What the schema cannot see in a sheet that holds it.

    Parameters
    ----------
    folder : the one that paths start from
    measures : codes that thresholds may have; any when None
    """
    return list(_all(marked, folder, measures))


def _all(marked: Marked, folder: File, measures: Collection[str] | None) -> Iterator[Problem]:
    data = marked.data
    yield from _kinds(marked, data, ())
    yield from _thresholds(marked, data, (), measures)
    seen: dict[str, int] = {}
    for position, layer in enumerate(data.get("couches", [])):
        path = ("couches", position)
        name = str(layer.get("nom", "")).casefold()
        if name and name in seen:
            message = f"cette couche est déjà décrite ligne {seen[name]}. Réunissez les deux."
            yield marked.problem((*path, "nom"), message)
        seen[name] = marked.lines[path]
        yield from _kinds(marked, layer, path)
        yield from _thresholds(marked, layer, path, measures)
        yield from _systems(marked, layer, path)
        yield from _extent(marked, layer, path)
        yield from _columns(marked, layer, path)
        yield from _known_columns(marked, layer, path)
        yield from _clauses(marked, layer, path)
    for position, image in enumerate(data.get("images", [])):
        yield from _kinds(marked, image, ("images", position))
        yield from _epsg(marked, image.get("systeme"), ("images", position, "systeme"))
    yield from _files(marked, folder)


def _kinds(marked: Marked, data: Mapping, path: Path) -> Iterator[Problem]:
    named = [((*path, "niveaux", code), code) for code in data.get("niveaux", {})]
    named += [((*path, "ignorer", i), code) for i, code in enumerate(data.get("ignorer", []))]
    for where, code in named:
        if code not in KINDS:
            yield marked.problem(
                where, f"aucune anomalie n'a le code {quote(code)}.{close_match(code, KINDS)}"
            )


def _thresholds(
    marked: Marked, data: Mapping, path: Path, measures: Collection[str] | None
) -> Iterator[Problem]:
    for code in data.get("seuils", {}):
        if measures is not None and code not in measures:
            message = f"aucune mesure n'a le code {quote(code)}.{close_match(code, measures)}"
            yield marked.problem((*path, "seuils", code), message)


def _systems(marked: Marked, layer: Mapping, path: Path) -> Iterator[Problem]:
    for position, epsg in enumerate(layer.get("systemes", [])):
        yield from _epsg(marked, epsg, (*path, "systemes", position))


def _epsg(marked: Marked, epsg: int | None, path: Path) -> Iterator[Problem]:
    if epsg is None:
        return
    try:
        CRS.from_epsg(epsg)
    except CRSError:
        yield marked.problem(path, f"EPSG:{epsg} n'existe pas. Le Lambert-93 est 2154, le WGS 84 est 4326.")


def _extent(marked: Marked, layer: Mapping, path: Path) -> Iterator[Problem]:
    extent = layer.get("emprise")
    if extent is None:
        return
    path = (*path, "emprise")
    bounds = extent if isinstance(extent, list) else extent.get("bornes")
    if bounds is None:
        return
    system = None if isinstance(extent, list) else extent.get("systeme")
    yield from _epsg(marked, system, (*path, "systeme"))
    if not (bounds[0] < bounds[2] and bounds[1] < bounds[3]):
        yield marked.problem(path, "les bornes sont à l'envers. Leur ordre est xmin, ymin, xmax, ymax.")
    if system is None and "systemes" not in layer:
        message = "on ignore le système de ces bornes. Ajoutez « systemes » à la couche, ou « systeme » ici."
        yield marked.problem(path, message)


def _columns(marked: Marked, layer: Mapping, path: Path) -> Iterator[Problem]:
    for name, rule in layer.get("colonnes", {}).items():
        where = (*path, "colonnes", name)
        rule = rule or {}
        kind = rule.get("type")
        if "motif" in rule:
            yield from _pattern(marked, rule["motif"], kind, (*where, "motif"))
        if "longueur" in rule and "motif" not in rule:
            message = "la longueur complète un motif. Ajoutez « motif », par exemple '\\d{5}'."
            yield marked.problem((*where, "longueur"), message)
        if "valeurs" in rule:
            yield from _values(marked, rule["valeurs"], kind, (*where, "valeurs"))
        if "surface_en" in rule and kind not in _NUMBERS:
            message = "une surface est un nombre. Mettez «\u00a0type: décimal\u00a0»."
            yield marked.problem((*where, "surface_en"), message)
        yield from _bounds(marked, rule, kind, where)


def _pattern(marked: Marked, pattern: str, kind: str | None, path: Path) -> Iterator[Problem]:
    if kind not in _TEXTS:
        message = f"un motif ne s'applique pas au type {quote(kind)}. Mettez «\u00a0type: code\u00a0»."
        yield marked.problem(path, message)
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        at = getattr(error, "pos", None)
        where = "" if at is None else f", vers le signe {at + 1}"
        message = f"{quote(pattern)} n'est pas une expression régulière valable{where} ({error})."
        yield marked.problem(path, f"{message} Vérifiez parenthèses, crochets et barres obliques inverses.")


def _values(marked: Marked, values: list, kind: str | None, path: Path) -> Iterator[Problem]:
    if kind in ("décimal", "date", "booléen"):
        message = f"une liste ne s'applique pas au type {quote(kind)}. Retirez-la, ou changez le type."
        yield marked.problem(path, message)
        return
    for position, value in enumerate(values):
        where = (*path, position)
        if kind == "entier" and (isinstance(value, bool) or not isinstance(value, int)):
            yield marked.problem(where, f"{quote(value)} n'est pas un nombre entier.{_unquoted(value)}")
        elif kind != "entier":
            yield from _plain(marked, value, where)


def _unquoted(value: object) -> str:
    """What to say besides of a number that quotation marks make a text."""
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return ""
    return f" Ces guillemets en font un texte : écrivez {value}, sans guillemets."


def _plain(marked: Marked, value: object, path: Path, *, flags: bool = False) -> Iterator[Problem]:
    """A value that YAML did not keep as it is written: NO, 01, 13:30."""
    raw = marked.written.get(path, str(value))
    if flags and raw in ("true", "false"):
        return
    if str(value) != raw:
        read = {True: "vrai", False: "faux"}[value] if isinstance(value, bool) else value
        yield marked.problem(path, f"{quote(raw)} est lu par YAML comme {quote(read)}. {misread(raw)}")


def _bounds(marked: Marked, rule: Mapping, kind: str | None, path: Path) -> Iterator[Problem]:
    given = [key for key in ("min", "max") if key in rule]
    limits = []
    for key in given:
        value = rule[key]
        if kind in ("texte", "code", "booléen"):
            message = f"une borne ne s'applique pas au type {quote(kind)}. Prenez entier, décimal ou date."
            yield marked.problem((*path, key), message)
        elif isinstance(value, str) != (kind == "date"):
            wanted = "une date AAAA-MM-JJ" if kind == "date" else "un nombre, ou « type: date » pour une date"
            message = f"{quote(value)} ne convient pas\u00a0: il faut {wanted}.{_unquoted(value)}"
            yield marked.problem((*path, key), message)
        elif kind == "date" and pd.isna(pd.to_datetime(value, format="%Y-%m-%d", errors="coerce")):
            yield marked.problem((*path, key), f"{quote(value)} n'est pas une date AAAA-MM-JJ.")
        else:
            limits.append(value)
    if len(limits) == 2 and limits[0] > limits[1]:
        yield marked.problem((*path, "max"), f"le maximum ({limits[1]}) est sous le minimum ({limits[0]}).")


def _known_columns(marked: Marked, layer: Mapping, path: Path) -> Iterator[Problem]:
    """Columns that a rule names and that « colonnes » does not list."""
    if "colonnes" not in layer:
        return
    known = {name.lower() for name in layer["colonnes"]}
    named = [((*path, key), layer[key]) for key in ("cle",) if key in layer]
    for key in ("cle_naturelle", "reconnue_par"):
        named += [((*path, key, i), name) for i, name in enumerate(layer.get(key, []))]
    for key, inner in (("dependances", ("colonne", "determine")), ("references", ("colonne",))):
        for i, entry in enumerate(layer.get(key, [])):
            named += [((*path, key, i, part), entry[part]) for part in inner]
    for i, condition in enumerate(layer.get("conditions", [])):
        where = (*path, "conditions", i)
        named += [
            ((*where, part, "colonne"), condition[part]["colonne"])
            for part in ("si", "alors")
            if part in condition
        ]
        if "comparer" in condition:
            match = COMPARISON.fullmatch(condition["comparer"])
            named += [((*where, "comparer"), match[part]) for part in ("first", "second")]
    for where, name in named:
        if name.lower() not in known:
            advice = close_match(name, layer["colonnes"]) or " Ajoutez-la à « colonnes »."
            yield marked.problem(where, f"la colonne {quote(name)} n'est pas dans « colonnes ».{advice}")


def _clauses(marked: Marked, layer: Mapping, path: Path) -> Iterator[Problem]:
    for i, condition in enumerate(layer.get("conditions", [])):
        for part in ("si", "alors"):
            for key in ("vaut", "ne_vaut_pas"):
                value = condition.get(part, {}).get(key)
                where = (*path, "conditions", i, part, key)
                if isinstance(value, list):
                    for position, item in enumerate(value):
                        yield from _plain(marked, item, (*where, position), flags=True)
                elif value is not None:
                    yield from _plain(marked, value, where, flags=True)


def _files(marked: Marked, folder: File) -> Iterator[Problem]:
    for path, name in _paths(marked.data):
        wanted = folder / name
        if wanted.exists():
            continue
        parent = wanted.parent
        names = sorted(item.name for item in parent.iterdir()) if parent.is_dir() else []
        near = difflib.get_close_matches(wanted.name, names, n=1)
        advice = f"Ce dossier contient\u00a0: {some(names) or 'rien'}."
        if near:
            advice = f"Vouliez-vous dire {quote(near[0])}\u00a0?"
        elif not parent.is_dir():
            advice = f"Le dossier {quote(parent)} n'existe pas non plus."
        message = f"le fichier {quote(name)} n'existe pas (chemin compté depuis la fiche). {advice}"
        yield marked.problem(path, message)


def _paths(data: Mapping) -> Iterator[tuple[Path, str]]:
    """Every path of a file that a sheet names."""
    for position, layer in enumerate(data.get("couches", [])):
        for key in ("emprise", "reference"):
            if isinstance(layer.get(key), dict) and "fichier" in layer[key]:
                yield ("couches", position, key, "fichier"), layer[key]["fichier"]
        for i, reference in enumerate(layer.get("references", [])):
            if "fichier" in reference:
                yield ("couches", position, "references", i, "fichier"), reference["fichier"]
    for position, image in enumerate(data.get("images", [])):
        if "alignement" in image:
            yield ("images", position, "alignement"), image["alignement"]
