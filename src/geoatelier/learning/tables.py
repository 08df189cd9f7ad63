"""Read a table of predictors, and refuse in French what no honest figure can be drawn from."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pandas import DataFrame

_NAMED = 3


def names_of(X: DataFrame | ArrayLike) -> list:
    """Names of the columns of a table; their ranks when it is an array of shape (n_samples, n_features)."""
    if isinstance(X, DataFrame):
        return list(X.columns)
    values = np.asarray(X)
    if values.ndim != 2:
        raise ValueError(
            f"Il faut une table, une ligne par exemple et une colonne par variable ; ce tableau a "
            f"{values.ndim} dimension(s)."
        )
    return list(range(values.shape[1]))


def numbers_of(X: DataFrame | ArrayLike, names: Sequence) -> NDArray[np.float64]:
    """Values of the named columns of a table, in that order, complete and finite.

    Parameters
    ----------
    X : table that holds at least these columns, in any order; or array of as many columns
    names : as `names_of` gave them for the table that was learnt from

    Raises
    ------
    ValueError
        If a column is missing, is not a number, or holds NaN or an infinite value.
    """
    found = names_of(X)
    if isinstance(X, DataFrame):
        missing = [name for name in names if name not in found]
        if missing:
            raise ValueError(
                f"Il manque {_some(missing)} : la table n'a pas les colonnes de celle qui a servi à "
                "l'ajustement. Donnez les mêmes variables."
            )
        X = X[list(names)]
    elif len(found) != len(names):
        raise ValueError(
            f"La table a {len(found)} colonnes ; celle qui a servi à l'ajustement en avait {len(names)}. "
            "Donnez les mêmes variables, dans le même ordre."
        )
    try:
        values = np.asarray(X, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(
            "Une colonne ne contient pas que des nombres. Retirez-la, ou codez-la en nombres."
        ) from None
    holes = ~np.isfinite(values)
    if holes.any():
        where = [name for name, hole in zip(names, holes.any(axis=0), strict=True) if hole]
        raise ValueError(
            f"{int(holes.any(axis=1).sum())} ligne(s) ont une valeur manquante ou infinie, dans "
            f"{_some(where)}. Une distance à une valeur inconnue n'existe pas : retirez ces lignes ou ces "
            "colonnes, ou remplissez-les comme pour l'entraînement."
        )
    return values


def one_a_row(values: ArrayLike, count: int, name: str) -> NDArray:
    """Values as an array of one known value a row.

    Raises
    ------
    ValueError
        If there are not `count` values, or if one is missing.
    """
    array = np.asarray(values)
    if array.shape != (count,):
        raise ValueError(f"{name} : il faut une valeur par ligne, soit {count} ; il y en a {array.size}.")
    if pd.isna(array).any():
        raise ValueError(f"{name} : {int(pd.isna(array).sum())} valeur(s) manquante(s). Complétez-les.")
    return array


def outcomes(correct: ArrayLike, confidence: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Whether each answer was right, and how sure the model was of it, once both are checked.

    Parameters
    ----------
    correct : array of shape (n_samples,), booleans, or 0 and 1
    confidence : array of shape (n_samples,), probability that the model gave to its answer, in [0, 1]

    Raises
    ------
    ValueError
        If both are empty, of different lengths, incomplete, or out of their domain.
    """
    right = np.asarray(correct)
    right = one_a_row(right, right.size, "Réponses justes")
    sure = one_a_row(confidence, right.size, "Confiances").astype(np.float64)
    if right.size == 0:
        raise ValueError("Il n'y a aucune réponse à juger.")
    if not np.isin(right, (0, 1)).all():
        raise ValueError("Chaque réponse est juste ou fausse : donnez des booléens, ou des 0 et des 1.")
    if sure.min() < 0 or sure.max() > 1:
        raise ValueError(
            f"Une confiance va de 0 à 1 ; celles-ci vont de {_french(sure.min())} à {_french(sure.max())}."
        )
    return right.astype(bool), sure


def _some(names: Iterable) -> str:
    names = [f"« {name} »" for name in names]
    more = f" et {len(names) - _NAMED} autre(s)" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _french(value: float) -> str:
    return f"{value:g}".replace(".", ",")
