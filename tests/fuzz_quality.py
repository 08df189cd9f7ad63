"""Damage files at random and control them: each must end in a report or a sentence, never in a crash.

Run it by hand: `python tests/fuzz_quality.py --cases 500 --seeds 1 2`. Each format is tried in a process
of its own, so that a crash of a library is counted and not suffered. `--keep FOLDER` keeps the files that
ended badly.

An end is one of: read (a sound report), refused (a French sentence), unforeseen (« cas imprévu »), unsound (a
report that says « nan » or has no finite place), overwritten (the files changed), traceback, crash, hang.
"""

import argparse
import collections
import itertools
import multiprocessing
import os
import random
import re
import shutil
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.transform import from_origin

FORMATS = ("gpkg", "shp", "geojson", "fgb", "parquet", "csv", "zip", "tif")
GOOD = ("read", "refused")
# What a program wrote where a sentence was due. A value of the file may hold these words: it is quoted.
_NOT_FRENCH = re.compile(r"\b(nan|None|NaT|inf|Traceback|Error|<NA>)\b")
_QUOTED = re.compile("«[^»]*»")


def write_sample(folder: Path, kind: str) -> Path:
    """A small sound file of this format."""
    n = 40
    places = gpd.points_from_xy(893_000 + 30.0 * np.arange(n), np.full(n, 6_195_000.0), crs=2154).buffer(10)
    columns = {
        "id_parcel": [f"{i:07d}" for i in range(n)],
        "code_cultu": ["VRC", "Forêt"] * (n // 2),
        "surf_parc": np.linspace(0.1, 4, n),
        "date_maj": ["2024-05-17", "03/02/2023"] * (n // 2),
    }
    frame = gpd.GeoDataFrame(columns, geometry=places, crs=2154)
    path = folder / f"sain.{kind}"
    if kind == "parquet":
        frame.to_parquet(path)
    elif kind == "csv":
        table = frame.drop(columns="geometry").assign(x=frame.centroid.x, y=frame.centroid.y)
        table.to_csv(path, sep=";", decimal=",", index=False, encoding="cp1252")
    elif kind == "zip":
        frame.to_file(folder / "dedans.shp")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(folder.glob("dedans.*")):
                archive.write(part, part.name)
    elif kind == "tif":
        values = np.arange(128 * 128, dtype="uint16").reshape(1, 128, 128)
        with rasterio.open(
            path, "w", driver="GTiff", width=128, height=128, count=1, dtype="uint16", crs="EPSG:2154",
            transform=from_origin(893_000, 6_196_000, 10, 10), tiled=True, blockxsize=64, blockysize=64,
        ) as image:  # fmt: skip
            image.write(values)
    else:
        frame.to_file(path)
    return path


_WORDS = (
    b"null", b"NaN", b"-Infinity", b"1e999", b"[]", b"{}", b'""', b"[[", b"]]", b"true", b"\0", b"\xff\xfe",
    b"9" * 200, b";;;", b'"', b"\r", b"</script>", b"Polygon", b"GeometryCollection", b"Point",
)  # fmt: skip


def damage(data: bytes, chance: random.Random) -> bytes:
    """Bytes cut short, changed, repeated, taken out, or put in; a word or a number put for another."""
    data = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        if not data:
            break
        at = chance.randrange(len(data))
        length = chance.choice((1, 1, 4, 16, 256))
        match chance.randrange(7):
            case 0:
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                data[at : at + length] = chance.randbytes(length)
            case 2:
                del data[at : at + length]
            case 3:
                data[at:at] = data[at : at + length]
            case 4:
                data[at : at + 8] = chance.choice((b"\xff" * 8, b"\0" * 8, b"\x7f\xf8" + b"\0" * 6))
            case 5:
                word = re.compile(rb"[\w.+-]+").search(data, at)
                first, last = word.span() if word else (at, at)
                data[first:last] = chance.choice(_WORDS)
            case _:
                del data[at:]
    return bytes(data)


def faults(report) -> list[str]:
    """What no report may hold: a place that is not finite, a row beyond its layer, the words of a program."""
    table = report.anomalies
    places = table.geometry.to_numpy()
    known = ~(shapely.is_missing(places) | shapely.is_empty(places))
    found = []
    if not np.isfinite(shapely.get_coordinates(places)).all():
        codes = table.loc[known & ~np.isfinite(shapely.bounds(places)).all(axis=1), "code"]
        found.append(f"places not finite: {sorted(set(codes))}")
    rows = {}
    for facts in report.layers:
        rows[facts.name] = max(rows.get(facts.name, 0), facts.rows)
    given = table["rang"].notna()
    limits = table.loc[given, "couche"].map(rows).to_numpy(dtype=float)
    ranks = table.loc[given, "rang"].to_numpy(dtype=float)
    if not ((ranks >= 0) & (ranks < limits)).all():
        found.append("row out of range")
    sentences = [*table["message"], *(unread.message for unread in report.unread)]
    odd = [text for text in sentences if not text or _NOT_FRENCH.search(_QUOTED.sub("", text))]
    found += [f"sentence {text[:200]!r}" for text in odd[:1]]
    return found


def state(folder: Path) -> dict[str, bytes]:
    """What a folder holds."""
    return {item.name: item.read_bytes() for item in sorted(folder.iterdir()) if item.is_file()}


def control(path: str) -> str:
    """Control a file and tell how it ended."""
    from geoatelier import quality

    before = state(Path(path).parent)
    report = quality.check([path])
    repr(report), report.summary()
    if state(Path(path).parent) != before:
        return "overwritten"
    if any("cas imprévu" in unread.message for unread in report.unread):
        return f"unforeseen: {report.unread[0].message}"
    if wrong := faults(report):
        return f"unsound: {'; '.join(wrong)}"
    return "refused" if report.unread else "read"


def serve(paths: multiprocessing.Queue, results: multiprocessing.Queue) -> None:
    """Control files as they come, until there is none."""
    os.environ["GEOATELIER_TRACE"] = "1"
    while (path := paths.get()) is not None:
        try:
            results.put(control(path))
        except BaseException as error:  # what a user would see as a traceback
            results.put(f"traceback: {type(error).__name__}: {error}")


class Worker:
    """A process that controls files, started anew when it dies or hangs."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._start()

    def _start(self) -> None:
        spawning = multiprocessing.get_context("spawn")
        self._paths, self._results = spawning.Queue(), spawning.Queue()
        self._process = spawning.Process(target=serve, args=(self._paths, self._results), daemon=True)
        self._process.start()

    def run(self, path: Path) -> str:
        self._paths.put(str(path))
        limit = time.monotonic() + self._seconds
        while time.monotonic() < limit:
            if not self._results.empty():
                return self._results.get()
            if not self._process.is_alive():
                code = self._process.exitcode
                self._start()
                return f"crash: exit code {code}"
            time.sleep(0.002)
        self._process.kill()
        self._start()
        return "hang"

    def stop(self) -> None:
        self._paths.put(None)
        self._process.join(timeout=10)


def run(kind: str, cases: int, seed: int, keep: Path | None) -> collections.Counter:
    """How so many damaged files of one format ended."""
    chance = random.Random(f"{kind}{seed}")
    ends = collections.Counter()
    worker = Worker(seconds=60)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sound = write_sample(folder, kind)
        parts = sorted(part for part in folder.glob("sain.*") if part.suffix != ".cpg")
        for case in range(cases):
            victim = chance.choice(parts)
            where = folder / f"cas{case}"
            where.mkdir()
            for part in folder.glob("sain.*"):
                content = part.read_bytes()
                (where / part.name).write_bytes(damage(content, chance) if part == victim else content)
            end = worker.run(where / sound.name)
            ends[end.partition(":")[0]] += 1
            if end not in GOOD:
                print(f"{kind} seed {seed} case {case}: {end}", file=sys.stderr, flush=True)
                if keep is not None:
                    shutil.copytree(where, keep / f"{kind}_{seed}_{case}", dirs_exist_ok=True)
            shutil.rmtree(where)
    worker.stop()
    return ends


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=200, help="damaged files of each format")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0])
    parser.add_argument("--formats", nargs="*", default=FORMATS, choices=FORMATS)
    parser.add_argument("--keep", type=Path, help="folder where files that ended badly are kept")
    options = parser.parse_args()
    bad = 0
    for kind, seed in itertools.product(options.formats, options.seeds):
        started = time.monotonic()
        ends = run(kind, options.cases, seed, options.keep)
        bad += options.cases - sum(ends[end] for end in GOOD)
        print(f"{kind:8} seed {seed} {time.monotonic() - started:5.0f} s {dict(ends)}", flush=True)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
