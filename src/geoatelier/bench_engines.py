"""What several engines say of polygons: which are invalid, which share ground, and how much of it."""

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from geoatelier.exercises.french import number
from geoatelier.quality import find_overlaps
from geoatelier.quality.geometry import invalid_geometries
from geoatelier.quality.layer import Layer

LEAST_SHARED = 0.001  # m²; a pair that shares less is not told
_OUT_OF_ORDER = 0.001  # m² that an outline may seem to cover twice, its crossings being rounded
_PER_METRE = 1e6  # Clipper computes on whole numbers: micrometres
_BOXES = "CREATE VIRTUAL TABLE box USING rtree(id, west, east, south, north)"
_NEAR = """SELECT a.id AS one, b.id AS other FROM box a JOIN box b
    ON b.west <= a.east AND b.east >= a.west AND b.south <= a.north AND b.north >= a.south AND b.id > a.id"""
_SPATIALITE = f"""
CREATE TABLE version AS SELECT spatialite_version() || ', GEOS ' || rtrim(substr(geos_version(), 1, 6), '-');
CREATE TABLE shape AS SELECT id, GeomFromWKB(wkb) AS drawn FROM given;
CREATE TABLE invalid AS SELECT id, coalesce(ST_IsValidReason(drawn), 'illisible') AS reason
    FROM shape WHERE ST_IsValid(drawn) IS NOT 1;
UPDATE shape SET drawn = ST_MakeValid(drawn) WHERE id IN (SELECT id FROM invalid);
{_BOXES};
INSERT INTO box SELECT id, MbrMinX(drawn), MbrMaxX(drawn), MbrMinY(drawn), MbrMaxY(drawn)
    FROM shape WHERE drawn IS NOT NULL;
CREATE TABLE near AS {_NEAR};
CREATE TABLE shared AS SELECT one, other, ST_Area(ST_Intersection(a.drawn, b.drawn)) AS area
    FROM near JOIN shape a ON a.id = one JOIN shape b ON b.id = other;
"""


class EngineUnavailableError(RuntimeError):
    """An engine is not installed, or stopped; the message says in French what to do."""


@dataclass(frozen=True)
class Verdict:
    """What an engine says of the polygons of a layer.

    Parameters
    ----------
    engine, version : its name, what it is built of
    invalid : row of each invalid polygon, to the reason
    shared : rows of two polygons, the lower first, to the area that they have in common, in m²
    areas_only : True when it finds invalid only what covers ground twice or the wrong way round, so that an
        outline that touches itself or goes back on its steps is out of its reach
    """

    engine: str
    version: str = ""
    invalid: Mapping[int, str] = field(default_factory=dict)
    shared: Mapping[tuple[int, int], float] = field(default_factory=dict)
    areas_only: bool = False


Engine = Callable[[Layer], Verdict]
Rings = list[list[list[int]]]


def geoatelier(layer: Layer) -> Verdict:
    """What our own controls say, on the GEOS of shapely."""
    told = invalid_geometries(layer).drop_duplicates("rang")
    found = find_overlaps(layer.geometries, LEAST_SHARED)
    pairs = zip(found.first.tolist(), found.second.tolist(), strict=True)
    return Verdict(
        "GéoAtelier",
        f"GEOS {shapely.geos_version_string}",
        dict(zip(told["rang"].astype(int).tolist(), told["valeur"], strict=True)),
        dict(zip(pairs, found.area.tolist(), strict=True)),
    )


def spatialite(layer: Layer) -> Verdict:
    """What SpatiaLite says, on the GEOS that it was built with; it repairs invalid polygons with RTTOPO.

    Raises
    ------
    EngineUnavailableError
        If there is no `spatialite` command, or if it refuses what it is asked.
    """
    command = shutil.which("spatialite")
    if command is None:
        raise EngineUnavailableError(
            "SpatiaLite n'est pas installé. Sous Debian ou Ubuntu\u00a0: sudo apt install spatialite-bin"
        )
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "surfaces.sqlite"
        with closing(sqlite3.connect(database)) as connection, connection:
            rows = np.flatnonzero(layer.polygonal)
            shapes = zip(
                rows.tolist(), shapely.to_wkb(shapely.force_2d(layer.geometries[rows])).tolist(), strict=True
            )
            connection.execute("CREATE TABLE given (id INTEGER PRIMARY KEY, wkb BLOB)")
            connection.executemany("INSERT INTO given VALUES (?, ?)", shapes)
        asked = [command, "-silent", "-bail", str(database)]
        done = subprocess.run(asked, input=_SPATIALITE, capture_output=True, text=True)
        if done.returncode:
            raise EngineUnavailableError(f"SpatiaLite s'est arrêté\u00a0: {done.stderr.strip()[-300:]}")
        with closing(sqlite3.connect(database)) as connection:
            [[release]] = connection.execute("SELECT * FROM version")
            invalid = dict(connection.execute("SELECT id, reason FROM invalid"))
            shared = connection.execute("SELECT * FROM shared WHERE area > ?", (LEAST_SHARED,)).fetchall()
    return Verdict("SpatiaLite", release, invalid, {(one, other): area for one, other, area in shared})


def clipper(layer: Layer) -> Verdict:
    """What Clipper says, which shares nothing with GEOS: whole numbers, and the even-odd rule for what is in.

    It knows areas only (see `Verdict.areas_only`).

    Raises
    ------
    EngineUnavailableError
        If `pyclipper` is not installed.

    References
    ----------
    Vatti (1992), Communications of the ACM 35(7), 56-63.
    """
    if find_spec("pyclipper") is None:
        raise EngineUnavailableError(
            f"Clipper n'est pas installé. Tapez\u00a0: {sys.executable} -m pip install pyclipper"
        )
    rows = np.flatnonzero(layer.polygonal).tolist()
    drawn = {row: oriented_rings(layer.geometries[row]) for row in rows}
    wrong = {row: _area_out_of_order(rings) for row, rings in drawn.items()}
    shared = {
        (one, other): _area_in_both(drawn[one], drawn[other])
        for one, other in near_pairs(shapely.bounds(layer.geometries[rows]), rows)
    }
    return Verdict(
        "Clipper",
        f"pyclipper {version('pyclipper')}",
        {
            row: f"{number(area, 3)} m² couverts deux fois ou à l'envers"
            for row, area in wrong.items()
            if area > _OUT_OF_ORDER
        },
        {pair: area for pair, area in shared.items() if area > LEAST_SHARED},
        areas_only=True,
    )


def near_pairs(bounds: NDArray[np.float64], rows: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs of rows whose bounds, of shape (n, 4), meet, by the R-tree of SQLite: GEOS has no say in it."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(_BOXES)
        west, south, east, north = bounds.T.tolist()
        boxes = zip(rows, west, east, south, north, strict=True)
        connection.executemany("INSERT INTO box VALUES (?, ?, ?, ?, ?)", boxes)
        return connection.execute(_NEAR).fetchall()


def oriented_rings(polygon: shapely.Geometry) -> Rings:
    """Rings of a geometry in whole micrometres, outer ones counterclockwise, inner ones clockwise."""
    rings, part = shapely.get_rings(shapely.get_parts(polygon), return_index=True)
    outer = np.append(True, np.diff(part) != 0)
    return [
        _turned(shapely.get_coordinates(ring), is_outer) for ring, is_outer in zip(rings, outer, strict=True)
    ]


def _turned(ring: NDArray[np.float64], counterclockwise: bool) -> list[list[int]]:
    x, y = (ring - ring[0]).T
    turns_left = (x[:-1] * y[1:] - x[1:] * y[:-1]).sum() > 0
    wanted = ring[:-1] if turns_left == counterclockwise else ring[:0:-1]
    return np.rint(_PER_METRE * wanted).astype(np.int64).tolist()


def _area_in_both(one: Rings, other: Rings) -> float:
    """Area that two polygons have in common, in m²."""
    import pyclipper

    both = pyclipper.Pyclipper()
    both.AddPaths(one, pyclipper.PT_SUBJECT, True)
    both.AddPaths(other, pyclipper.PT_CLIP, True)
    return _area(both.Execute(pyclipper.CT_INTERSECTION, pyclipper.PFT_EVENODD, pyclipper.PFT_EVENODD))


def _area_out_of_order(rings: Rings) -> float:
    """Area that is covered otherwise than once and counterclockwise, in m².

    The rules of Clipper disagree there: what turns the wrong way is not positive, what is covered twice is
    even.
    """
    import pyclipper

    polygon = pyclipper.Pyclipper()
    polygon.AddPaths(rings, pyclipper.PT_SUBJECT, True)
    touched, positive, odd = (
        _area(polygon.Execute(pyclipper.CT_UNION, rule, rule))
        for rule in (pyclipper.PFT_NONZERO, pyclipper.PFT_POSITIVE, pyclipper.PFT_EVENODD)
    )
    return max(touched - positive, touched - odd)


def _area(paths: Rings) -> float:
    import pyclipper

    return sum(map(pyclipper.Area, paths)) / _PER_METRE**2
