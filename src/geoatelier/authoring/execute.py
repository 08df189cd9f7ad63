"""Run a notebook in its folder, with static faces, and keep outputs that are the same from run to run."""

import os
import re
import subprocess
from pathlib import Path

import ipykernel.kernelspec
import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from traitlets import default

from geoatelier.authoring.plain_markdown import lacks_alt

CELL_TIMEOUT_S = 300
STATIC = {"GEOATELIER_STATIC": "1"}

_WIDGET_TYPES = ("application/vnd.jupyter.widget-view+json", "application/vnd.jupyter.widget-state+json")
_TEXT_TYPES = ("text/plain", "text/html", "text/markdown")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
# A path starts after a space, a quote or a parenthesis: so that a megabyte without spaces is read once.
_CELL_FILE = re.compile(r"(?<![^\s\"'(])[^\s\"'(]*ipykernel_\d+[/\\]\d+\.py")
_PACKAGE_FILE = re.compile(r"(?<![^\s\"'(])[^\s\"'(]*[/\\]site-packages[/\\]")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_LINE_IN_CELL = re.compile(r"Cell In\[\d+\], line (\d+)")


class RunError(RuntimeError):
    """A cell failed: which one (its index), the line in it, and the error's short text."""

    def __init__(self, index: int, line: int, error: str) -> None:
        super().__init__(error)
        self.index = index
        self.line = line
        self.error = error


class _ThisPythonSpec(KernelSpecManager):
    """Gives the kernel of the running Python, whatever kernels the user has installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(
            resource_dir=ipykernel.kernelspec.RESOURCES, **ipykernel.kernelspec.get_kernel_dict()
        )


class _ThisPythonKernel(AsyncKernelManager):
    @default("kernel_spec_manager")
    def _kernel_spec_manager_default(self) -> KernelSpecManager:
        return _ThisPythonSpec()


def execute(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Run a notebook from its first cell to its last, and give it with its outputs, normalised.

    Parameters
    ----------
    notebook : NotebookNode
        Left as it is.
    folder : Path
        Working directory of the run: the folder that the notebook is written to.

    Returns
    -------
    NotebookNode
        With no timing, no memory address, no temporary file name and no widget state.

    Raises
    ------
    RunError
        If a cell raises, takes more than CELL_TIMEOUT_S seconds, or kills the kernel.
    """
    metadata = notebook.metadata
    notebook = nbformat.from_dict(notebook)
    folder.mkdir(parents=True, exist_ok=True)
    started = [0]
    client = NotebookClient(
        notebook,
        on_cell_start=lambda cell, cell_index: started.append(cell_index),
        kernel_manager_class=_ThisPythonKernel,
        timeout=CELL_TIMEOUT_S,
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        coalesce_streams=True,
        store_widget_state=False,
    )
    try:
        client.execute(env={**os.environ, **STATIC}, stderr=subprocess.DEVNULL)
    except CellExecutionError as error:
        raise _run_error(notebook) from error
    except (CellTimeoutError, DeadKernelError) as error:
        raise RunError(started[-1], 1, str(error).splitlines()[0]) from error
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            cell.outputs = [normalised(output) for output in cell.outputs if not _is_widget(output)]
    notebook.metadata = metadata  # the kernel adds its version and the state of widgets
    return notebook


def normalised(output: NotebookNode) -> NotebookNode:
    """Give an output without what changes from run to run: addresses, temporary files, machine paths."""
    output = nbformat.from_dict(output)
    if output.output_type == "stream":
        output.text = _steady(output.text)
    for kind, content in output.get("data", {}).items():
        if kind in _TEXT_TYPES:
            output.data[kind] = _steady(content)
    for kind in _WIDGET_TYPES:
        output.get("data", {}).pop(kind, None)
    return output


def has_bare_image(cell: NotebookNode) -> bool:
    """Tell whether a cell shows an image that has no alternative text, as a PNG or inside HTML."""
    for output in cell.get("outputs", []):
        for kind in output.get("data", {}):
            if kind.startswith("image/") and not output.metadata.get(kind, {}).get("alt", "").strip():
                return True
        if lacks_alt(output.get("data", {}).get("text/html", "")):
            return True
    return False


def _steady(text: str) -> str:
    text = _CELL_FILE.sub("cellule", text)
    text = _PACKAGE_FILE.sub("", text)
    return _ADDRESS.sub("0x…", text)


def _is_widget(output: NotebookNode) -> bool:
    data = output.get("data", {})
    return any(kind in data for kind in _WIDGET_TYPES) and not any(kind.startswith("image/") for kind in data)


def _run_error(notebook: NotebookNode) -> RunError:
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                trace = _ANSI.sub("", "\n".join(output.traceback))
                line = _LINE_IN_CELL.search(trace)
                short = (output.evalue.strip().splitlines() or [""])[0]
                return RunError(index, int(line[1]) if line else 1, f"{output.ename}: {short}")
    raise AssertionError("nbclient reported an error that no cell shows")
