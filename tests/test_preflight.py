"""The check of the machine: what it finds, what it advises, how it is shown."""

import json
import os
import shutil
import socket
import stat
import sys
from importlib.metadata import PackageNotFoundError
from types import SimpleNamespace

import pytest

from geoatelier import preflight
from geoatelier.preflight import Finding, Report, Verdict

GOOD = Finding("Python", "3.11 ou plus récent", "3.12.1")
DOUBTFUL = Finding("Mémoire", "1,5 Go libre", "0,9 Go libre", Verdict.WARNING, "Fermez des carnets.")
BROKEN = Finding("Données", "chaque fichier", "absentes", Verdict.BLOCKING, "Reprenez une copie.")


@pytest.fixture
def no_container(monkeypatch, tmp_path):
    monkeypatch.setattr(preflight, "CGROUP", tmp_path / "absent")


def free_memory(monkeypatch, gigabytes):
    memory = SimpleNamespace(available=gigabytes * 1e9)
    monkeypatch.setattr(preflight.psutil, "virtual_memory", lambda: memory)


def write_container(folder, limit, used, kept=0):
    folder.mkdir()
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 12\ninactive_file {kept}\n")


def write_territory(folder, files):
    (folder / "data").mkdir()
    resources = [{"name": name, "path": name, "bytes": size} for name, size in files.items()]
    (folder / "data" / "datapackage.json").write_text(json.dumps({"resources": resources}))
    return folder / "data"


def test_a_machine_with_only_good_findings_is_ready():
    assert Report((GOOD, GOOD)).ready
    assert Report((GOOD,)).conclusion == "La machine est prête."


def test_a_warning_does_not_prevent_the_lessons():
    report = Report((GOOD, DOUBTFUL))
    assert report.ready
    assert "points d'attention" in report.conclusion


def test_one_blocking_finding_is_enough_not_to_be_ready():
    report = Report((GOOD, DOUBTFUL, BROKEN))
    assert not report.ready
    assert "n'est pas prête" in report.conclusion


def test_the_terminal_gives_advice_only_for_what_is_not_good():
    lines = str(Report((GOOD, BROKEN))).splitlines()
    assert lines[0].strip() == "✔ Python\u00a0: 3.12.1"
    assert lines[1].strip() == "✖ Données\u00a0: absentes"
    assert lines[2].strip() == "Il faut\u00a0: chaque fichier. Reprenez une copie."


def test_a_verdict_is_a_sign_and_a_word_never_a_colour():
    table = Report((GOOD, DOUBTFUL, BROKEN))._repr_markdown_()
    for words in ("✔ bon", "⚠ attention", "✖ bloquant"):
        assert words in table
    assert "color" not in table


def test_each_row_of_the_table_has_as_many_cells_as_its_head():
    rows = [row for row in Report((GOOD, DOUBTFUL))._repr_markdown_().splitlines() if row.startswith("|")]
    assert len(rows) == 4
    assert {row.count("|") for row in rows} == {5}


def test_the_table_is_followed_by_the_advice_for_what_is_not_good():
    shown = Report((GOOD, DOUBTFUL))._repr_markdown_()
    assert "- **Mémoire**\u00a0: Fermez des carnets." in shown.splitlines()
    assert "- **Python**" not in shown


def test_an_old_python_is_blocking(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 12))
    assert preflight.python().verdict is Verdict.BLOCKING


@pytest.mark.usefixtures("no_container")
def test_memory_is_judged_on_what_is_left(monkeypatch):
    free_memory(monkeypatch, 1.6)
    assert preflight.memory().verdict is Verdict.GOOD
    free_memory(monkeypatch, 1.4)
    found = preflight.memory()
    assert (found.verdict, found.found) == (Verdict.WARNING, "1,4 Go libre")


def test_the_limit_of_a_container_counts_when_it_is_lower(monkeypatch, tmp_path):
    write_container(tmp_path / "cgroup", limit=2_000_000_000, used=1_200_000_000, kept=200_000_000)
    monkeypatch.setattr(preflight, "CGROUP", tmp_path / "cgroup")
    free_memory(monkeypatch, 60)
    found = preflight.memory()
    assert (found.verdict, found.found) == (Verdict.WARNING, "1,0 Go libre")


def test_a_container_without_limit_leaves_the_memory_of_the_machine(monkeypatch, tmp_path):
    write_container(tmp_path / "cgroup", limit="max", used=1_200_000_000)
    monkeypatch.setattr(preflight, "CGROUP", tmp_path / "cgroup")
    free_memory(monkeypatch, 8)
    assert preflight.memory().found == "8,0 Go libre"


def test_a_full_disk_is_a_warning(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0.4e9))
    assert preflight.disk().verdict is Verdict.WARNING
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0.6e9))
    assert preflight.disk().verdict is Verdict.GOOD


def test_a_missing_library_is_named(monkeypatch):
    real = preflight.importlib.metadata.version

    def version(name):
        if name == "rasterio":
            raise PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(preflight.importlib.metadata, "version", version)
    found = preflight.libraries()
    assert found.verdict is Verdict.BLOCKING
    assert found.found.endswith(": rasterio")


def test_a_library_that_is_too_old_is_named(monkeypatch):
    real = preflight.importlib.metadata.version
    monkeypatch.setattr(
        preflight.importlib.metadata, "version", lambda name: "0.1" if name == "geopandas" else real(name)
    )
    assert preflight.libraries().found.endswith(": geopandas")


def test_libraries_for_developers_are_not_asked_of_learners(monkeypatch):
    monkeypatch.setattr(
        preflight.importlib.metadata, "requires", lambda _: ['no-such-library; extra == "dev"', "numpy>=2"]
    )
    assert preflight.libraries().verdict is Verdict.GOOD


def test_a_whole_territory_is_good(monkeypatch, tmp_path):
    data = write_territory(tmp_path, {"a.gpkg": 3, "b.tif": 5})
    (data / "a.gpkg").write_bytes(b"123")
    (data / "b.tif").write_bytes(b"12345")
    monkeypatch.chdir(tmp_path)
    assert preflight.data().verdict is Verdict.GOOD


def test_a_missing_file_and_a_truncated_one_are_named(monkeypatch, tmp_path):
    data = write_territory(tmp_path, {"a.gpkg": 3, "b.tif": 5, "c.csv": 2})
    (data / "b.tif").write_bytes(b"1234")
    (data / "c.csv").write_bytes(b"12")
    monkeypatch.chdir(tmp_path)
    found = preflight.data()
    assert found.verdict is Verdict.BLOCKING
    assert found.found.endswith(": a.gpkg, b.tif")


def test_without_a_territory_the_advice_says_where_it_was_looked_for(monkeypatch, tmp_path):
    monkeypatch.setenv("GEOATELIER_DATA", str(tmp_path))
    found = preflight.data()
    assert found.verdict is Verdict.BLOCKING
    assert str(tmp_path) in found.remedy


def test_a_folder_where_one_may_write_is_good(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert preflight.writing().verdict is Verdict.GOOD
    assert list(tmp_path.iterdir()) == []


def test_a_folder_where_nothing_can_be_saved_is_blocking(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def refuse(**_):
        raise PermissionError("Permission denied")

    monkeypatch.setattr(preflight.tempfile, "TemporaryFile", refuse)
    assert preflight.writing().verdict is Verdict.BLOCKING


def test_libraries_that_load_are_good():
    assert preflight.loading().verdict is Verdict.GOOD


def false_python(path, script):
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for Python is a shell script")
def test_a_library_that_does_not_load_is_named_with_its_error(tmp_path):
    found = preflight.loading(false_python(tmp_path / "python", """echo '{"torch": "OSError: libc10.so"}'"""))
    assert (found.verdict, found.found) == (Verdict.BLOCKING, "torch (OSError: libc10.so)")


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for Python is a shell script")
def test_a_library_that_kills_python_is_a_finding_and_not_a_crash(tmp_path):
    found = preflight.loading(false_python(tmp_path / "python", "kill -SEGV $$"))
    assert (found.verdict, found.found) == (Verdict.BLOCKING, "Python (arrêt brutal)")


def test_a_port_that_is_taken_is_a_warning():
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
        assert preflight.port(number).verdict is Verdict.WARNING
    assert preflight.port(number).verdict is Verdict.GOOD


def test_the_light_checks_load_no_heavy_library():
    script = (
        "import sys; from geoatelier import preflight; preflight.examine(load=False); "
        "print({'numpy', 'pandas', 'geopandas', 'matplotlib', 'torch'} & set(sys.modules))"
    )
    run = preflight.subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_a_saved_notebook_keeps_nothing_that_depends_on_the_machine(monkeypatch):
    displayed = []
    monkeypatch.setattr("IPython.display.display", displayed.append)
    for gigabytes in (1, 64):
        free_memory(monkeypatch, gigabytes)
        preflight.show()
    on_a_small_machine, on_a_large_one = (markdown.data for markdown in displayed)
    assert on_a_small_machine == on_a_large_one
    assert "| Mémoire | 1,5 Go libre |" in on_a_small_machine


def test_the_command_fails_on_a_machine_that_is_not_ready(monkeypatch, capsys):
    monkeypatch.setattr(preflight, "examine", lambda: Report((GOOD, BROKEN)))
    assert preflight.main() == 1
    assert "✖ Données" in capsys.readouterr().out
    monkeypatch.setattr(preflight, "examine", lambda: Report((GOOD,)))
    assert preflight.main() == 0
