"""What every test runs under: static faces, no window for figures, and a trial workshop to build."""

import os
import shutil
import sys
from pathlib import Path

os.environ["GEOATELIER_STATIC"] = "1"

import matplotlib

matplotlib.use("Agg")

import pytest

from geoatelier.exercises import checks

FIXTURES = Path(__file__).parent / "fixtures"
PACKAGE = Path(checks.__file__).parents[2]


def pytest_configure(config):
    config.addinivalue_line("filterwarnings", "ignore:FigureCanvasAgg is non-interactive:UserWarning")


@pytest.fixture
def atelier(tmp_path, monkeypatch):
    """A trial workshop of two lessons, in a folder of its own that kernels and this process import from."""
    yield make_atelier(tmp_path / "atelier", monkeypatch)
    forget_modules()


def make_atelier(root, monkeypatch):
    """Copy the trial workshop to a folder, with the package, and make it the one that is at work."""
    shutil.copytree(FIXTURES / "atelier", root)
    shutil.copytree(PACKAGE, root / "src" / "geoatelier", ignore=shutil.ignore_patterns("__pycache__"))
    trial_checks = root / "src" / "geoatelier" / "exercises" / "checks"
    shutil.copytree(root / "checks", trial_checks, dirs_exist_ok=True)
    shutil.rmtree(root / "checks")
    monkeypatch.setattr(checks, "__path__", [str(trial_checks)])
    forget_modules()
    monkeypatch.setenv("PYTHONPATH", str(root / "src"))
    monkeypatch.chdir(root)
    return root


def forget_modules():
    """Forget the check modules already imported, so that those of the folder at work are read."""
    for name in [name for name in sys.modules if name.startswith(f"{checks.__name__}.")]:
        del sys.modules[name]
        vars(checks).pop(name.rpartition(".")[2], None)
