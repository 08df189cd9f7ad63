"""The committed notebooks are those that a build would give, and replay cell for cell."""

import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from geoatelier.authoring.build import differences
from geoatelier.authoring.execute import execute
from geoatelier.authoring.write import MAX_BYTES

ROOT = Path(__file__).parents[1]


def committed(kind):
    """The notebooks of a kind, but for those that Lab keeps aside."""
    return [p for p in sorted((ROOT / kind).rglob("*.ipynb")) if ".ipynb_checkpoints" not in p.parts]


EXECUTED = [*committed("notebooks"), *committed("solutions")]
BLANK = committed("exercises")


def name(path):
    return path.relative_to(ROOT).with_suffix("").as_posix()


def replay(path):
    """Run nbval, strict, on one notebook, in a process of its own."""
    here = Path(__file__).parent
    command = [
        *(sys.executable, "-m", "pytest", str(path), "--nbval", "--nbval-current-env", "-q", "--no-header"),
        *("--nbval-sanitize-with", str(here / "nbval_sanitize.cfg"), "-p", "nbval_rules"),
        *("-p", "no:cacheprovider", "--rootdir", str(path.parent), "-c", os.devnull),
    ]
    paths = [str(here), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "GEOATELIER_STATIC": "1"}
    return subprocess.run(
        command, env=environment, cwd=path.parent, capture_output=True, text=True, check=False
    )


def test_sources_and_committed_notebooks_are_in_step():
    assert differences(ROOT) == []


def test_there_are_notebooks_to_replay():
    assert EXECUTED
    assert BLANK


@pytest.mark.parametrize("path", EXECUTED, ids=name)
def test_a_notebook_replays_cell_for_cell(path):
    run = replay(path)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]


@pytest.mark.parametrize("path", BLANK, ids=name)
def test_a_blank_sheet_runs_clean_and_proves_nothing(path):
    notebook = execute(nbformat.read(path, as_version=4), path.parent)
    checks = [cell for cell in notebook.cells if "check" in cell.metadata.get("tags", [])]
    answers = [cell.outputs[-1].data["text/plain"] for cell in checks]
    assert answers
    assert all(answer.startswith("⬜ À faire") for answer in answers)
    bilan = notebook.cells[-1].outputs[-1].data["text/plain"]
    assert f"0\u00a0exercice réussi sur {len(checks)}." in bilan


@pytest.mark.parametrize("path", [*EXECUTED, *BLANK], ids=name)
class TestFile:
    def test_it_weighs_less_than_a_megabyte(self, path):
        assert path.stat().st_size < MAX_BYTES

    def test_it_is_valid_and_names_no_machine(self, path):
        text = path.read_text(encoding="utf-8")
        nbformat.validate(json.loads(text))
        assert not re.search(r"/(home|root|tmp|Users|work)/|[A-Z]:\\\\Users|ipykernel_\d", text)

    def test_no_outside_address_is_fetched_when_it_is_shown(self, path):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                html = output.get("data", {}).get("text/html", "")
                assert not re.search(r"""<(script|img|iframe|link)\b[^>]*\b(src|href)=["']https?:""", html)

    def test_it_imports_nothing_that_only_builds_the_workshop(self, path):
        code = "\n".join(c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code")
        assert not re.search(r"geoatelier[. ].*\b(authoring|territory)\b", code)

    def test_its_headings_go_down_one_level_at_a_time(self, path):
        texts = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown"]
        text = re.sub(r"```.*?```", "", "\n".join(texts), flags=re.DOTALL)
        levels = [len(marks) for marks in re.findall(r"^(#{1,6}) ", text, flags=re.MULTILINE)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


class TestTheReplayItself:
    """nbval must be able to fail: each of these notebooks lies in one way."""

    @pytest.fixture
    def notebook(self, tmp_path):
        def write(source, *outputs, count=1, tags=()):
            cell = new_code_cell(source, outputs=list(outputs), execution_count=count)
            cell.metadata["tags"] = list(tags)
            path = tmp_path / "essai.ipynb"
            nbformat.write(new_notebook(cells=[cell]), path)
            return path

        return write

    def printed(self, text):
        return new_output("stream", name="stdout", text=text)

    def test_the_same_print_passes(self, notebook):
        assert replay(notebook("print(1)", self.printed("1\n"))).returncode == 0

    def test_another_print_fails(self, notebook):
        assert replay(notebook("print(1)", self.printed("2\n"))).returncode == 1

    def test_a_cell_that_raises_fails(self, notebook):
        assert replay(notebook("1 / 0")).returncode == 1

    def test_an_output_that_changes_from_machine_to_machine_is_not_compared(self, notebook):
        path = notebook("print(1)", self.printed("2\n"), tags=["nbval-ignore-output"])
        assert replay(path).returncode == 0

    def test_a_warning_is_not_compared(self, notebook):
        assert replay(notebook("import warnings\nwarnings.warn('a')")).returncode == 0

    def test_an_address_is_not_compared_but_the_object_is(self, notebook):
        source = "class A: pass\nprint(A())"
        assert replay(notebook(source, self.printed("<__main__.A object at 0x…>\n"))).returncode == 0
        assert replay(notebook(source, self.printed("<__main__.B object at 0x…>\n"))).returncode == 1
