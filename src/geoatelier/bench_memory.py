"""Whether a file that does not fit in memory is controlled all the same, with the same report.

What the whole layer needs is measured: the most memory that `geopandas.read_file` holds. The command is then
run with half of that, set by RLIMIT_DATA (Linux): the limit counts what a process reserves to write in, used
or not, and leaves aside files mapped to be read. The reading must fail under it, and the control must not.
"""

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import scipy.linalg  # noqa: F401 - OpenBLAS, loaded under a limit that it cannot hold, tries without end

from geoatelier.bench_layer import write_layer
from geoatelier.check_command import BLOCKED, CONFORM
from geoatelier.cli import main as geoatelier
from geoatelier.exercises.french import number

PARCELS = 2_000_000
SHARE = 0.5  # of what the whole layer needs, left to the control
READING, CONTROL = "geopandas.read_file", "geoatelier check"
_MOST_SECONDS = 1_800
# By default Arrow reserves 1 GiB that it may never write to, and RLIMIT_DATA counts it as used.
_ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "system"}


@dataclass(frozen=True)
class Trial:
    """What a process of its own came to.

    Parameters
    ----------
    what : `READING` or `CONTROL`
    limit_mb : memory that it was allowed (10⁶ bytes), None for all
    peak_mb : most memory that it held
    seconds : processor time
    found : number of anomalies of each kind, or of rows; None when it did not end
    failure : what stopped it, in the words of the library
    """

    what: str
    limit_mb: float | None
    peak_mb: float = 0.0
    seconds: float = 0.0
    found: Mapping[str, int] | None = None
    failure: str = ""

    def row(self) -> str:
        """One line of the table."""
        limit = "aucune" if self.limit_mb is None else number(self.limit_mb)
        outcome = f"s'arrête\u00a0: {self.failure}"
        if self.found is not None:
            outcome = (
                f"{number(sum(self.found.values()))} {'lignes' if self.what == READING else 'anomalies'}"
            )
        measured = (number(self.peak_mb), number(self.seconds, 1)) if self.found is not None else ("", "")
        return _line(self.what, limit, *measured, outcome)


def benchmark(parcels: int = PARCELS, share: float = SHARE) -> bool:
    """Print four trials on a layer; True if the control alone does without the memory.

    Parameters
    ----------
    parcels : how many the layer has
    share : of what reading it whole takes, left to the last two trials
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "parcelles.gpkg"
        write_layer(path, parcels)
        print(f"{number(parcels)} parcelles, {number(path.stat().st_size / 1e6)} Mo", flush=True)
        print(_line("Essai", "Limite, Mo", "Mo au plus", "s processeur", "Issue"), flush=True)
        trials = []
        limit = None
        for what in (READING, CONTROL, READING, CONTROL):
            trials.append(attempt(what, path, limit))
            print(trials[-1].row(), flush=True)
            if len(trials) == 2:
                limit = share * trials[0].peak_mb
    print(verdict(*trials))
    return holds(*trials)


def holds(reading: Trial, control: Trial, limited_reading: Trial, limited_control: Trial) -> bool:
    """Whether the limit stops the reading, and changes nothing to the report of the control."""
    measured = reading.found is not None and control.found is not None
    return measured and limited_reading.found is None and limited_control.found == control.found


def verdict(reading: Trial, control: Trial, limited_reading: Trial, limited_control: Trial) -> str:
    """What the four trials show, in French."""
    if holds(reading, control, limited_reading, limited_control):
        return "Le contrôle se passe de la mémoire qui manque à la lecture, et son rapport est le même."
    if limited_reading.found is not None:
        return "La limite ne prouve rien\u00a0: la lecture entière y tient aussi."
    return "Le contrôle n'a pas tenu dans la limite, ou son rapport a changé."


def attempt(what: str, path: Path, limit_mb: float | None) -> Trial:
    """Read or control a layer in a process of its own.

    Parameters
    ----------
    what : `READING` or `CONTROL`
    limit_mb : memory that the process may reserve (10⁶ bytes), its libraries included; all when None
    """
    command = [sys.executable, "-W", "ignore", "-m", "geoatelier.bench_memory", what, str(path)]
    command += [] if limit_mb is None else [str(limit_mb)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_MOST_SECONDS, env=os.environ | _ENVIRONMENT
        )
    except subprocess.TimeoutExpired:
        return Trial(what, limit_mb, failure=f"plus de {number(_MOST_SECONDS)} s")
    if done.returncode:
        said = [line.removeprefix("  what():  ") for line in done.stderr.splitlines() if line.strip()]
        return Trial(what, limit_mb, failure=said[-1] if said else f"signal {-done.returncode}")
    return Trial(what, limit_mb, **json.loads(done.stdout.splitlines()[-1]))


def measure(what: str, path: Path, limit_mb: float | None = None) -> dict[str, object]:
    """Read or control a layer in this process, and give the fields of its `Trial`."""
    if limit_mb is not None:
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (int(limit_mb * 1e6), most))
    start = time.process_time()
    found = _WORKS[what](path)
    used = resource.getrusage(resource.RUSAGE_SELF)
    # Kilobytes on Linux, bytes on macOS.
    peak_mb = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    return {"peak_mb": peak_mb, "seconds": time.process_time() - start, "found": found}


def _read(path: Path) -> dict[str, int]:
    return {"lignes": len(gpd.read_file(path))}


def _control(path: Path) -> dict[str, int]:
    """The number of anomalies of each kind in the report that the command writes."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "controle"
        status = geoatelier(["check", str(path), "--output", str(report), "--quiet"])
        if status not in (CONFORM, BLOCKED):
            raise SystemExit(status)
        with (report / "anomalies.csv").open(encoding="utf-8-sig", newline="") as file:
            return dict(Counter(row["code"] for row in csv.DictReader(file, delimiter=";")))


_WORKS = {READING: _read, CONTROL: _control}


def main(arguments: list[str]) -> int:
    """Run the benchmark, on the number of parcels given if any, or one trial in a process of its own."""
    if arguments[:1] in ([READING], [CONTROL]):
        what, path, *limit = arguments
        print(json.dumps(measure(what, Path(path), *map(float, limit))))
        return 0
    return 0 if benchmark(*map(int, arguments)) else 1


def _line(what: str, limit: str, peak: str, seconds: str, outcome: str) -> str:
    return f"{what:<20} {limit:>10} {peak:>11} {seconds:>13}   {outcome}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
