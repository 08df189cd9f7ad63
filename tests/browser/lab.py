"""A JupyterLab server of its own for the tests, and the questions to ask the application in the page."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TOKEN = "t"
START_SECONDS = 90

# The model knows every cell; the page holds only those near the screen.
_CELLS = """() => Array.from(window.jupyterapp.shell.currentWidget.content.model.cells)
    .filter((cell) => cell.type === "code" && cell.sharedModel.getSource().trim())
    .map((cell) => ({
        source: cell.sharedModel.getSource(),
        count: cell.executionCount,
        outputs: cell.outputs.toJSON(),
    }))"""
_READY = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.context?.isReady && panel.sessionContext?.session?.kernel?.status === "idle";
}"""


_EXECUTE = """async (code) => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const future = kernel.requestExecute({ code, store_history: false });
    let said = "";
    future.onIOPub = (message) => { said += message.content.text ?? message.content.evalue ?? ""; };
    await future.done;
    return said;
}"""
# A drawing that fails shows its error in the cell of its control; the kernel says it as it shows it.
_MOVE = """
import json
from ipywidgets import Dropdown, RadioButtons, SelectionSlider
from ipywidgets.widgets.widget import _instances
shell, failed = get_ipython(), []
shell.showtraceback = lambda error, **_: failed.append(f"{error[0].__name__}: {error[1]}")
controls = [one for one in _instances.values() if isinstance(one, Dropdown | RadioButtons | SelectionSlider)]
for control in controls:
    control.value = next(value for _, value in control.options if value != control.value)
del shell.showtraceback
print(json.dumps([len(controls), failed]))
"""


@contextmanager
def server(folder: Path, settings: Path, data: Path) -> Iterator[str]:
    """Start JupyterLab on a folder, with settings of its own; yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
           "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")  # fmt: skip
    environment = os.environ | {name: str(settings / name.lower()) for name in own}
    environment["GEOATELIER_DATA"] = str(data)
    environment.pop("GEOATELIER_STATIC", None)
    log = settings / "jupyter.log"
    with log.open("w") as sink:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
                *(f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}"),
                "--LabApp.expose_app_in_browser=True",
            ],
            env=environment,
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_up(address, process, log)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def open_notebook(page, address: str, name: str) -> None:
    """Open a notebook and wait for its kernel."""
    page.goto(f"{address}/lab/tree/{name}?token={TOKEN}&reset")
    page.wait_for_function(_READY, timeout=START_SECONDS * 1000)


def run_all(page, *, seconds: float) -> list[dict]:
    """Run all cells; return them when each has its number, or as they are once the time has passed."""
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    deadline = time.monotonic() + seconds
    while True:
        cells = page.evaluate(_CELLS)
        stopped = any(output["output_type"] == "error" for cell in cells for output in cell["outputs"])
        if stopped or all(cell["count"] for cell in cells) or time.monotonic() > deadline:
            return cells
        page.wait_for_timeout(300)


def move_controls(page) -> tuple[int, list[str]]:
    """Give each slider, list or group of buttons another value; count them, give the errors they draw."""
    count, failed = json.loads(page.evaluate(_EXECUTE, _MOVE))
    return count, failed


def stop_kernels(address: str) -> None:
    """Stop every kernel of the server: each holds what its notebook loaded."""
    for kernel in _ask(f"{address}/api/kernels"):
        _ask(f"{address}/api/kernels/{kernel['id']}", "DELETE")


def errors(cells: list[dict]) -> list[str]:
    """Return the errors that cells show, each with the code that raised it."""
    return [
        f"{output['ename']}: {output['evalue']}\n{cell['source']}"
        for cell in cells
        for output in cell["outputs"]
        if output["output_type"] == "error"
    ]


def _ask(address: str, method: str = "GET") -> Any:
    """Ask the server, as one who has its token; give what it answers, None when that is nothing."""
    headers = {"Authorization": f"token {TOKEN}"}
    request = urllib.request.Request(address, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or "null")


def _wait_until_up(address: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            _ask(f"{address}/api/status")
            return
        except OSError:
            time.sleep(0.3)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")
