"""Rules written for a kind of layer, put on the layer at hand: its column names, and what can be guessed."""

import re
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from geoatelier.quality.profiles import (
    FRENCH_CODES,
    Clause,
    Code,
    Comparison,
    Condition,
    Profile,
)

_KEY_NAMES = re.compile(
    r"(cleabs|fid|gid|objectid|ogc_fid|id|idu|id_.+|identifiant|num_.+|.+_id)", re.IGNORECASE
)
_AREAS = (
    (r"surf_parc|surface_ha|surf_ha|superficie_cadastrale", 10_000.0),
    (r"contenance|surface_m2|surf_m2", 1.0),
)
Columns = Mapping[str, str]


def bound(rules: Profile, table: pd.DataFrame) -> Profile:
    """`rules` for the layer of attributes `table`: columns are found whatever their case.

    Rules on columns that the layer lacks are dropped, except that they are expected. What the rules leave
    unsaid is guessed from names: key, usual French codes, column that declares an area.
    """
    columns = {str(name).lower(): name for name in reversed(table.columns)}
    told = {name.lower() for name in (*rules.codes, *rules.domains)}
    told |= {rule.name.lower() for rule in rules.columns if rule.type not in (None, "texte", "code")}
    guessed = {name: code for name, code in _french_codes(columns).items() if name not in told}
    key = _here((rules.key,) if rules.key else (), columns)
    return replace(
        rules,
        key=key[0] if key else _guess_key(table),
        required=_here(rules.required, columns),
        codes=_keyed(rules.codes, columns) | {columns[name]: code for name, code in guessed.items()},
        domains=_keyed(rules.domains, columns),
        numbers=_here(rules.numbers, columns),
        declared_area=_declared_area(rules, columns),
        implied=tuple(pair for pair in (_here(pair, columns) for pair in rules.implied) if len(pair) == 2),
        natural_key=_here(rules.natural_key, columns),
        columns=tuple(
            replace(rule, name=columns.get(rule.name.lower(), rule.name)) for rule in rules.columns
        ),
        references=tuple(
            replace(reference, column=columns[reference.column.lower()])
            for reference in rules.references
            if reference.column.lower() in columns
        ),
        conditions=tuple(filter(None, (_condition(rule, columns) for rule in rules.conditions))),
    )


def _french_codes(columns: Columns) -> dict[str, Code]:
    return {
        name: Code(form, width)
        for pattern, form, width in FRENCH_CODES
        for name in columns
        if re.fullmatch(pattern, name)
    }


def _here(names: tuple[str, ...], columns: Columns) -> tuple[str, ...]:
    return tuple(columns[name.lower()] for name in names if name.lower() in columns)


def _keyed(rules: Mapping[str, object], columns: Columns) -> dict:
    return {columns[name.lower()]: rule for name, rule in rules.items() if name.lower() in columns}


def _condition(rule: Condition | Comparison, columns: Columns) -> Condition | Comparison | None:
    """The rule with the names of the layer, None when a column is not there."""
    if isinstance(rule, Comparison):
        pair = _here((rule.first, rule.second), columns)
        return replace(rule, first=pair[0], second=pair[1]) if len(pair) == 2 else None
    pair = _here((rule.when.column, rule.then.column), columns)
    if len(pair) < 2:
        return None
    return Condition(_clause(rule.when, pair[0]), _clause(rule.then, pair[1]))


def _clause(clause: Clause, name: str) -> Clause:
    return replace(clause, column=name)


def _declared_area(rules: Profile, columns: Columns) -> tuple[str, float] | None:
    if rules.declared_area and rules.declared_area[0].lower() in columns:
        return columns[rules.declared_area[0].lower()], rules.declared_area[1]
    for pattern, unit in _AREAS:
        for name in columns:
            if re.fullmatch(pattern, name):
                return columns[name], unit
    return None


def _guess_key(table: pd.DataFrame) -> str | None:
    """The first column named as a key whose values are nearly all different."""
    for name in table.columns[~table.columns.duplicated(keep=False)]:
        if _KEY_NAMES.fullmatch(str(name)) and len(table) and table[name].nunique() > 0.8 * len(table):
            return name
    return None
