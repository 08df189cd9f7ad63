"""The environments agree with one another: pip and its pins, conda, Binder, JupyterLab's own settings."""

import ast
import importlib.metadata
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "geoatelier"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN_TIME = [Requirement(line) for line in PYPROJECT["project"]["dependencies"]]
DEVELOPMENT = [Requirement(line) for line in PYPROJECT["project"]["optional-dependencies"]["dev"]]

CONDA_NAMES = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base"}
NOT_ON_CONDA_FORGE = {"xstatic-leaflet", "jupyterlab-language-pack-fr-fr", "ecologits"}
ADVISED_BY_PIP = {"codecarbon"}  # its authors no longer maintain a conda package
# Gigabytes. nvidia-ml-py is none of them: a small reader of the card's own meter.
GRAPHICS_CARDS = ("nvidia-c", "nvidia-n", "cuda", "triton")
BUILD_TIME_ROOMS = ("authoring", "territory", "bench.py", "bench_engines.py", "cli.py")


def pins() -> dict[str, list[Requirement]]:
    """The lines of constraints.txt by name; a name may have several, each for some versions of Python."""
    found = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pin = Requirement(line)
            found.setdefault(canonicalize_name(pin.name), []).append(pin)
    return found


def pin_here(name: str) -> Requirement | None:
    """The line that holds for the running Python."""
    lines = pins().get(canonicalize_name(name), [])
    return next((pin for pin in lines if pin.marker is None or pin.marker.evaluate()), None)


def conda_file(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def conda_specs() -> list[str]:
    return [spec for spec in conda_file(ROOT / "environment.yml")["dependencies"] if isinstance(spec, str)]


def pip_specs_of_conda() -> list[Requirement]:
    (section,) = [s for s in conda_file(ROOT / "environment.yml")["dependencies"] if isinstance(s, dict)]
    return [Requirement(line) for line in section["pip"]]


@pytest.mark.parametrize("requirement", [*RUN_TIME, *DEVELOPMENT], ids=str)
def test_each_requirement_is_pinned_to_a_version_that_it_accepts(requirement):
    pin = pin_here(requirement.name)
    assert pin is not None, f"{requirement.name} is not in constraints.txt: make constraints"
    (version,) = pin.specifier
    assert version.operator == "=="
    assert version.version in requirement.specifier


def test_what_is_installed_here_is_what_is_pinned():
    installed = {d.name: d.version.partition("+")[0] for d in importlib.metadata.distributions()}
    wrong = {
        name: version
        for name, version in installed.items()
        if (pin := pin_here(name)) is not None and version not in pin.specifier
    }
    assert wrong == {}


def test_every_library_that_a_requirement_draws_is_pinned():
    seen, waiting = set(), [*RUN_TIME, *DEVELOPMENT]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        key = (name, frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        for line in importlib.metadata.requires(name) or ():
            drawn = Requirement(line)
            extras = requirement.extras or {""}
            if drawn.marker is None or any(drawn.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(drawn)
    unpinned = {name for name, _ in seen if pin_here(name) is None and not name.startswith(GRAPHICS_CARDS)}
    assert unpinned == set()


def test_torch_is_installed_alone_in_the_pinned_version():
    lines = (ROOT / "requirements-torch.txt").read_text(encoding="utf-8").splitlines()
    named = [line for line in lines if line and not line.startswith(("#", "--"))]
    assert named == [str(pin_here("torch"))]


def test_no_pin_draws_the_libraries_of_graphics_cards():
    assert not [name for name in pins() if name.startswith(GRAPHICS_CARDS)]


def test_each_library_that_the_package_imports_is_declared():
    names = {name: {canonicalize_name(d) for d in dists} for name, dists in
             importlib.metadata.packages_distributions().items()}  # fmt: skip
    run_time = {canonicalize_name(requirement.name) for requirement in RUN_TIME}
    development = run_time | {canonicalize_name(requirement.name) for requirement in DEVELOPMENT}
    undeclared = set()
    for path in PACKAGE.rglob("*.py"):
        build_time = path.relative_to(PACKAGE).parts[0] in BUILD_TIME_ROOMS
        for name in imported(path) - set(sys.stdlib_module_names) - {"geoatelier"}:
            if not names.get(name, {name}) & (development if build_time else run_time):
                undeclared.add(f"{path.relative_to(ROOT)}: {name}")
    assert undeclared == set()


def imported(path: Path) -> set[str]:
    """The top-level names that a module imports, wherever it does."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module.partition(".")[0])
    return found


def test_binder_uses_the_same_environment_as_conda():
    assert (ROOT / "binder" / "environment.yml").read_bytes() == (ROOT / "environment.yml").read_bytes()


@pytest.mark.parametrize("spec", conda_specs())
def test_conda_reads_each_specification(spec):
    from rattler import MatchSpec

    match = MatchSpec(spec, strict=True)
    assert match.version is not None or spec == "pip"


def test_conda_asks_for_the_same_libraries_as_pip_in_the_same_ranges():
    from_conda = {Requirement(spec) for spec in conda_specs() if not spec.startswith(("python=", "pip"))}
    from_conda |= set(pip_specs_of_conda())
    named = {canonicalize_name(r.name): str(r.specifier) for r in from_conda}
    wanted = {canonicalize_name(r.name): str(r.specifier) for r in RUN_TIME}
    assert named == {CONDA_NAMES.get(name, name): specifier for name, specifier in wanted.items()}


def test_pip_completes_conda_only_with_what_conda_forge_lacks():
    assert {canonicalize_name(r.name) for r in pip_specs_of_conda()} == NOT_ON_CONDA_FORGE | ADVISED_BY_PIP


def test_binder_builds_with_conda_on_python_3_11_and_runs_post_build(monkeypatch):
    from repo2docker.app import Repo2Docker

    monkeypatch.chdir(ROOT)
    application = Repo2Docker()
    packs = (pack(base_image=application.base_image) for pack in application.buildpacks)
    chosen = next(pack for pack in packs if pack.detect())
    chosen.platform = "linux/amd64"
    dockerfile = chosen.render({})
    assert type(chosen).__name__ == "CondaBuildPack"
    assert chosen.python_version == "3.11"
    assert "environment.py-3.11-linux-64.lock" in str(chosen.get_build_script_files())
    assert '--file "binder/environment.yml"' in dockerfile
    assert "RUN ./binder/postBuild" in dockerfile


@pytest.mark.parametrize("script", ["binder/postBuild", ".ci/run"])
def test_each_script_can_be_executed_and_read_by_bash(script):
    assert os.access(ROOT / script, os.X_OK)
    subprocess.run(["bash", "-n", ROOT / script], check=True)


def test_jupyterlab_speaks_french_and_shows_no_news():
    from jupyterlab.commands import get_app_dir
    from jupyterlab_server.settings_utils import _get_overrides

    overrides, error = _get_overrides(str(Path(get_app_dir()) / "settings"))
    assert error == ""
    assert overrides == overrides | json.loads((ROOT / "jupyter" / "geoatelier.json").read_text("utf-8"))
    assert overrides["@jupyterlab/translation-extension:plugin"]["locale"] == "fr_FR"


def test_the_french_of_jupyterlab_is_installed_for_its_settings():
    from jupyterlab_server.translation_utils import get_language_packs

    packs, error = get_language_packs()
    assert error == ""
    assert packs["fr_FR"]["nativeName"] == "Français (France)"
