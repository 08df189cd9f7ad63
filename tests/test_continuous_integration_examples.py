"""The examples of continuous integration that lesson E1 gives away, run as a forge runs them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import pytest
import yaml

from geoatelier import datasets, quality

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "lessons/expert/E1_controles_en_chaine/integration"
INSTALLS = ("git clone", "pip install")
CHECK = "geoatelier check"

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the forges run these lines in bash")


def _read(name: str) -> dict:
    return yaml.safe_load((EXAMPLES / name).read_text(encoding="utf-8"))


def _github() -> list[str]:
    steps = _read("github.yml")["jobs"]["controle"]["steps"]
    return [line for step in steps for line in step.get("run", "").splitlines()]


def _gitlab() -> list[str]:
    job = _read("gitlab-ci.yml")["controle"]
    return [*job["before_script"], *job["script"]]


FORGES = {"github.yml": _github, "gitlab-ci.yml": _gitlab}


def _without_installation(forge: str) -> list[str]:
    return [line for line in FORGES[forge]() if not line.startswith(INSTALLS)]


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The roads, the clean parcels and the damaged delivery, each in a file."""
    folder = tmp_path_factory.mktemp("couches")
    for name in ("troncons_de_route", "parcelles_agricoles"):
        layer = gpd.read_file(datasets.path("galejade.gpkg"), layer=name)
        layer.to_file(folder / f"{name}.gpkg", layer=name)
    shutil.copy(datasets.path("livraison/parcelles_2025.gpkg"), folder / "livrees.gpkg")
    return folder


@pytest.fixture
def repository(layers: Path, tmp_path: Path) -> Path:
    """A repository laid out as the lesson says, with nothing delivered yet."""
    for name in ("fiche.yaml", "controles.py", "test_controles.py"):
        shutil.copy(EXAMPLES / name, tmp_path / name)
    for name in ("livraison", "acceptee", "reference"):
        (tmp_path / name).mkdir()
    shutil.copy(layers / "troncons_de_route.gpkg", tmp_path / "reference/routes.gpkg")
    shutil.copy(layers / "parcelles_agricoles.gpkg", tmp_path / "acceptee/parcelles_2024.gpkg")
    return tmp_path


def _deliver(repository: Path, layer: Path) -> None:
    shutil.copy(layer, repository / "livraison/parcelles_2025.gpkg")


def _play(lines: Iterable[str], repository: Path) -> tuple[list[str], subprocess.CompletedProcess[str]]:
    """Run the lines in bash, one after the other, until one fails; those that ran, the last result."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    ran = []
    for line in lines:
        ran.append(line)
        # -e and pipefail, as both forges set them.
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", line],
            cwd=repository,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            break
    return ran, done


@pytest.fixture(params=FORGES)
def lines(request: pytest.FixtureRequest) -> list[str]:
    """What a forge runs, less its installation: that needs a network, and has a test of its own below."""
    return _without_installation(request.param)


def test_a_clean_delivery_is_green(lines: list[str], repository: Path, layers: Path) -> None:
    _deliver(repository, layers / "parcelles_agricoles.gpkg")
    ran, done = _play(lines, repository)
    assert ran == lines
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("CONFORME")
    assert "0 anomalie corrigée" in done.stdout.replace("\xa0", " ")
    assert (repository / "rapport/rapport.html").stat().st_size > 0


def test_a_damaged_delivery_is_red_and_its_report_is_kept(
    lines: list[str], repository: Path, layers: Path
) -> None:
    _deliver(repository, layers / "livrees.gpkg")
    ran, done = _play(lines, repository)
    assert ran == lines
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.startswith("NON CONFORME")
    assert "Parcelle traversée par une route" in done.stdout
    assert (repository / "rapport/rapport.html").stat().st_size > 0


def test_a_wrong_control_stops_the_chain_before_it_judges_anyone(repository: Path, layers: Path) -> None:
    _deliver(repository, layers / "parcelles_agricoles.gpkg")
    controls = repository / "controles.py"
    text = controls.read_text(encoding="utf-8")
    assert "dedans - au_bord" in text
    controls.write_text(text.replace("dedans - au_bord", "dedans"), encoding="utf-8")
    ran, done = _play(_without_installation("github.yml"), repository)
    assert done.returncode == 1
    assert "failures=1" in done.stderr
    assert not any(line.startswith(CHECK) for line in ran)


def test_a_delivery_that_cannot_be_read_is_told_apart_from_a_refused_one(
    repository: Path, layers: Path
) -> None:
    content = (layers / "parcelles_agricoles.gpkg").read_bytes()
    (repository / "livraison/parcelles_2025.gpkg").write_bytes(content[: len(content) // 2])
    _, done = _play([line for line in _github() if line.startswith(CHECK)], repository)
    assert done.returncode == 2, done.stdout + done.stderr


@pytest.mark.parametrize("forge", FORGES)
def test_its_installation_asks_for_files_that_the_repository_of_geoatelier_has(forge: str) -> None:
    """Not run (it fetches from a network): each file that it names is there, and what it runs is declared."""
    installs = [line for line in FORGES[forge]() if line.startswith(INSTALLS)]
    assert [line.split(" -")[0] for line in installs] == ["git clone", "pip install", "pip install"]
    clone = installs[0].split()[-1]
    named = {word for line in installs[1:] for word in line.split() if word.startswith(f"{clone}/")}
    assert named == {f"{clone}/requirements-torch.txt", f"{clone}/constraints.txt"}
    assert all((ROOT / word.removeprefix(f"{clone}/")).is_file() for word in named)
    assert installs[-1].split()[-1] == clone


def test_both_forges_run_the_same_commands() -> None:
    assert _github() == _gitlab()


@pytest.mark.parametrize("forge", FORGES)
def test_the_report_is_kept_whatever_the_verdict(forge: str) -> None:
    if forge == "github.yml":
        keep = _read(forge)["jobs"]["controle"]["steps"][-1]
        assert keep["if"] == "always()"
        kept = [keep["with"]["path"]]
    else:
        artifacts = _read(forge)["controle"]["artifacts"]
        assert artifacts["when"] == "always"
        kept = artifacts["paths"]
    check = next(line for line in FORGES[forge]() if line.startswith(CHECK))
    assert f"--output {kept[0]}" in check


def test_the_sheet_is_well_formed_and_holds_on_the_clean_island(layers: Path) -> None:
    sheet = quality.load_sheet(EXAMPLES / "fiche.yaml", measures=quality.MEASURES)
    assert sheet.expected_layers == ("parcelles*",)
    assert quality.check([layers / "parcelles_agricoles.gpkg"], sheet=sheet).conform
