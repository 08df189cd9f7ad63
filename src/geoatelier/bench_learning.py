"""What it costs to learn crops, roofs, pools, and to map a hundred million pixels, by windows or at once."""

import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import rasterio
from geopandas import GeoDataFrame
from pandas import DataFrame
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from geoatelier import datasets, learning
from geoatelier.bench_meter import overhead
from geoatelier.bench_orthophoto import ANSWERS, Sight, hasty_network, see
from geoatelier.bench_series import series_in, write_series
from geoatelier.exercises.french import number

SIZES = (1_000_000, 4_000_000, 16_000_000, 100_000_000)
ORTHOPHOTO_SIZES = (4_000_000, 16_000_000, 64_000_000)
BELIEVABLE = (0.60, 0.85)  # grouped accuracy on real crops, between the hardest and the easiest
BANDS = ("B2", "B3", "B4", "B8", "B11", "B12")
MEMORY_OF_A_LAPTOP = 8_000_000_000  # bytes of address space that the plain way may ask for
WINDOWS, WHOLE, ROW_BY_ROW = "par fenêtres", "tout en mémoire", "pixel par pixel"
_ROWS_TRIED = 200
# On tables this small BLAS and OpenMP gain nothing from a second core, and wait for it where it is busy.
_ONE_CORE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_TREES = 40


def _ndvi_alone(table: DataFrame) -> DataFrame:
    return table[[name for name in table.columns if name.endswith("NDVI")]]


def _network() -> BaseEstimator:
    from geoatelier.learning.networks import SeriesClassifier  # brings torch

    return make_pipeline(FunctionTransformer(_features().as_series), SeriesClassifier(device="cpu"))


FOREST = "forêt de 40 arbres"
MODELS: Mapping[str, Callable[[], BaseEstimator]] = {
    "classe majoritaire": DummyClassifier,
    "seuils de NDVI": lambda: make_pipeline(
        FunctionTransformer(_ndvi_alone), DecisionTreeClassifier(max_leaf_nodes=12, random_state=0)
    ),
    "régression logistique": lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
    FOREST: lambda: RandomForestClassifier(_TREES, random_state=0, n_jobs=-1),
    "arbres successifs": lambda: HistGradientBoostingClassifier(max_iter=60, random_state=0),
    "réseau temporel": _network,
}


@dataclass(frozen=True)
class Score:
    """What a model takes to learn the pixels of the territory, and what it is worth on new parcels."""

    training_seconds: float
    grouped: float
    by_blocks: float
    peak_mb: float


@dataclass(frozen=True)
class Prediction:
    """What it took to predict: seconds (training aside), pixels done, most memory held (10⁶ bytes)."""

    pixels: int
    seconds: float
    cpu_seconds: float
    peak_mb: float


def benchmark(sizes: Iterable[int] = SIZES) -> None:
    """Print what each model costs and is worth, then what a map costs at each size, then the meter."""
    _print_scores()
    _print_sights()
    with tempfile.TemporaryDirectory() as folder:
        plain_way = True
        for pixels in sizes:
            series = Path(folder) / str(pixels)
            _print_size(pixels, series)
            for model in MODELS if pixels == min(sizes) else (FOREST,):
                _print_prediction(WINDOWS, model, series)
            plain_way = plain_way and _print_prediction(WHOLE, FOREST, series)
            if pixels == min(sizes):
                _print_prediction(ROW_BY_ROW, FOREST, series)
            for file in series.iterdir():
                file.unlink()
        _print_orthophotos(Path(folder))
    print(f"\n{overhead().line()}", flush=True)


def score(model: str) -> Score:
    """Validate a model in this process, by parcel and by blocks of a kilometre with a dead zone of 100 m."""
    pixels, X = _training()
    y = pixels["code_cultu"]
    start = time.perf_counter()
    MODELS[model]().fit(X, y)
    seconds = time.perf_counter() - start
    by_parcel = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    grouped = cross_val_score(MODELS[model](), X, y, groups=pixels["id_parcel"], cv=by_parcel)
    blocks = learning.SpatialBlockKFold(1000, buffer=100)
    by_blocks = cross_val_score(MODELS[model](), X, y, groups=pixels.geometry, cv=blocks)
    return Score(seconds, float(grouped.mean()), float(by_blocks.mean()), _peak_mb())


def predict(way: str, model: str, folder: Path) -> Prediction:
    """Train a model and predict a series of `write_series` in this process, one way or another."""
    pixels, X = _training()
    fitted = MODELS[model]().fit(X, pixels["code_cultu"])
    images, masks = (series_in(folder, names) for names in (datasets.images(), datasets.masks()))
    start, cpu = time.perf_counter(), time.process_time()
    done = _WAYS[way](fitted, images, masks, folder / "carte.tif")
    return Prediction(done, time.perf_counter() - start, time.process_time() - cpu, _peak_mb())


def map_orthophoto(image: Path) -> Prediction:
    """Map an orthophoto with the network of lesson E6, in this process."""
    from geoatelier.learning.networks import map_image

    network = hasty_network()
    start, cpu = time.perf_counter(), time.process_time()
    written = map_image(network, image, image.with_name("carte.tif"), overwrite=True, progress=False)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    with rasterio.open(written) as raster:
        return Prediction(raster.width * raster.height, seconds, cpu, _peak_mb())


def main(arguments: list[str]) -> int:
    """Run the benchmark on the numbers of pixels given, or one measure in a process of its own."""
    if arguments[:1] == ["--score"]:
        print(json.dumps(asdict(score(arguments[1]))))
    elif arguments[:1] == ["--see"]:
        print(json.dumps(asdict(see(arguments[1])) | {"peak_mb": _peak_mb()}))
    elif arguments[:1] == ["--map"]:
        print(json.dumps(asdict(map_orthophoto(Path(arguments[1])))))
    elif arguments[:1] == ["--predict"]:
        print(json.dumps(asdict(predict(arguments[1], arguments[2], Path(arguments[3])))))
    else:
        benchmark([int(size) for size in arguments] or SIZES)
    return 0


def _features() -> learning.Features:
    return learning.Features(datasets.dates(), BANDS, ndvi=True)


def _training() -> tuple[GeoDataFrame, DataFrame]:
    pixels = learning.draw_pixels(datasets.layer("parcelles_agricoles"), datasets.image(datasets.dates()[0]))
    return pixels, _features().of_pixels(pixels, datasets.images(), datasets.masks())


def _by_windows(model: BaseEstimator, images: Mapping, masks: Mapping, output: Path) -> int:
    learning.predict_raster(model, images, _features(), output, masks=masks, overwrite=True, progress=False)
    with rasterio.open(output) as raster:
        return raster.width * raster.height


def _whole(model: BaseEstimator, images: Mapping, masks: Mapping, output: Path) -> int:
    """Every date in memory, one table, one call: what one writes first."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_OF_A_LAPTOP, MEMORY_OF_A_LAPTOP))
    cube = learning.read_cube(images, masks)
    probabilities = model.predict_proba(_features().of_cube(cube).fillna(0))
    codes = probabilities.argmax(axis=1).astype("uint8").reshape(cube.reflectances.shape[1:])
    with rasterio.open(
        output, "w", driver="GTiff", count=1, dtype="uint8", height=codes.shape[0], width=codes.shape[1],
        transform=cube.transform, crs=cube.crs, compress="DEFLATE",
    ) as raster:  # fmt: skip
        raster.write(codes, 1)
    return codes.size


def _row_by_row(model: BaseEstimator, images: Mapping, masks: Mapping, _: Path) -> int:
    """A loop of Python over some pixels, their features being made already."""
    with learning.series.open_series(images, masks) as series:
        table = _features().of_cube(series.cube(next(series.windows(_ROWS_TRIED))))
    for row in range(_ROWS_TRIED):
        model.predict_proba(table.iloc[[row]])
    return _ROWS_TRIED


_WAYS = {WINDOWS: _by_windows, WHOLE: _whole, ROW_BY_ROW: _row_by_row}


def _print_scores() -> None:
    low, high = (number(bound, 2) for bound in BELIEVABLE)
    print(_line("Modèle", "s, entraînement", "par parcelle", "par bloc", "Mo au plus", f"de {low} à {high}"))
    for model in MODELS:
        found = Score(**_in_child("--score", model))
        believable = "oui" if BELIEVABLE[0] <= found.grouped <= BELIEVABLE[1] else "non"
        figures = (
            number(found.training_seconds, 2),
            number(found.grouped, 3),
            number(found.by_blocks, 3),
            number(found.peak_mb),
        )
        print(_line(model, *figures, believable), flush=True)


def _print_sights() -> None:
    """Print a line an answer to « where are the roofs and the pools? »."""
    headings = (
        "s, avec la carte",
        "IoU, toits",
        "trouvés",
        "inventés",
        "IoU, piscines",
        "trouvées",
        "inventées",
    )
    print("\n" + _line("Orthophoto", *headings, "Mo au plus"))
    for answer in ANSWERS:
        measured = _in_child("--see", answer)
        peak_mb = measured.pop("peak_mb")
        found = Sight(**measured)
        figures = (
            number(found.seconds, 2),
            number(found.roof_iou, 2),
            number(found.roofs_found),
            number(found.roofs_invented),
            number(found.pool_iou, 2),
            number(found.pools_found),
            number(found.pools_invented),
        )
        print(_line(answer, *figures, number(peak_mb)), flush=True)


def _print_orthophotos(folder: Path) -> None:
    """Print a line a size of orthophoto that the network maps."""
    print("\n" + _line("Orthophoto cartographiée", "secondes", "s processeur", "pixels/s", "Mo au plus", ""))
    source = datasets.path("orthophoto/port_galejade_50cm.tif")
    for pixels in ORTHOPHOTO_SIZES:
        image = write_series({pixels: source}, folder, math.isqrt(pixels))[pixels]
        found = Prediction(**_in_child("--map", str(image)))
        print(_line(f"{number(found.pixels)} pixels", *_figures(found), "U-Net de la leçon E6"), flush=True)
        image.unlink()


def _print_size(pixels: int, folder: Path) -> None:
    folder.mkdir()
    side = math.isqrt(pixels)
    start = time.perf_counter()
    for sources in (datasets.images(), datasets.masks()):
        write_series(sources, folder, side)
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(
        f"\n{number(side)} × {number(side)} pixels, {len(datasets.dates())} dates, {len(BANDS)} bandes : "
        f"{number(size / 1e6)} Mo, écrits en {number(time.perf_counter() - start)} s"
    )
    print(_line("Prédiction", "secondes", "s processeur", "pixels/s", "Mo au plus", "modèle"), flush=True)


def _print_prediction(way: str, model: str, series: Path) -> bool:
    """Print a line; False if the memory did not hold it."""
    try:
        found = Prediction(**_in_child("--predict", way, model, str(series)))
    except subprocess.CalledProcessError as error:
        if "MemoryError" not in error.stderr:
            raise
        print(f"{way:<30} impossible en {number(MEMORY_OF_A_LAPTOP / 1e9)} Go de mémoire", flush=True)
        return False
    print(_line(way, *_figures(found), model), flush=True)
    return True


def _figures(found: Prediction) -> tuple[str, ...]:
    return (
        number(found.seconds, 1),
        number(found.cpu_seconds, 1),
        number(found.pixels / found.seconds),
        number(found.peak_mb),
    )


def _in_child(*arguments: str) -> dict[str, float]:
    command = [sys.executable, "-W", "ignore", "-m", "geoatelier.bench_learning", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | _ONE_CORE)
    return json.loads(done.stdout.splitlines()[-1])


def _peak_mb() -> float:
    # Kilobytes on Linux, bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _line(name: str, *cells: str) -> str:
    *figures, last = cells
    return f"{name:<30} " + " ".join(f"{figure:>15}" for figure in figures) + f"  {last}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
