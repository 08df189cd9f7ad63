"""The bench: what it measures is what the notebook's kernel used."""

import nbformat
import pytest

from geoatelier import bench
from geoatelier.authoring.execute import RunError
from geoatelier.bench import Usage


def write_notebook(path, *sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_a_kernel_that_holds_memory_and_works_is_seen_to(tmp_path):
    hold = "import time\nheld = bytearray(200_000_000)"
    work = "end = time.process_time() + 1\nwhile time.process_time() < end: pass"
    usage = bench.measure(write_notebook(tmp_path / "n.ipynb", hold, work))
    assert 200 < usage.peak_mb < 400
    assert usage.cpu_seconds > 1
    assert usage.seconds > 1
    assert 0 < usage.energy_wh.low < usage.energy_wh.high


def test_the_notebook_is_left_as_it_was(tmp_path):
    path = write_notebook(tmp_path / "n.ipynb", "1 + 1")
    before = path.read_bytes()
    bench.measure(path)
    assert path.read_bytes() == before


def test_a_cell_that_fails_stops_the_bench(tmp_path):
    with pytest.raises(RunError, match="ZeroDivisionError"):
        bench.measure(write_notebook(tmp_path / "n.ipynb", "1 / 0"))


@pytest.mark.parametrize(
    ("code", "usage", "expected"),
    [
        ("S3", Usage(seconds=29, peak_mb=599), []),
        ("S3", Usage(seconds=31, peak_mb=599), ["plus de 30 s"]),
        ("E2", Usage(seconds=31, peak_mb=599), []),
        ("E2", Usage(seconds=61, peak_mb=601), ["plus de 60 s", "plus de 600 Mo"]),
        ("E6", Usage(seconds=59, peak_mb=949), []),
        ("E6", Usage(seconds=59, peak_mb=951), ["plus de 950 Mo"]),
    ],
)
def test_a_notebook_over_its_limits_is_told(tmp_path, code, usage, expected):
    assert bench.excesses(tmp_path / f"{code}_titre.ipynb", usage) == expected


def test_the_command_prints_a_row_a_notebook_and_fails_on_an_excess(monkeypatch, tmp_path, capsys):
    for folder, name in (("notebooks", "accueil"), ("solutions", "S3_x"), ("exercises", "S3_x")):
        (tmp_path / folder).mkdir()
        write_notebook(tmp_path / folder / f"{name}.ipynb", "1")
    monkeypatch.chdir(tmp_path)
    costs = {"accueil": Usage(2.5, 1.0, 120), "S3_x": Usage(12, 20, 650)}
    monkeypatch.setattr(bench, "measure", lambda path: costs[path.stem])
    assert bench.main() == 1
    rows = capsys.readouterr().out.splitlines()
    assert rows[1].split()[:3] == ["notebooks/accueil.ipynb", "2,5", "120"]
    assert rows[2].startswith("solutions/S3_x.ipynb")
    assert rows[2].endswith("plus de 600 Mo")
    assert not any(row.startswith("exercises") for row in rows)
    costs["S3_x"] = Usage(12, 20, 550)
    assert bench.main() == 0
