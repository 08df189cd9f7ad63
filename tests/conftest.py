"""What tests run under and share: static faces, no window for figures, an order, the island, a workshop."""

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
# Begun first, so that the end of a run on two workers does not wait for one of them.
LONGEST_FIRST = ("island", "test_quality_bad_input", "test_browser", "test_quality_html_browser")


def pytest_configure(config):
    config.addinivalue_line("filterwarnings", "ignore:FigureCanvasAgg is non-interactive:UserWarning")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Keep the tests of a module on one worker, for what they share, unless a mark groups them otherwise."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    ranks = {name: rank for rank, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: ranks.get(group_of(item), len(ranks)))


def group_of(item):
    """The name under which tests are kept on one worker."""
    return item.get_closest_marker("xdist_group").args[0]


# The island, made once for all the tests that need it: they have the mark `xdist_group("island")`.
# What makes it takes half a second to import, which other tests do without.


@pytest.fixture(scope="session")
def terrain():
    from geoatelier.territory.terrain import make_terrain

    return make_terrain()


@pytest.fixture(scope="session")
def settlement(terrain):
    from geoatelier.territory.settlement import make_settlement

    return make_settlement(terrain)


@pytest.fixture(scope="session")
def farmland(terrain, settlement):
    from geoatelier.territory.farmland import make_farmland

    return make_farmland(terrain, settlement)


@pytest.fixture(scope="session")
def cover(terrain, settlement, farmland):
    from geoatelier.territory.cover import make_cover

    return make_cover(terrain, settlement, farmland)


# The trial workshop


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
