"""A layer of up to a million parcels with planted defects, and the ledger of what was planted."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from numpy.typing import NDArray

SEED = 2154
PLANTED = 0.001  # share of the parcels that get a defect of each kind
_SIDE, _ROAD, _BLOCK = 100.0, 8.0, 10
_WEST, _SOUTH = 600_000.0, 6_400_000.0
# Defects are planted at fixed places of a block of 10 by 10 parcels, so that no two of them meet.
_INSIDE = (
    "auto-intersection", "chevauchement", "trou", "geometrie-absente", "valeur-absente",
    "doublon-geometrie", "sommet-repete", "pointe",
)  # fmt: skip
_CROPS = ("BTH", "MIS", "ORH", "CZH", "TRN", "VRC", "OLI", "PPH", "J6S")
_FIELDS = (
    pa.field("id_parcel", pa.string()),
    pa.field("surf_parc", pa.float64()),
    pa.field("code_cultu", pa.string()),
    pa.field("code_group", pa.int32()),
    pa.field("culture_d1", pa.string()),
    pa.field("code_insee", pa.string()),
    pa.field("exploitant", pa.string()),
    pa.field("date_releve", pa.date32()),
    pa.field("millesime", pa.int32()),
    pa.field("bio", pa.bool_()),
    pa.field("geometry", pa.binary()),
)


def write_layer(path: Path, n: int, seed: int = SEED) -> pd.DataFrame:
    """Write `n` parcels and their defects in a GeoPackage in Lambert-93, replacing the file.

    Parcels of 20 vertices share every edge, wiggly, with their neighbours; a road of 8 m goes round each
    block of 100. Each kind of defect is planted in one parcel in a thousand. Copies and slivers come on top
    of the `n`.

    Parameters
    ----------
    n : 1000 or more, for every kind to be planted

    Returns
    -------
    DataFrame of the planted defects: `code` (a key of `quality.KINDS`), `rang` (row in the file, from 0) and
    `autre` (row of the neighbour or of the original, -1 if there is none)
    """
    planted: list[pd.DataFrame] = []
    batches = pa.RecordBatchReader.from_batches(pa.schema(_FIELDS), _batches(n, seed, planted))
    path.unlink(missing_ok=True)
    pyogrio.write_arrow(
        batches,
        path,
        layer="parcelles",
        driver="GPKG",
        geometry_name="geometry",
        geometry_type="Polygon",
        crs="EPSG:2154",
    )
    return pd.concat(planted, ignore_index=True)


def _batches(n: int, seed: int, planted: list[pd.DataFrame]) -> Iterator[pa.RecordBatch]:
    """One batch a row of blocks; the ledger of each is added to `planted`."""
    width = max(round(np.sqrt(n) / _BLOCK), 1) * _BLOCK
    height = -(-n // width)
    corners = _SIDE * np.stack(np.meshgrid(np.arange(width + 1), np.arange(height + 1)), axis=-1)
    corners += np.random.default_rng([seed, 0]).uniform(-15, 15, corners.shape)
    places = _places(n, width, seed)
    row = 0
    for bottom in range(0, height, _BLOCK):
        top = min(bottom + _BLOCK, height)
        cells = np.arange(bottom * width, min(top * width, n))
        rings = _rings(corners, bottom, top, seed)[: len(cells)]
        here = {code: cells_of[np.isin(cells_of, cells)] - cells[0] for code, cells_of in places.items()}
        copies, slivers = here["doublon-geometrie"], here["micro-surface"]
        source = np.concatenate([np.arange(len(cells)), copies, slivers])
        table = _attributes(np.random.default_rng([seed, 3, bottom]), row, rings[source])
        table["code_cultu"][here["valeur-absente"]] = None
        shapes = np.concatenate([_damaged(rings, here), _copies(rings[copies]), _slivers(rings[slivers])])
        columns = [pa.array(table[field.name], field.type, from_pandas=True) for field in _FIELDS[:-1]]
        columns.append(pa.array(shapely.to_wkb(shapes), pa.binary()))
        planted.append(_ledger(here, row, len(cells), width))
        row += len(source)
        yield pa.record_batch(columns, schema=pa.schema(_FIELDS))


def _places(n: int, width: int, seed: int) -> dict[str, NDArray[np.int64]]:
    """The cells to damage, for each kind of defect."""
    column, line = np.arange(n) % width % _BLOCK, np.arange(n) // width % _BLOCK
    rng = np.random.default_rng([seed, 4])
    each = round(n * PLANTED)
    inside = rng.permutation(np.flatnonzero(np.isin(column, (2, 7)) & np.isin(line, (2, 7))))
    places = {code: np.sort(inside[i * each : (i + 1) * each]) for i, code in enumerate(_INSIDE)}
    for code, (at_column, at_line) in {"fente": (4, 0), "micro-surface": (9, 5)}.items():
        possible = np.flatnonzero((column == at_column) & (line == at_line))
        places[code] = np.sort(rng.permutation(possible)[:each])
    return places


def _rings(corners: NDArray[np.float64], bottom: int, top: int, seed: int) -> NDArray[np.float64]:
    """Outlines of shape (cells, 21, 2), counterclockwise from their lower left corner."""
    steps = np.linspace(0, 1, 6)[1:-1, None]

    def edges(start: NDArray[np.float64], end: NDArray[np.float64], *key: int) -> NDArray[np.float64]:
        wiggle = np.random.default_rng([seed, *key]).uniform(-4, 4, (len(start), 4, 2))
        return start[:, None] + steps * (end - start)[:, None] + wiggle

    bands = []
    for line in range(bottom, top):
        low, high = corners[line], corners[line + 1]
        floor = edges(low[:-1], low[1:], 1, line)
        ceiling = edges(high[:-1], high[1:], 1, line + 1)
        sides = edges(low, high, 2, line)
        up, down = [low[:-1, None], floor, low[1:, None], sides[1:]], [ceiling[:, ::-1], high[:-1, None]]
        outline = [*up, high[1:, None], *down, sides[:-1, ::-1], low[:-1, None]]
        block = np.column_stack([np.arange(len(floor)), np.full(len(floor), line)]) // _BLOCK
        bands.append(np.concatenate(outline, axis=1) + _ROAD * block[:, None])
    return np.round(np.concatenate(bands) + np.array([_WEST, _SOUTH]), 2)


def _damaged(rings: NDArray[np.float64], here: Mapping[str, NDArray[np.int64]]) -> NDArray[np.object_]:
    """The polygons of `rings`, some of them damaged."""
    rings = rings.copy()
    crossed = here["auto-intersection"]
    rings[crossed, 2:4] = rings[crossed, 3:1:-1] + (0, 20)
    rings[here["chevauchement"], 2:4] -= (0, 3)
    rings[here["trou"], 2:4] += (0, 4)
    for vertex in (0, 16, 17, 18, 19, 20):
        rings[here["fente"], vertex] += (1.5, 0)
    shapes = shapely.polygons(rings)
    repeated, spiked = rings[here["sommet-repete"]], rings[here["pointe"]]
    shapes[here["sommet-repete"]] = shapely.polygons(np.insert(repeated, 7, repeated[:, 7], axis=1))
    tip = np.stack([spiked[:, 2] + (0, 30), spiked[:, 2] + (0.4, 0)], axis=1)
    shapes[here["pointe"]] = shapely.polygons(np.concatenate([spiked[:, :3], tip, spiked[:, 3:]], axis=1))
    shapes[here["geometrie-absente"]] = None
    return shapes


def _copies(rings: NDArray[np.float64]) -> NDArray[np.object_]:
    """The same polygons, drawn from another vertex and the other way round."""
    return shapely.polygons(np.roll(rings[:, :-1], 7, axis=1)[:, ::-1])


def _slivers(rings: NDArray[np.float64]) -> NDArray[np.object_]:
    """Strips 0.3 m wide in the middle of the road east of each ring."""
    low, high = rings[:, 7], rings[:, 8]
    west, east = np.array([3.9, 0.0]), np.array([4.2, 0.0])
    corners = [low + west, low + east, high + east, high + west]
    return shapely.polygons(np.stack(corners, axis=1))


def _ledger(here: Mapping[str, NDArray[np.int64]], row: int, cells: int, width: int) -> pd.DataFrame:
    """What is planted in a batch that starts at `row` and has `cells` parcels before the added ones."""
    copies = len(here["doublon-geometrie"])
    tables = []
    for code, at in here.items():
        rows, other = row + at, np.full(len(at), -1)
        if code in ("chevauchement", "trou"):
            other = rows - width
        elif code == "fente":
            other = rows - 1
        elif code == "doublon-geometrie":
            rows, other = row + cells + np.arange(copies), rows
        elif code == "micro-surface":
            rows = row + cells + copies + np.arange(len(at))
        kind = "trou" if code == "fente" else code
        tables.append(pd.DataFrame({"code": kind, "rang": rows, "autre": other}))
    return pd.concat(tables, ignore_index=True)


def _attributes(rng: np.random.Generator, row: int, rings: NDArray[np.float64]) -> dict[str, NDArray]:
    n = len(rings)
    crop = rng.integers(0, len(_CROPS), n)
    x, y = np.moveaxis(rings - rings[:, :1], 2, 0)
    area = 0.5 * (x[:, :-1] * y[:, 1:] - x[:, 1:] * y[:, :-1]).sum(axis=1)
    days = rng.integers(0, 120, n).astype("timedelta64[D]")
    return {
        "id_parcel": np.char.mod("%08d", row + np.arange(n)).astype(object),
        "surf_parc": np.round(area / 10_000, 2),
        "code_cultu": np.array(_CROPS, dtype=object)[crop],
        "code_group": crop + 1,
        "culture_d1": np.where(rng.random(n) < 0.1, "MH5", None),
        "code_insee": np.char.mod("18%03d", rng.integers(1, 290, n)).astype(object),
        "exploitant": np.char.mod("EA%07d", rng.integers(0, 90_000, n)).astype(object),
        "date_releve": np.datetime64("2025-03-01") + days,
        "millesime": np.full(n, 2025),
        "bio": rng.random(n) < 0.1,
    }
