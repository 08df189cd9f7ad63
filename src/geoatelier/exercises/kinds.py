"""Whether an answer is of the kind that its check reads, told in French when it is not."""

import collections.abc
import math
import numbers
import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from geoatelier.exercises.french import join_words
from geoatelier.exercises.kind_names import advice, choices_named, described, shown, wanted


class KindError(ValueError):
    """The answer is not of the kind that is wanted; the message completes « `name` … »."""


def fit(value: object, kind: object) -> object:
    """Give the answer as the check reads it, or say why it cannot.

    A numpy scalar becomes a Python number; an array, a Series, a tuple or a set becomes a list where one is
    wanted: what does not matter to the learner does not matter to the check.

    Parameters
    ----------
    value : object
        The answer, anything at all.
    kind : type or typing construct
        The annotation of the check's parameter.

    Raises
    ------
    KindError
        If the answer is of another kind, or is a number that is not one (NaN, infinite).
    """
    origin = typing.get_origin(kind)
    if origin is Annotated:
        return fit(value, typing.get_args(kind)[0])
    if kind in (Any, object):
        return value
    if origin in (typing.Union, types.UnionType):
        return _fit_union(value, typing.get_args(kind))
    if origin is Literal:
        return _fit_choice(value, typing.get_args(kind))
    plain = origin or kind
    if plain is float:
        return _fit_number(value)
    if plain is int:
        return _fit_integer(value)
    if plain is bool:
        return _fit_bool(value)
    if plain is list:
        return _fit_list(value, typing.get_args(kind))
    if plain is np.ndarray:
        return _fit_array(value)
    if plain is dict:
        return _fit_mapping(value, typing.get_args(kind))
    if plain is collections.abc.Callable:
        return _require(value, callable(value), plain)
    if plain is gpd.GeoDataFrame:
        return _fit_layer(value)
    return _require(value, isinstance(value, plain), plain)


def _refusal(value: object, kind: object) -> KindError:
    more = advice(value, kind)
    return KindError(f"{described(value)} ; il faut {wanted(kind)}.{f' {more}' if more else ''}")


def _require(value: object, accepted: bool, kind: object) -> object:
    if not accepted:
        raise _refusal(value, kind)
    return value


def _fit_number(value: object) -> float:
    if value is pd.NA or value is pd.NaT:
        raise KindError(_missing_number())
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise _refusal(value, float)
    try:
        result = float(value)
    except OverflowError:
        raise KindError("est un nombre trop grand pour être lu.") from None
    if math.isnan(result):
        raise KindError(_missing_number())
    if math.isinf(result):
        raise KindError("vaut l'infini : une division par zéro s'est glissée dans le calcul.")
    return result


def _missing_number() -> str:
    return "vaut NaN : une valeur manquante s'est glissée dans le calcul. Cherchez-la avec `.isna().sum()`."


def _fit_integer(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real | np.ndarray):
        raise _refusal(value, int)
    result = _fit_number(value)
    if not result.is_integer():
        raise KindError(f"vaut {f'{result:g}'.replace('.', ',')} ; il faut un nombre entier.")
    return int(result)


def _fit_bool(value: object) -> bool:
    return bool(_require(value, isinstance(value, bool | np.bool_), bool))


def _fit_list(value: object, item_kind: tuple) -> list:
    if isinstance(value, np.ndarray) and value.ndim == 1:
        value = value.tolist()
    elif isinstance(value, tuple | set | frozenset | pd.Series | pd.Index):
        value = list(value)
    items = list(_require(value, isinstance(value, list), list))
    if not item_kind:
        return items
    for rank, item in enumerate(items, start=1):
        try:
            items[rank - 1] = fit(item, item_kind[0])
        except KindError as problem:
            raise KindError(f"contient un élément qui ne convient pas : le n° {rank} {problem}") from None
    return items


def _fit_array(value: object) -> np.ndarray:
    if isinstance(value, pd.Series | pd.Index | pd.DataFrame):
        return value.to_numpy()
    if (
        isinstance(value, list)
        and value
        and all(isinstance(item, numbers.Number | np.generic) for item in value)
    ):
        return np.asarray(value)
    return _require(value, isinstance(value, np.ndarray), np.ndarray)


def _fit_mapping(value: object, kinds: tuple) -> dict:
    if isinstance(value, pd.Series):
        value = value.to_dict()
    result = dict(_require(value, isinstance(value, Mapping), dict))
    if not kinds:
        return result
    fitted = {}
    for key, item in result.items():
        try:
            fitted[fit(key, kinds[0])] = fit(item, kinds[1])
        except KindError as problem:
            raise KindError(f"contient une entrée qui ne convient pas : celle de `{key}` {problem}") from None
    return fitted


def _fit_layer(value: object) -> gpd.GeoDataFrame:
    _require(value, isinstance(value, gpd.GeoDataFrame), gpd.GeoDataFrame)
    if value.active_geometry_name is None or value.active_geometry_name not in value.columns:
        raise KindError("n'a plus de colonne de géométrie active. `set_geometry` en désigne une.")
    return value


def _fit_choice(value: object, choices: tuple) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        for choice in choices:
            if isinstance(choice, str) and value.strip().casefold() == choice.casefold():
                return choice
    for choice in choices:
        if type(choice) is type(value) and choice == value:
            return choice
    raise KindError(f"{shown(value)} ; il faut l'une de ces valeurs : {choices_named(choices)}.")


def _fit_union(value: object, kinds: tuple) -> object:
    for kind in kinds:
        try:
            return fit(value, kind)
        except KindError as problem:
            refused = problem
            if isinstance(value, float) and kind is float:
                raise  # « vaut NaN » says more than the list of the kinds
    names = join_words([wanted(kind) for kind in kinds], last="ou")
    raise KindError(f"{described(value)} ; il faut {names}.") from refused
