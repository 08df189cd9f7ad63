"""Whether other engines find the same invalid polygons and the same overlaps as our controls.

The engines are not dependencies: the one that is missing says how to install it, and the others run.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import shapely

from geoatelier.bench_engines import (
    LEAST_SHARED,
    Engine,
    EngineUnavailableError,
    Verdict,
    clipper,
    geoatelier,
    spatialite,
)
from geoatelier.bench_layer import write_layer
from geoatelier.exercises.french import count, number
from geoatelier.folders import territory_folder
from geoatelier.quality.layer import Layer, layer_of
from geoatelier.quality.neighbours import repaired
from geoatelier.quality.reading import read_layers
from geoatelier.quality.vertices import set_aside_unreadable

SIZES = (10_000, 100_000)
TOLERANCE = 0.002  # m² between the areas that two engines give to one overlap
ENGINES: tuple[Engine, ...] = (spatialite, clipper)
_DELIVERED = ("parcelles_2025.gpkg", "batiments.shp")
_HEADINGS = (
    "Moteur", "Invalides", "Recouvrements", "Surfaces, accord", "Paires, accord", "Hors de portée",
    "Désaccords", "Secondes",
)  # fmt: skip
_REAL = Path(__file__).parents[3] / "shared" / "real"


@dataclass(frozen=True)
class Agreement:
    """What two engines say alike of a layer, and each thing that they do not.

    Parameters
    ----------
    polygons : number of polygons that both find valid, or both invalid
    pairs : number of pairs of polygons to which both give the same area in common
    out_of_reach : French sentences, of the polygons that the other engine cannot judge
    disagreements : French sentences
    """

    polygons: int
    pairs: int
    out_of_reach: tuple[str, ...]
    disagreements: tuple[str, ...]


def compare(layer: Layer, ours: Verdict, theirs: Verdict, tolerance: float = TOLERANCE) -> Agreement:
    """Hold a verdict on a layer against ours.

    Parameters
    ----------
    tolerance : m² between two areas held to be the same
    """
    apart = sorted(ours.invalid.keys() ^ theirs.invalid.keys())
    beyond = [row for row in apart if theirs.areas_only and _keeps_its_area(layer, row, tolerance)]
    areas = {
        pair: (ours.shared.get(pair, 0.0), theirs.shared.get(pair, 0.0))
        for pair in sorted(ours.shared.keys() | theirs.shared.keys())
    }
    unlike = {pair: both for pair, both in areas.items() if abs(both[0] - both[1]) > tolerance}
    contradictions = [
        f"ligne {row}\u00a0: {_said(ours, row)}, {_said(theirs, row)}" for row in apart if row not in beyond
    ]
    other_areas = [
        f"lignes {one} et {other} : {number(mine, 3)} m² en commun pour {ours.engine}, "
        f"{number(yours, 3)} m² pour {theirs.engine}"
        for (one, other), (mine, yours) in unlike.items()
    ]
    return Agreement(
        int(layer.polygonal.sum()) - len(apart),
        len(areas) - len(unlike),
        tuple(
            f"ligne {row}\u00a0: {_said(ours, row)}, sans terrain couvert deux fois\u00a0: "
            f"{theirs.engine} ne peut pas le voir"
            for row in beyond
        ),
        (*contradictions, *other_areas),
    )


def crosscheck(layers: Iterable[tuple[str, Layer]], engines: Sequence[Engine] = ENGINES) -> bool:
    """Print what each engine says of each layer beside our controls; True if they never disagree.

    Parameters
    ----------
    layers : titles and layers, in metres
    """
    print(
        f"Deux aires sont égales à {number(TOLERANCE, 3)} m² près. "
        f"Un recouvrement de moins de {number(LEAST_SHARED, 3)} m² est ignoré."
    )
    alike, usable = True, list(engines)
    for title, layer in layers:
        print(f"\n{title}\u00a0: {count(int(layer.polygonal.sum()), 'surface')}")
        print(_line(*_HEADINGS))
        ours, seconds = _timed(geoatelier, layer)
        print(_row(ours, seconds), flush=True)
        for engine in tuple(usable):
            try:
                theirs, seconds = _timed(engine, layer)
            except EngineUnavailableError as error:
                print(error, flush=True)
                usable.remove(engine)
                continue
            found = compare(layer, ours, theirs)
            print(_row(theirs, seconds, found))
            for sentence in found.out_of_reach:
                print(f"    Hors de portée, {sentence}.")
            for sentence in found.disagreements:
                print(f"    Désaccord, {sentence}.")
            alike &= not found.disagreements
    return alike


def planted(sizes: Iterable[int]) -> Iterator[tuple[str, Layer]]:
    """Layers of `sizes` parcels with planted defects."""
    for n in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{n}.gpkg"
            write_layer(path, n)
            for _, layer in layers_of(path):
                yield f"{number(n)} parcelles aux défauts connus", layer


def files() -> Iterator[tuple[str, Layer]]:
    """The layers of the territory and of its damaged delivery; real extracts where there are some."""
    territory = territory_folder()
    real = Path(os.environ.get("GEOATELIER_REAL", _REAL))
    paths = [territory / "galejade.gpkg", *(territory / "livraison" / name for name in _DELIVERED)]
    for path in [*paths, *sorted(real.glob("*.gpkg")), *sorted(real.glob("*.zip"))]:
        yield from layers_of(path)


def layers_of(path: Path) -> Iterator[tuple[str, Layer]]:
    """The layers of a file that hold polygons, as the controls see them."""
    for source in read_layers(path):
        if source.spatial:
            layer, _ = set_aside_unreadable(layer_of(source.frame, source.name))
            if layer.polygonal.any():
                yield f"{path.name}, {source.name}", layer


def main(arguments: list[str]) -> int:
    """Compare the engines on planted layers of the sizes given and on the files at hand; 1 if they differ."""

    def layers() -> Iterator[tuple[str, Layer]]:
        yield from planted([int(size) for size in arguments] or SIZES)
        yield from files()

    return 0 if crosscheck(layers()) else 1


def _timed(engine: Engine, layer: Layer) -> tuple[Verdict, float]:
    start = time.perf_counter()
    return engine(layer), time.perf_counter() - start


def _keeps_its_area(layer: Layer, row: int, tolerance: float) -> bool:
    """Whether a polygon has the same area once repaired: nothing of it was covered twice or backwards."""
    polygon = layer.geometries[[row]]
    return abs(shapely.area(polygon) - shapely.area(repaired(polygon)))[0] <= tolerance


def _said(verdict: Verdict, row: int) -> str:
    reason = verdict.invalid.get(row)
    return f"{'valide' if reason is None else f'invalide ({reason})'} pour {verdict.engine}"


def _row(verdict: Verdict, seconds: float, found: Agreement | None = None) -> str:
    alike = ("",) * 4
    if found is not None:
        sentences = len(found.out_of_reach), len(found.disagreements)
        alike = tuple(number(n) for n in (found.polygons, found.pairs, *sentences))
    told = number(len(verdict.invalid)), number(len(verdict.shared))
    return _line(f"{verdict.engine} ({verdict.version})", *told, *alike, number(seconds, 1))


def _line(engine: str, *figures: str) -> str:
    return f"  {engine:<32}" + "".join(f"{figure:>17}" for figure in figures)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
