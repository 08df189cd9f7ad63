"""The benchmark of memory: its trials measure what they say, and its verdict is not given lightly."""

import json
import subprocess
import sys
from collections import Counter

import pytest

from geoatelier import bench_memory as bench
from geoatelier import quality
from geoatelier.bench_layer import write_layer
from geoatelier.bench_memory import CONTROL, READING, Trial, attempt, holds, measure


@pytest.fixture(scope="module")
def layer(tmp_path_factory):
    path = tmp_path_factory.mktemp("memory") / "parcelles.gpkg"
    write_layer(path, 1_000)
    return path


def test_the_control_counts_the_anomalies_of_the_report_that_the_command_writes(layer):
    expected = Counter(quality.check([layer]).anomalies["code"])
    assert measure(CONTROL, layer)["found"] == expected
    assert len(expected) > 5


def test_a_trial_without_limit_gives_what_it_found_and_the_memory_it_held(layer, capsys):
    assert bench.main([READING, str(layer)]) == 0
    given = json.loads(capsys.readouterr().out)
    assert given["found"] == {"lignes": 1_002}
    assert 50 < given["peak_mb"] < 10_000


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA holds mapped memory on Linux only")
def test_the_limit_refuses_the_memory_that_is_beyond_it(layer):
    greedy = (
        "bench._WORKS['essai'] = lambda path: len(bytearray(2 * 10**9)); bench.measure('essai', None, 1500)"
    )
    code = f"from geoatelier import bench_memory as bench; {greedy}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.splitlines()[-1] == "MemoryError"


def test_a_process_that_stops_is_a_trial_that_failed_and_says_why(tmp_path):
    stopped = attempt(READING, tmp_path / "absent.gpkg", None)
    assert stopped.found is None
    assert "absent.gpkg" in stopped.failure
    assert "s'arrête" in stopped.row()


def trials(*found):
    return [Trial("", None, found=counts) for counts in found]


@pytest.mark.parametrize(
    ("found", "right"),
    [
        (({"lignes": 9}, {"a": 2, "b": 1}, None, {"b": 1, "a": 2}), True),
        (({"lignes": 9}, {"a": 3}, None, {"a": 2}), False),
        (({"lignes": 9}, {"a": 3}, None, None), False),
        (({"lignes": 9}, {"a": 3}, {"lignes": 9}, {"a": 3}), False),
        (({"lignes": 9}, None, None, None), False),
        ((None, {"a": 3}, None, {"a": 3}), False),
    ],
    ids=["same", "other counts", "stopped", "limit too high", "no control", "no reading"],
)
def test_the_verdict_wants_a_reading_that_fails_and_the_same_report(found, right):
    assert holds(*trials(*found)) is right


def test_the_limit_is_a_share_of_what_the_whole_layer_takes(monkeypatch, capsys):
    asked = []

    def answer(what, path, limit):
        asked.append((what, limit))
        found = None if what == READING and limit else {"a": 1}
        return Trial(what, limit, peak_mb=800.0, found=found, failure="" if found else "MemoryError")

    monkeypatch.setattr(bench, "attempt", answer)
    assert bench.benchmark(1_000, 0.25)
    assert asked == [(READING, None), (CONTROL, None), (READING, 200.0), (CONTROL, 200.0)]
    assert "le même" in capsys.readouterr().out
