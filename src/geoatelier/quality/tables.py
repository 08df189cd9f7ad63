"""Read a CSV as offices send them: `;` or `,`, UTF-8 or Windows, decimal commas, codes kept as text."""

import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoatelier.quality.profiles import FRENCH_CODES

_NUMBER = r"[+-]?\d+(?:[.,]\d+)?"
_ZERO_LED = r"0\d.*"
_PAIRS = (
    ("x", "y"), ("x_l93", "y_l93"), ("x_mesure", "y_mesure"), ("coord_x", "coord_y"), ("coordx", "coordy"),
    ("x_coord", "y_coord"), ("easting", "northing"),
    ("lon", "lat"), ("longitude", "latitude"), ("lng", "lat"), ("long", "lat"),
)  # fmt: skip
_DEGREES = ("lon", "longitude", "lng", "long")
_ROWS = 100_000
_SAMPLE = 2**20  # bytes

# Where Lambert-93 coordinates of metropolitan France fall, in metres: xmin, ymin, xmax, ymax.
LAMBERT_93 = (0, 6_000_000, 1_300_000, 7_200_000)


_AS_WRITTEN = {"dtype": "str", "keep_default_na": False, "na_values": [""], "index_col": False}


@dataclass(frozen=True)
class Table:
    """A table with its coordinates.

    Parameters
    ----------
    frame : its rows; the geometry is empty where a coordinate is missing
    x, y : columns that gave the coordinates, None when there are none
    odd_decimals : for a column of numbers, the rows that do not write decimals as the others do
    """

    frame: gpd.GeoDataFrame
    x: str | None
    y: str | None
    odd_decimals: dict[str, NDArray[np.int64]]


def read_table(data: bytes) -> Table:
    """The table that a CSV file holds, its points made from its coordinate columns.

    Codes keep their leading zeros. The CRS is supposed from the values: WGS 84 where they are degrees,
    Lambert-93 where they fall in metropolitan France, none otherwise.

    Raises
    ------
    pandas.errors.ParserError
        If a line has more fields than the header.
    """
    text = data.decode(_encoding(data), errors="replace")
    return _table(pd.read_csv(io.StringIO(text), sep=_separator(text), **_AS_WRITTEN))


def table_batches(path: Path, rows: int = _ROWS) -> Iterator[Table]:
    """The table of a large CSV file, `rows` lines at a time, as `read_table` would give it."""
    encoding = _encoding_of_file(path)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        separator = _separator(file.read(_SAMPLE))
    for raw in pd.read_csv(
        path, sep=separator, encoding=encoding, encoding_errors="replace", chunksize=rows, **_AS_WRITTEN
    ):
        yield _table(raw.reset_index(drop=True))


def _table(raw: pd.DataFrame) -> Table:
    raw.columns = _distinct(raw.columns.str.strip())
    table = pd.DataFrame({name: _typed(raw[name]) for name in raw.columns})
    odd = {name: _odd_decimals(raw[name]) for name in table.select_dtypes("number").columns}
    odd = {name: rows for name, rows in odd.items() if len(rows)}
    x, y = coordinate_columns(table)
    if x is None or y is None:
        return Table(_placed(table, [None] * len(table), None), None, None, odd)
    east, north = _numbers(raw[x]), _numbers(raw[y])
    points = gpd.points_from_xy(east, north)
    points[~(np.isfinite(east) & np.isfinite(north))] = None
    return Table(_placed(table, points, _supposed_crs(x, east, north)), x, y, odd)


def _distinct(names: Iterable[str]) -> list[str]:
    """Names of columns, a number added to those that came before."""
    kept: dict[str, None] = {}
    for name in names:
        again = (f"{name}.{rank}" for rank in itertools.count(1))
        kept[name if name not in kept else next(other for other in again if other not in kept)] = None
    return list(kept)


def _placed(table: pd.DataFrame, points: Sequence, crs: str | None) -> gpd.GeoDataFrame:
    """The table with its points, in a column that takes the place of none."""
    *_, name = _distinct([*table.columns, "geometry"])
    column = gpd.GeoSeries(points, index=table.index, crs=crs)
    return gpd.GeoDataFrame(table.assign(**{name: column}), geometry=name)


def coordinate_columns(table: pd.DataFrame) -> tuple[str | None, str | None]:
    """Names of the columns that hold x and y, whatever their case; (None, None) when there are none."""
    columns = {str(name).strip().lower(): name for name in table.columns}
    for x, y in _PAIRS:
        if x in columns and y in columns:
            return columns[x], columns[y]
    return None, None


def _encoding(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def _encoding_of_file(path: Path) -> str:
    """As `_encoding`, in constant memory."""
    with path.open("rb") as file:
        if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-16"
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            with path.open(encoding=encoding, newline="") as file:
                while file.read(_SAMPLE):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def _separator(text: str) -> str:
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max((";", "\t", ",", "|"), key=header.count)


def _typed(values: pd.Series) -> pd.Series:
    """The column as numbers where all its values are numbers and none is a code."""
    stripped = values.str.strip()
    given = stripped.dropna()
    named_as_code = any(re.fullmatch(form, str(values.name).lower()) for form, _, _ in FRENCH_CODES)
    if named_as_code or given.empty or not given.str.fullmatch(_NUMBER).all():
        return values
    if given.str.fullmatch(_ZERO_LED).any() and not given.str.contains("[.,]").any():
        return values
    numbers = _numbers(stripped)
    # A number with more digits than double precision can hold would be lost: it stays as it was written.
    return numbers if np.isfinite(numbers[given.index].to_numpy(dtype=float)).all() else values


def _odd_decimals(written: pd.Series) -> NDArray[np.int64]:
    """Rows whose decimal sign is not that of most others."""
    comma = written.str.contains(",", regex=False, na=False).to_numpy(dtype=bool)
    point = written.str.contains(".", regex=False, na=False).to_numpy(dtype=bool)
    return np.flatnonzero(point if comma.sum() >= point.sum() else comma)


def _numbers(values: pd.Series) -> pd.Series:
    return pd.to_numeric(values.str.strip().str.replace(",", "."), errors="coerce")


def _supposed_crs(x: str, east: pd.Series, north: pd.Series) -> str | None:
    xmin, ymin, xmax, ymax = LAMBERT_93
    middle_x, middle_y = east.median(), north.median()
    if abs(middle_x) <= 180 and abs(middle_y) <= 90:
        return "EPSG:4326"
    if x.lower() not in _DEGREES and xmin <= middle_x <= xmax and ymin <= middle_y <= ymax:
        return "EPSG:2154"
    return None
