"""The anomalies as compact columns of JSON, for the script of the report."""

import json
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoatelier.quality.kinds import KINDS, LEVELS
from geoatelier.quality.outputs.html_places import Places
from geoatelier.quality.outputs.html_wording import LEVEL_NAMES, shortened, typeset
from geoatelier.quality.report import Report

# What could end the element that holds the JSON, or a line of an old JavaScript, is written as an escape.
_DANGEROUS = re.compile("[<>&\u2028\u2029]")
# Two characters of the private use area: no text has a meaning for them.
_OBJECT, _PART = "\ue000", "\ue001"
_CHANGING = re.compile(rf"[^\s{_OBJECT}]*\d[^\s{_OBJECT}]*")
_SHORTEST_KEY = 3


def payload(report: Report, places: Places) -> dict[str, Any]:
    """What the script of the report needs: one list a column, rows in the order of `report.anomalies`.

    A column of texts is written as its distinct values and, for each row, the rank of its own (-1 for none).
    """
    anomalies = report.anomalies
    codes, which = np.unique(anomalies["code"].to_numpy(dtype=object), return_inverse=True)
    texts = {
        name: _texts(anomalies[column], correct)
        for name, column, correct in (
            ("layer", "couche", str),
            ("file", "fichier", str),
            ("object", "objet", shortened),
            ("related", "objet_lie", shortened),
            ("attribute", "attribut", shortened),
            ("value", "valeur", shortened),
        )
    }
    return {
        "levels": [{"code": level, "name": LEVEL_NAMES[level].singular} for level in LEVELS],
        "kinds": [{"title": KINDS[code].title, "prevents": KINDS[code].prevents} for code in codes],
        "level": anomalies["niveau"].map(LEVELS.index).tolist(),
        "kind": which.tolist(),
        "row": [None if pd.isna(row) else int(row) for row in anomalies["rang"]],
        **texts,
        "message": _messages(anomalies["message"], anomalies["objet"]),
        "map": _map(places, report),
    }


def to_json(data: object) -> str:
    """`data` as JSON that can stand inside a `<script>` element, whatever it holds."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _DANGEROUS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _texts(column: pd.Series, correct: Any) -> dict[str, list]:  # noqa: ANN401
    ranks, distinct = pd.factorize(column)
    return {"values": [correct(str(value)) for value in distinct], "of": ranks.tolist()}


def _messages(messages: pd.Series, objects: pd.Series) -> dict[str, list]:
    """Messages as a few patterns and what changes in them: most say the same thing of another object.

    In a pattern `_OBJECT` stands for the object of the row, and each `_PART` for one of its parts in turn.
    """
    found: dict[str, int] = {}
    of, parts = [], []
    for message, key in zip(messages.fillna(""), objects.fillna(""), strict=True):
        text = typeset(shortened(message)).replace(_OBJECT, "").replace(_PART, "")
        key = shortened(key)
        pattern = text.replace(key, _OBJECT) if len(key) > _SHORTEST_KEY else text
        parts.append(_PART.join(_CHANGING.findall(pattern)))
        of.append(found.setdefault(_CHANGING.sub(_PART, pattern), len(found)))
    return {"patterns": list(found), "of": of, "parts": parts}


def _map(places: Places, report: Report) -> dict[str, Any]:
    crs = report.anomalies.crs
    metric = crs is not None and not crs.is_geographic
    return {
        "geographic": places.geographic,
        "system": crs.name if crs is not None else None,
        "digits": places.digits,
        "view": places.view,
        "x": _numbers(places.points[:, 0], places.digits),
        "y": _numbers(places.points[:, 1], places.digits),
        # For people, in the system of the data; degrees are already above.
        "sourceX": _numbers(places.source_points[:, 0], 2) if metric else None,
        "sourceY": _numbers(places.source_points[:, 1], 2) if metric else None,
        "extents": [
            {"name": extent.name, "ring": extent.ring.round(places.digits).tolist()}
            for extent in places.extents
        ],
        "outlineOf": places.outline_of.tolist(),
        "outlines": _outlines(places.outlines, places.digits),
    }


def _numbers(values: NDArray[np.float64], digits: int) -> list[float | None]:
    return [value if value == value else None for value in values.round(digits).tolist()]


def _outlines(shapes: Sequence[shapely.Geometry], digits: int) -> list[list]:
    """For each shape: 1 if it has an inside, then its rings or lines as whole numbers.

    A ring is [x, y, dx, dy, dx, dy…] in units of 10^-digits: a vertex is a step from the one before.
    """
    shapes = np.asarray(shapes, dtype=object)
    encoded: list[list] = [[int(dimension == 2)] for dimension in shapely.get_dimensions(shapes).tolist()]
    members, owner = shapely.get_parts(shapes, return_index=True)
    parts, member = shapely.get_parts(members, return_index=True)
    owner = owner[member]
    polygons = shapely.get_dimensions(parts) == 2
    rings, ring_part = shapely.get_rings(parts[polygons], return_index=True)
    lines = shapely.get_dimensions(parts) == 1
    curves = np.concatenate([rings, parts[lines]])
    owners = np.concatenate([owner[polygons][ring_part], owner[lines]])
    coordinates, of = shapely.get_coordinates(curves, return_index=True)
    whole = np.rint(coordinates * 10.0**digits).astype(np.int64)
    steps = np.diff(whole, axis=0, prepend=0)
    starts = np.flatnonzero(np.diff(of, prepend=-1))
    steps[starts] = whole[starts]
    flat = steps.ravel().tolist()
    bounds = [*(2 * starts).tolist(), len(flat)]
    for shape, (start, end) in zip(owners.tolist(), pairwise(bounds), strict=True):
        encoded[shape].append(flat[start:end])
    return encoded
