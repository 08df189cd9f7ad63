"""A report as JSON Lines: a header, then one anomaly a line, for any program that reads line by line.

`anomaly.schema.json`, beside this module, is the published form of every line.
"""

import json
import math
from collections.abc import Iterator
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from geoatelier.quality.outputs.places import has_place, in_degrees, points_of, system_code
from geoatelier.quality.outputs.rows import anomaly_rows, layer_rows, measure_rows, unread_rows, verdict_rows
from geoatelier.quality.report import Report
from geoatelier.safely import new_file

# Raised when a reader of the former form could be misled.
FORM = 1
_CHUNK = 5_000
# Line breaks for some readers, though not for JSON.
_BREAKS = ("\u2028", "\u2029", "\u0085")


def write_json_lines(report: Report, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a header with the verdict, the layers and the measures, then one line an anomaly.

    Each anomaly has its GeoJSON geometry in the system of the report, which the header names, and the
    longitude and latitude (WGS 84) of one of its points. Both are null where there is no place. Rows are
    written by packets, never all held as text.

    Raises
    ------
    UnwritableOutput
        See `new_file`.
    """
    with (
        new_file(path, overwrite=overwrite) as temporary,
        temporary.open("w", encoding="utf-8", newline="\n") as file,
    ):
        file.write(_line(_header(report)))
        file.writelines(_anomalies(report))
    return Path(path)


def schema() -> dict:
    """The JSON schema (draft 2020-12) that every line satisfies."""
    return json.loads(files(__package__).joinpath("anomaly.schema.json").read_text("utf-8"))


def _header(report: Report) -> dict[str, object]:
    return {
        "type": "controle",
        "forme": FORM,
        "geoatelier": version("geoatelier"),
        **_records(verdict_rows(report))[0],
        "systeme": system_code(report.anomalies),
        "anomalies": len(report.anomalies),
        "couches": _records(layer_rows(report)),
        "mesures": _records(measure_rows(report)),
        "fichiers_non_lus": _records(unread_rows(report)),
    }


def _anomalies(report: Report) -> Iterator[str]:
    table = anomaly_rows(report.anomalies)
    for start in range(0, len(table), _CHUNK):
        rows = table.iloc[start : start + _CHUNK]
        geometries = rows.geometry.to_numpy()
        placed = has_place(geometries)
        shapes = np.full(len(rows), "null", dtype=object)
        shapes[placed] = shapely.to_geojson(geometries[placed])
        degrees = in_degrees(points_of(geometries), report.anomalies.crs).round(7).tolist()
        records = _records(pd.DataFrame(rows.drop(columns="geometry")))
        for record, shape, (longitude, latitude) in zip(records, shapes, degrees, strict=True):
            line = {"type": "anomalie"} | record | {"lon": _known(longitude), "lat": _known(latitude)}
            # The geometry is text already: it is set in before the closing brace and the line end.
            yield f'{_line(line)[:-2]}, "geometrie": {shape}}}\n'


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    """Rows as plain Python values, null where a value is missing or not a finite number."""
    columns = {name: [_known(value) for value in table[name].tolist()] for name in table.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _known(value: object) -> object:
    if value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value


def _line(record: dict[str, object]) -> str:
    text = json.dumps(record, ensure_ascii=False, allow_nan=False)
    for character in _BREAKS:
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text + "\n"
