"""Kinds and values named in French, with the advice that fits the most frequent mix-ups."""

import collections.abc
import numbers
import types
import typing
from typing import Annotated, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

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
    collections.abc.Callable: "une fonction",
    types.NoneType: "None",
}


def wanted(kind: object) -> str:
    """Name a kind in French, with its article: « un GeoDataFrame », « une liste »."""
    origin = typing.get_origin(kind)
    if origin is Annotated:
        return wanted(typing.get_args(kind)[0])
    if origin in (typing.Union, types.UnionType):
        return join_words([wanted(each) for each in typing.get_args(kind)], last="ou")
    if origin is Literal:
        return f"l'une de ces valeurs : {choices_named(typing.get_args(kind))}"
    plain = origin or kind
    if _is_model(plain):
        return "un modèle de scikit-learn"
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
    for kind in (str, gpd.GeoDataFrame, pd.DataFrame, gpd.GeoSeries, pd.Series, np.ndarray):
        if isinstance(value, kind):
            return "est un texte" if kind is str else f"est {_WANTED[kind]}"
    if _is_model(type(value)):
        return "est un modèle de scikit-learn"
    for kind in (list, tuple, set, dict):
        if isinstance(value, kind):
            return f"est {_WANTED[kind]}"
    if callable(value):
        return "est une fonction"
    return f"est un objet `{type(value).__name__}`"


def _is_model(kind: object) -> bool:
    """Tell a class of models by what it offers: importing scikit-learn to know costs a second."""
    return isinstance(kind, type) and hasattr(kind, "get_params") and hasattr(kind, "set_params")


def advice(value: object, kind: object) -> str:
    """Say what to do when a value of one kind was given for another; an empty text if nothing helps."""
    number_wanted = kind in (float, int)
    if value is None:
        return "Une opération sur place (`inplace=True`, `.append`) ne rend rien : gardez l'objet modifié."
    if isinstance(value, type) and _is_model(kind):
        return f"Ajoutez les parenthèses : `{value.__name__}()`."
    if callable(value) and not isinstance(value, type) and not _is_model(kind):
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


def choices_named(choices: tuple) -> str:
    """Name the values to choose from: « `'oui'` ou `'non'` »."""
    return join_words([f"`{choice!r}`" for choice in choices], last="ou")


def shown(value: object) -> str:
    """Quote a short value, describe any other."""
    if isinstance(value, str | int | float) and len(str(value)) <= 40:
        return f"vaut `{value!r}`"
    return described(value)
