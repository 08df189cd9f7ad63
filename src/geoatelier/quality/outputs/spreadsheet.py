"""The anomalies as a CSV that French spreadsheets open with a double click, and that runs nothing.

Values come from other people's files. One that starts as a formula would be computed when the file is opened
(CSV injection), so it is preceded by an apostrophe; so is one that starts with an apostrophe. To have the
values as they were, remove the first character of those that start with an apostrophe.

References
----------
RFC 4180. OWASP, CSV Injection, https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoatelier.quality.outputs.places import points_of, system_code
from geoatelier.quality.outputs.rows import anomaly_rows
from geoatelier.quality.report import Report
from geoatelier.safely import new_file

# What a spreadsheet takes for the start of a formula, in Asian full width too, and the apostrophe itself.
_RISKY = tuple("=+-@\t\r\n＝＋－＠'")
_NUMBERS = ("numero", "rang", "mesure_iso")


def write_csv(report: Report, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write one line an anomaly: `;`, decimal comma, UTF-8 with its mark, Windows line ends.

    `x` and `y` are those of a point of the anomaly, in the system that the column `systeme` names. Line
    breaks inside a value stay, between quotation marks.

    Raises
    ------
    UnwritableOutput
        See `new_file`.
    """
    anomalies = report.anomalies
    table = anomaly_rows(anomalies).drop(columns="geometry")
    columns = {name: _numbers(table[name]) if name in _NUMBERS else _texts(table[name]) for name in table}
    points = points_of(anomalies.geometry.to_numpy())
    digits = 7 if anomalies.crs is not None and anomalies.crs.is_geographic else 3
    columns |= {"x": _coordinates(points[:, 0], digits), "y": _coordinates(points[:, 1], digits)}
    system = neutralise(system_code(anomalies) or "")
    columns["systeme"] = [system if x else "" for x in columns["x"]]
    with (
        new_file(path, overwrite=overwrite) as temporary,
        temporary.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return Path(path)


def neutralise(text: str) -> str:
    """`text` as a spreadsheet shows it and does not compute it (see the top of this module)."""
    return f"'{text}" if text.startswith(_RISKY) else text


def _texts(values: pd.Series) -> list[str]:
    return [
        "" if missing else neutralise(str(value))
        for value, missing in zip(values, values.isna(), strict=True)
    ]


def _numbers(values: pd.Series) -> list[str]:
    return ["" if missing else str(value) for value, missing in zip(values, values.isna(), strict=True)]


def _coordinates(values: NDArray[np.float64], digits: int) -> list[str]:
    return [f"{value:.{digits}f}".replace(".", ",") if np.isfinite(value) else "" for value in values]
