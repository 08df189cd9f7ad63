"""Is a sheet well formed? Its JSON schema, in French for people who have never seen YAML."""

import difflib
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path as File

from jsonschema import Draft202012Validator, ValidationError

from geoatelier.quality.sheets.errors import Path, Problem
from geoatelier.quality.sheets.marked import Marked
from geoatelier.quality.wording import number, quote, some

SCHEMA = File(__file__).with_name("sheet.schema.json")

_TYPES = {
    "string": "un texte",
    "number": "un nombre",
    "integer": "un nombre entier",
    "boolean": "true ou false",
    "array": "une liste [entre crochets]",
    "object": "des clés, à la ligne et en retrait",
}
# Said in place of what is only their consequence.
_WHOLE = ("anyOf", "oneOf", "required")


def schema_problems(marked: Marked) -> list[Problem]:
    """What in `marked` breaks the published schema of sheets."""
    errors = list(_validator().iter_errors(marked.data))
    explained = {tuple(error.absolute_path) for error in errors if error.validator not in _WHOLE}
    return [
        problem
        for error in errors
        if error.validator not in _WHOLE or tuple(error.absolute_path) not in explained
        for problem in _problems(error, marked)
    ]


def close_match(word: str, known: Iterable[str]) -> str:
    """« Vouliez-vous dire … », when a known word looks like `word`, else an empty text."""
    near = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f" Vouliez-vous dire {quote(near[0])}\u00a0?" if near else ""


def misread(raw: str) -> str:
    """How to write `raw` so that YAML takes it as a text."""
    quoted = '"' + raw.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"Mettez-le entre guillemets\u00a0: {quoted}."


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _problems(error: ValidationError, marked: Marked) -> Iterator[Problem]:
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = error.schema.get("properties", {})
        for key in error.instance:
            if key not in known:
                yield marked.problem((*path, key), _unknown_key(key, known))
    elif "messageErreur" in error.schema and error.validator in ("anyOf", "oneOf", "pattern"):
        yield marked.problem(path, error.schema["messageErreur"])
    elif error.validator == "type":
        yield marked.problem(path, _wrong_type(error, marked, path))
    else:
        yield marked.problem(path, _sentence(error))


def _unknown_key(key: str, known: Iterable[str]) -> str:
    return f"la clé {quote(key)} n'existe pas." + (
        close_match(key, known) or f" Clés possibles\u00a0: {some(known, 20)}."
    )


def _wrong_type(error: ValidationError, marked: Marked, path: Path) -> str:
    wanted = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
    value, raw = error.instance, marked.written.get(path)
    if value is None:
        return "il n'y a pas de valeur. Donnez-en une, ou retirez la clé."
    if raw is not None and "string" in wanted:
        return f"{_as_read(raw, value)} Il faut un texte. {misread(raw)}"
    what = " ou ".join(_TYPES[name] for name in wanted if name in _TYPES)
    if isinstance(value, str) and "boolean" in wanted and value.lower() in ("oui", "vrai", "non", "faux"):
        said = "true" if value.lower() in ("oui", "vrai") else "false"
        return f"{quote(value)} est lu comme un texte. Écrivez {said}."
    if isinstance(value, dict):
        return f"des clés sont données ici, il faut {what}."
    if isinstance(value, list):
        return f"une liste est donnée ici, il faut {what}."
    return f"{quote(value if raw is None else raw)} n'est pas ce qui est attendu\u00a0: il faut {what}."


def _as_read(raw: str, value: object) -> str:
    if isinstance(value, bool):
        return f"{quote(raw)} est lu par YAML comme {'« vrai »' if value else '« faux »'}."
    if ":" in raw:
        return f"{quote(raw)} est lu par YAML comme une durée, soit {number(float(value))} en base 60."
    if raw != str(value):
        return f"{quote(raw)} est lu par YAML comme le nombre {value}."
    return f"{quote(raw)} est lu par YAML comme un nombre."


def _sentence(error: ValidationError) -> str:
    value, limit = error.instance, error.validator_value
    if error.validator == "required":
        lacking = [key for key in limit if key not in value]
        return f"il manque {some(map(quote, lacking))}. Ajoutez cette clé."
    if error.validator == "enum":
        shown = ", ".join(map(str, limit))
        said = close_match(value, limit) if isinstance(value, str) else ""
        return f"{quote(value)} n'est pas admis.{said} Valeurs possibles\u00a0: {shown}."
    if error.validator in ("minimum", "exclusiveMinimum"):
        return f"{number(value, 6)} est trop petit\u00a0: il faut plus de {number(limit, 6)}."
    if error.validator in ("maximum", "exclusiveMaximum"):
        return f"{number(value, 6)} est trop grand\u00a0: il faut moins de {number(limit, 6)}."
    if error.validator in ("minItems", "maxItems"):
        return f"la liste a {len(value)} valeur(s). Il en faut {'au moins' if value == [] else ''} {limit}."
    if error.validator == "uniqueItems":
        return "une valeur de la liste vient deux fois. Gardez-en une."
    if error.validator == "pattern":
        return (
            f"{quote(value)} n'est pas un code\u00a0: minuscules sans accent, chiffres et tirets seulement."
        )
    return "il n'y a rien ici. Donnez une valeur, ou retirez la clé."
