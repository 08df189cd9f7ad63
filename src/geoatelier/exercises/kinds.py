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
from sklearn.base import BaseEstimator

from geoatelier.exercises.french import join_words

_WANTED = {
    gpd.GeoDataFrame: "un GeoDataFrame",
    gpd.GeoSeries: "une GeoSeries (une colonne de géométries)",
    pd.DataFrame: "un DataFrame",
    pd.Series: "une Series (une colonne)",
    np.ndarray: "un tableau numpy",
    float: "un nombre",
    int: "un nombre entier",
    bool: "`True` ou `False`",
    str: "un texte entre guillemets",
    list: "une liste",
    tuple: "un tuple",
    set: "un ensemble (set)",
    dict: "un dictionnaire",
    BaseEstimator: "un modèle de scikit-learn",
    collections.abc.Callable: "une fonction",
    types.NoneType: "None",
}


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


def wanted(kind: object) -> str:
    """Name a kind in French, with its article: « un GeoDataFrame », « une liste »."""
    origin = typing.get_origin(kind)
    if origin is Annotated:
        return wanted(typing.get_args(kind)[0])
    if origin in (typing.Union, types.UnionType):
        return join_words([wanted(each) for each in typing.get_args(kind)], last="ou")
    if origin is Literal:
        return f"l'une de ces valeurs : {_choices(typing.get_args(kind))}"
    plain = origin or kind
    return _WANTED.get(plain) or f"un objet `{getattr(plain, '__name__', plain)}`"


def described(value: object) -> str:
    """Say in French what a value is, to complete « `name` … »: « est une liste », « vaut None »."""
    if value is None:
        return "vaut `None`, c'est-à-dire rien"
    if value is pd.NA or value is pd.NaT:
        return "est une valeur manquante"
    if isinstance(value, bool | np.bool_):
        return f"vaut `{bool(value)}`"
    if isinstance(value, numbers.Number):
        return "est un nombre"
    if isinstance(value, type):
        return f"est la classe `{value.__name__}` elle-même"
    for kind in (str, gpd.GeoDataFrame, pd.DataFrame, gpd.GeoSeries, pd.Series, np.ndarray, BaseEstimator):
        if isinstance(value, kind):
            return "est un texte" if kind is str else f"est {_WANTED[kind]}"
    for kind in (list, tuple, set, dict):
        if isinstance(value, kind):
            return f"est {_WANTED[kind]}"
    if callable(value):
        return "est une fonction"
    return f"est un objet `{type(value).__name__}`"


def _refusal(value: object, kind: object) -> KindError:
    advice = _advice(value, kind)
    return KindError(f"{described(value)} ; il faut {wanted(kind)}.{f' {advice}' if advice else ''}")


def _require(value: object, accepted: bool, kind: object) -> object:
    if not accepted:
        raise _refusal(value, kind)
    return value


def _advice(value: object, kind: object) -> str:
    number_wanted = kind in (float, int)
    if value is None:
        return "Une opération sur place (`inplace=True`, `.append`) ne rend rien : gardez l'objet modifié."
    if isinstance(value, type) and kind is BaseEstimator:
        return f"Ajoutez les parenthèses : `{value.__name__}()`."
    if callable(value) and not isinstance(value, type) and kind is not BaseEstimator:
        return "Il manque peut-être les parenthèses qui l'appellent."
    if number_wanted and isinstance(value, str):
        return "Un nombre s'écrit sans guillemets, avec un point pour la virgule : `4.2`."
    if number_wanted and isinstance(value, tuple) and len(value) == 2:
        return "En Python, la virgule sépare deux valeurs : écrivez `4.2` et non `4,2`."
    if number_wanted and isinstance(value, pd.Series | np.ndarray | list):
        return "Résumez en une valeur (`.sum()`, `.median()`, `len(…)`) ou prenez un élément."
    if kind is gpd.GeoDataFrame and isinstance(value, gpd.GeoSeries | pd.Series):
        return "Vous avez gardé une seule colonne : gardez tout le tableau."
    if kind is gpd.GeoDataFrame and isinstance(value, pd.DataFrame):
        return (
            "La géométrie s'est perdue en route : une jointure attributaire part de la couche géographique."
        )
    if kind is pd.DataFrame and isinstance(value, pd.Series):
        return "Vous avez gardé une seule colonne : gardez tout le tableau."
    if kind is pd.Series and isinstance(value, pd.DataFrame):
        return 'Choisissez une colonne : `tableau["colonne"]`.'
    return ""


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
    raise KindError(f"{_shown(value)} ; il faut l'une de ces valeurs : {_choices(choices)}.")


def _choices(choices: tuple) -> str:
    return join_words([f"`{choice!r}`" for choice in choices], last="ou")


def _shown(value: object) -> str:
    """Quote a short value, describe any other."""
    if isinstance(value, str | int | float) and len(str(value)) <= 40:
        return f"vaut `{value!r}`"
    return described(value)


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
