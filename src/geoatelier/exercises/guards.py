"""Guards that a check declares or calls: columns, coordinate system, emptiness, length.

A check declares them in its annotations, and they run before it::

    def s1_2(adresses_l93: Annotated[GeoDataFrame, needs(columns=["id"], crs=2154)]) -> Outcome: ...

or calls them, when it wants its own message to come first.
"""

from collections.abc import Sequence, Sized
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pyproj import CRS

from geoatelier.exercises.french import count, join_words, listing, number
from geoatelier.exercises.outcome import Outcome, revise

_CONTAINERS = (pd.DataFrame, pd.Series, pd.Index, np.ndarray, list, tuple, dict, set, frozenset)


@dataclass(frozen=True)
class Needs:
    """What an answer must have before its check reads it; made by `needs`."""

    columns: tuple[str, ...] = ()
    crs: int | str | None = None
    may_be_empty: bool = False
    length: int | None = None


def needs(
    *,
    columns: Sequence[str] = (),
    crs: int | str | None = None,
    may_be_empty: bool = False,
    length: int | None = None,
) -> Needs:
    """Declare, inside `Annotated`, what an answer must have before its check reads it.

    Parameters
    ----------
    columns : sequence of str
        Columns that the frame must have.
    crs : int or str, optional
        The coordinate system that the layer must have, as pyproj understands it (2154 for Lambert-93).
    may_be_empty : bool
        An empty answer is refused unless this is true.
    length : int, optional
        Number of rows or items that the answer must have.
    """
    return Needs(tuple(columns), crs, may_be_empty, length)


def missing_columns(name: str, frame: pd.DataFrame, columns: Sequence[str]) -> Outcome | None:
    """Answer « à revoir » if columns are missing from the frame, None if all are there."""
    missing = [column for column in columns if column not in frame.columns]
    if not missing:
        return None
    noun = "la colonne" if len(missing) == 1 else "les colonnes"
    return revise(
        f"Il manque à `{name}` {noun} {join_words([f'`{column}`' for column in missing])}. "
        f"Ses colonnes sont : {listing(frame.columns, limit=8)}."
    )


def empty(name: str, values: Sized) -> Outcome | None:
    """Answer « à revoir » if there is nothing in the frame, list or array, None otherwise."""
    if _length(values):
        return None
    if isinstance(values, pd.DataFrame):
        return revise(
            f"`{name}` ne contient aucune ligne. Un filtre ou une jointure a tout écarté : "
            "affichez le tableau avant et après chaque étape."
        )
    return revise(f"`{name}` est vide. Affichez ce qui devait le remplir.")


def other_crs(name: str, layer: object, crs: int | str) -> Outcome | None:
    """Answer « à revoir » if a layer has no coordinate system, or another one than `crs`."""
    wanted, found = CRS.from_user_input(crs), layer.crs
    if found is None:
        return revise(
            f"`{name}` n'a pas de système de coordonnées : `{name}.crs` vaut `None`. "
            f"Il faut {_crs_name(wanted)}."
        )
    if found == wanted or (wanted.to_epsg() is not None and found.to_epsg() == wanted.to_epsg()):
        return None
    return revise(
        f"`{name}` est en {_crs_name(found)} ; il faut {_crs_name(wanted)}. "
        "`to_crs` recalcule les coordonnées."
    )


def other_length(name: str, values: Sized, length: int) -> Outcome | None:
    """Answer « à revoir » if the answer does not have the length that is wanted, None otherwise."""
    found = _length(values)
    if found == length:
        return None
    noun = "ligne" if isinstance(values, pd.DataFrame) else "élément"
    return revise(f"`{name}` compte {count(found, noun)} ; il en faut {number(length)}.")


def unmet(name: str, value: object, wanted: Needs) -> Outcome | None:
    """Run the declared guards in turn and give the first that answers, None if all are met."""
    if wanted.columns and isinstance(value, pd.DataFrame):
        found = missing_columns(name, value, wanted.columns)
        if found:
            return found
    if isinstance(value, _CONTAINERS) and not wanted.may_be_empty and (found := empty(name, value)):
        return found
    if isinstance(value, str) and not wanted.may_be_empty and not value.strip():
        return revise(f"`{name}` est un texte vide.")
    if wanted.crs is not None and hasattr(value, "crs") and (found := other_crs(name, value, wanted.crs)):
        return found
    if wanted.length is not None and isinstance(value, _CONTAINERS):
        return other_length(name, value, wanted.length)
    return None


def _length(values: Sized) -> int:
    return values.shape[0] if isinstance(values, np.ndarray) and values.ndim else len(values)


def _crs_name(crs: CRS) -> str:
    code = crs.to_epsg()
    return f"{crs.name} (EPSG:{code})" if code else crs.name
