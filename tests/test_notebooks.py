"""The committed notebooks are those that a build would give, and replay cell for cell.

A lesson is replayed section by section: the kernel forgets every name where a section starts. Each one is
thus shown to run alone from its checkpoint, and to give there the outputs that are committed. The same run
shows that the cells replay in one go: the build refuses a name that comes from another section,
`test_lessons.py` a name that hides a builtin one, so that what earlier sections leave is never read.
"""

import io
import json
import os
import re
from contextlib import redirect_stdout
from itertools import pairwise
from pathlib import Path

import nbformat
import nbval_rules
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


def each_alone(paths):
    """Cases of which any worker may take any one: they are long and share nothing."""
    return [pytest.param(path, marks=pytest.mark.xdist_group(name(path)), id=name(path)) for path in paths]


def replay(path):
    """Run nbval, strict, on one notebook, in a kernel of its own; give the exit status and what is said.

    pytest runs within this process: started for each notebook, it would take longer than most of their cells.
    """
    options = [
        *(str(path), "--nbval", "--nbval-current-env", "-q", "--no-header", "--color=no"),
        *("--nbval-sanitize-with", str(Path(__file__).parent / "nbval_sanitize.cfg"), "-p", "nbval.plugin"),
        *("-p", "no:cacheprovider", "-p", "no:faulthandler", "--rootdir", str(path.parent), "-c", os.devnull),
    ]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as said:
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        status = pytest.main(options, plugins=[nbval_rules])
    return status, said.getvalue()


def test_sources_and_committed_notebooks_are_in_step():
    assert differences(ROOT) == []


def test_there_are_notebooks_to_replay():
    assert EXECUTED
    assert BLANK


@pytest.mark.parametrize("path", each_alone(EXECUTED))
def test_a_notebook_replays_cell_for_cell(path):
    status, said = replay(path)
    assert status == pytest.ExitCode.OK, said[-6000:]


@pytest.mark.parametrize("path", each_alone(BLANK))
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


def printed(text):
    return [new_output("stream", name="stdout", text=text)]


TRUE_AND_FALSE_CELLS = {
    "the same print": ("print(1)", printed("1\n")),
    "another print": ("print(1)", printed("2\n")),
    "an error": ("1 / 0", []),
    "ignored output": ("print(1)", printed("2\n"), "nbval-ignore-output"),
    "a warning": ("import warnings\nwarnings.warn('a')", []),
    "an address": ("class A: pass\nprint(A())", printed("<__main__.A object at 0x…>\n")),
    "the address of another": ("print(A())", printed("<__main__.B object at 0x…>\n")),
    "a section": ("n = 1", [], "checkpoint"),
    "its name": ("print(n)", printed("1\n")),
    "another section": ("m = 1", [], "checkpoint"),
    "a name of the first": ("print(n)", printed("1\n")),
    "a name of its own": ("print(m)", printed("1\n")),
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory):
    """The cells that the replay refuses."""
    notebook = new_notebook()
    for count, (source, outputs, *tags) in enumerate(TRUE_AND_FALSE_CELLS.values(), start=1):
        cell = new_code_cell(source, outputs=outputs, execution_count=count)
        cell.metadata["tags"] = tags
        notebook.cells.append(cell)
    path = tmp_path_factory.mktemp("rejeu") / "essai.ipynb"
    nbformat.write(notebook, path)
    status, said = replay(path)
    assert status == pytest.ExitCode.TESTS_FAILED, said
    names = list(TRUE_AND_FALSE_CELLS)
    return {names[int(rank)] for rank in re.findall(r"^FAILED .*::Cell (\d+)", said, flags=re.MULTILINE)}


class TestTheReplayItself:
    """nbval must be able to fail: some of those cells lie, each in one way."""

    def test_the_same_print_passes(self, refused):
        assert "the same print" not in refused

    def test_another_print_fails(self, refused):
        assert "another print" in refused

    def test_a_cell_that_raises_fails(self, refused):
        assert "an error" in refused

    def test_an_output_that_changes_from_machine_to_machine_is_not_compared(self, refused):
        assert "ignored output" not in refused

    def test_a_warning_is_not_compared(self, refused):
        assert "a warning" not in refused

    def test_an_address_is_not_compared_but_the_object_is(self, refused):
        assert "an address" not in refused
        assert "the address of another" in refused

    def test_a_section_has_its_own_names_and_none_of_an_earlier_one(self, refused):
        assert refused.isdisjoint({"a section", "its name", "another section", "a name of its own"})
        assert "a name of the first" in refused

    def test_a_notebook_that_tells_the_truth_passes_as_a_whole(self, tmp_path):
        cell = new_code_cell("print(1)", outputs=printed("1\n"), execution_count=1)
        nbformat.write(new_notebook(cells=[cell]), tmp_path / "essai.ipynb")
        assert replay(tmp_path / "essai.ipynb")[0] == pytest.ExitCode.OK
