"""What it costs, in seconds and in memory, to find the defects planted in up to a million parcels."""

import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoatelier.bench_layer import write_layer
from geoatelier.exercises.french import number
from geoatelier.quality import attributes, geometry, inspect, numbers, text, topology
from geoatelier.quality.layer import Layer, layer_of
from geoatelier.quality.neighbours import Search, repaired, search
from geoatelier.quality.spill import Spill
from geoatelier.quality.vectors import gdal_sources

SIZES = (10_000, 100_000, 1_000_000)
TODAY = dt.date(2025, 12, 31)
MIN_OVERLAP = 1.0  # m², as in the control of a layer
WHOLE = "contrôle entier"
BRUTE_FORCE = "chevauchements, force brute"
NEIGHBOURS = "chevauchements et trous"
DUPLICATES = "doublons"
_CHUNK = 5_000

Control = Callable[[Layer], gpd.GeoDataFrame]
_ROW_CHECKS: Mapping[str, tuple[Control, ...]] = {
    "lecture seule": (),
    "géométries absentes": (geometry.absent_geometries,),
    "validité": (geometry.invalid_geometries,),
    "sommets répétés": (geometry.repeated_vertices,),
    "pointes": (geometry.spikes,),
    "micro-surfaces": (topology.micro_areas,),
    "attributs": (
        attributes.missing_values,
        attributes.malformed_codes,
        numbers.impossible_numbers,
        text.garbled_values,
        text.stray_spaces,
    ),
}
CHECKS = (*_ROW_CHECKS, DUPLICATES, NEIGHBOURS)


@dataclass
class Cost:
    """What a check took in a process of its own: seconds (reading aside), most memory held (10⁶ bytes)."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0
    found: Mapping[str, int] = field(default_factory=dict)

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Add the time of a block."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.seconds += time.perf_counter() - wall
        self.cpu_seconds += time.process_time() - cpu


def run_whole(path: Path) -> gpd.GeoDataFrame:
    """The anomalies that the whole control finds in a file."""
    return inspect(path, today=TODAY).anomalies


def benchmark(sizes: Iterable[int] = SIZES) -> bool:
    """Print what each check takes on layers of `sizes` parcels; True if all planted defects are found.

    Overlaps are also looked for by brute force, every polygon against every other one.
    """
    right = True
    first: dict[str, Cost] = {}
    with tempfile.TemporaryDirectory() as folder:
        for n in sizes:
            path = Path(folder) / f"parcelles_{n}.gpkg"
            ledger = write_layer(path, n)
            ledger.to_json(path.with_suffix(".json"), orient="records")
            print(f"\n{number(n)} parcelles, {number(path.stat().st_size / 1e6)} Mo", flush=True)
            print(_line("Contrôle", "Secondes", "s processeur", "Mo au plus", "Trouvés"), flush=True)
            for check in (WHOLE, *CHECKS, BRUTE_FORCE):
                cost = _in_child(check, path)
                first.setdefault(check, cost)
                right &= _right(cost)
                print(_row(check, cost, first[check]), flush=True)
            path.unlink()
    return right


def measure(check: str, path: Path) -> Cost:
    """Run one check on a file in this process.

    Parameters
    ----------
    check : `WHOLE`, `BRUTE_FORCE` or one of `CHECKS`
    path : a layer of `write_layer`, with its ledger beside it; `BRUTE_FORCE` comes after `NEIGHBOURS`
    """
    cost = Cost()
    if check == WHOLE:
        with cost.counting():
            found = run_whole(path)
        cost.found = recall(found, pd.read_json(path.with_suffix(".json")))
    elif check == BRUTE_FORCE:
        _brute_force(path, cost)
    elif check == NEIGHBOURS:
        _neighbours(path, cost)
    elif check == DUPLICATES:
        _duplicates(path, cost)
    else:
        _row_check(_ROW_CHECKS[check], path, cost)
    # Kilobytes on Linux, bytes on macOS.
    cost.peak_mb = (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    )
    return cost


def recall(found: gpd.GeoDataFrame, ledger: pd.DataFrame) -> dict[str, int]:
    """How many defects were planted, and how many of each kind are found where they were planted.

    The key of a parcel is its row. A defect that concerns two parcels must be tied to both.
    """
    one = found["rang"].to_numpy(dtype=float, na_value=-1).astype(int)
    other = pd.to_numeric(found["objet_lie"], errors="coerce").fillna(-1).astype(int).to_numpy()
    seen = set(zip(found["code"], one, other, strict=True)) | set(zip(found["code"], other, one, strict=True))
    alone = set(zip(found["code"], one, strict=True))
    hits = [
        (code, row, near) in seen if near >= 0 else (code, row) in alone
        for code, row, near in ledger[["code", "rang", "autre"]].itertuples(index=False)
    ]
    missed = ledger.loc[~np.array(hits), "code"].value_counts()
    return {
        "plantés": len(ledger),
        "trouvés": sum(hits),
        **{f"manqués, {k}": int(v) for k, v in missed.items()},
    }


def main(arguments: list[str]) -> int:
    """Run the benchmark on the sizes given, or one check in a process of its own; 1 if a defect is missed."""
    if arguments[:1] == ["--check"]:
        print(json.dumps(vars(measure(arguments[1], Path(arguments[2])))))
        return 0
    return 0 if benchmark([int(size) for size in arguments] or SIZES) else 1


def _in_child(check: str, path: Path) -> Cost:
    command = [sys.executable, "-W", "ignore", "-m", "geoatelier.bench_quality", "--check", check, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def _layers(path: Path) -> Iterator[Layer]:
    """The batches of the file."""
    [source] = gdal_sources(str(path), path.stat().st_size)
    first_row = 0
    for batch in source.batches():
        yield layer_of(batch.frame, source.name, first_row=first_row)
        first_row += len(batch.frame)


def _row_check(controls: tuple[Control, ...], path: Path, cost: Cost) -> None:
    whole = Cost()
    anomalies = 0
    with whole.counting():
        for layer in _layers(path):
            with cost.counting():
                anomalies += sum(len(control(layer)) for control in controls)
    if not controls:
        cost.seconds, cost.cpu_seconds = whole.seconds, whole.cpu_seconds
    cost.found = {"anomalies": anomalies} if controls else {}


def _duplicates(path: Path, cost: Cost) -> None:
    hashes = []
    for layer in _layers(path):
        with cost.counting():
            hashes.append(layer.shape_hashes[layer.present])
    with cost.counting():
        cost.found = {"anomalies": int(pd.DataFrame(np.concatenate(hashes)).duplicated().sum())}


def _neighbours(path: Path, cost: Cost) -> None:
    with Spill() as spill:
        bounds, areas = [], []
        for layer in _layers(path):
            with cost.counting():
                spill.add(layer.geometries)
                bounds.append(layer.bounds)
                areas.append(layer.areas)
                crumb = layer.profile.smallest_area
        with cost.counting():
            area = np.concatenate(areas)
            overlaps, gaps = search(
                np.concatenate(bounds),
                spill.__getitem__,
                Search(MIN_OVERLAP),
                valid=~np.isnan(area),
                crumbs=area < crumb,
            )
    pairs = np.column_stack([overlaps.first, overlaps.second])
    np.save(path.with_suffix(".npy"), pairs)
    cost.found = {"chevauchements": len(pairs), "trous": len(gaps.surfaces)}


def _brute_force(path: Path, cost: Cost) -> None:
    """Compare the pairs that `_neighbours` left beside the file with those of every polygon against all."""
    polygons = repaired(np.concatenate([layer.geometries for layer in _layers(path)]))
    tree = shapely.STRtree(polygons)

    def against_all(start: int) -> NDArray[np.int64]:
        one, other = tree.query(polygons[start : start + _CHUNK], predicate="intersects")
        pairs = np.column_stack([one + start, other])
        pairs = pairs[pairs[:, 0] < pairs[:, 1]]
        shared = shapely.area(shapely.intersection(polygons[pairs[:, 0]], polygons[pairs[:, 1]]))
        return pairs[shared > MIN_OVERLAP]

    with cost.counting(), ThreadPoolExecutor(2) as pool:
        found = list(pool.map(against_all, range(0, len(polygons), _CHUNK)))
    pairs = np.unique(np.concatenate(found), axis=0)
    same = np.array_equal(pairs, np.load(path.with_suffix(".npy")))
    cost.found = {"chevauchements": len(pairs), "paires différentes": int(not same)}


def _right(cost: Cost) -> bool:
    return cost.found.get("plantés") == cost.found.get("trouvés") and not cost.found.get("paires différentes")


def _row(check: str, cost: Cost, first: Cost) -> str:
    found = ", ".join(f"{number(n)} {what}" for what, n in cost.found.items())
    if cost is not first:
        growth = cost.cpu_seconds / max(first.cpu_seconds, 0.001)
        found += f" ; s processeur × {number(growth)}, Mo × {number(cost.peak_mb / first.peak_mb, 1)}"
    figures = (number(cost.seconds, 1), number(cost.cpu_seconds, 1), number(cost.peak_mb))
    return _line(check, *figures, found)


def _line(check: str, seconds: str, cpu_seconds: str, peak: str, found: str) -> str:
    return f"{check:<28} {seconds:>9} {cpu_seconds:>13} {peak:>11}   {found}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
