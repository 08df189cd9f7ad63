"""How JupyterLab is started: on this machine only, with its address printed, as whoever runs it."""

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest

from geoatelier import lab
from geoatelier.preflight import Finding, Report, Verdict


def test_jupyterlab_listens_on_this_machine_only():
    assert "--ServerApp.ip=127.0.0.1" in lab.options(Path("/atelier"), as_root=False, screen=True)


def test_root_is_allowed_only_when_root_runs_it():
    assert "--allow-root" in lab.options(Path("/atelier"), as_root=True, screen=True)
    assert "--allow-root" not in lab.options(Path("/atelier"), as_root=False, screen=True)


def test_no_browser_is_opened_where_there_is_no_screen():
    assert "--no-browser" in lab.options(Path("/atelier"), as_root=False, screen=False)
    assert "--no-browser" not in lab.options(Path("/atelier"), as_root=False, screen=True)


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"BROWSER": "firefox"}, True),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_a_screen_is_told_from_the_environment(platform, environment, expected):
    assert lab.has_screen(platform, environment) is expected


def test_nothing_starts_on_a_machine_that_is_not_ready(monkeypatch, capsys):
    broken = Finding("Données", "chaque fichier", "absentes", Verdict.BLOCKING, "Reprenez une copie.")
    monkeypatch.setattr(lab.preflight, "examine", lambda load: Report((broken,)))
    assert lab.main() == 1
    assert "Reprenez une copie." in capsys.readouterr().out


def start_with_browser(folder):
    """Start JupyterLab on a workshop of one empty notebook, with a browser that writes what it is sent to."""
    (folder / lab.WELCOME).parent.mkdir()
    nbformat.write(nbformat.v4.new_notebook(), folder / lab.WELCOME)
    (folder / "data").mkdir()
    (folder / "data" / "datapackage.json").write_text('{"resources": []}')
    browser = folder / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {folder / "opened"}\n')
    browser.chmod(0o755)
    environment = {**os.environ, "BROWSER": f"{browser} %s", "HOME": str(folder)}
    environment.pop("JUPYTER_TOKEN", None)
    environment.pop("GEOATELIER_DATA", None)
    command = [sys.executable, "-m", "geoatelier.lab"]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)


def first_address(lines):
    return next(found[0] for line in lines if (found := re.search(r"http://127\.0\.0\.1\S+", line)))


def content_of(path, timeout=30):
    """What a file holds, as soon as it holds something."""
    end = time.monotonic() + timeout
    while not (path.exists() and path.read_text().strip()):
        assert time.monotonic() < end, f"nothing in {path}"
        time.sleep(0.1)
    return path.read_text().strip()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """The address that JupyterLab printed, and the one that the browser was sent to."""
    if os.name == "nt":
        pytest.skip("its browser is a shell script")
    folder = tmp_path_factory.mktemp("workshop")
    process = start_with_browser(folder)
    try:
        address = first_address(process.stdout)
        with urllib.request.urlopen(address) as answer:  # at once: the port must be open already
            assert answer.status == 200
        yield address, content_of(folder / "opened")
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_the_browser_is_sent_to_the_address_that_is_printed(running):
    printed, opened = running
    assert "/lab/tree/notebooks/accueil.ipynb?token=" in printed
    assert opened == printed


def test_files_are_read_with_the_token_of_the_address_and_not_without(running):
    address = urlsplit(running[0])
    contents = f"http://{address.netloc}/api/contents"
    with urllib.request.urlopen(f"{contents}?{address.query}") as answer:
        assert answer.status == 200
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(contents)
