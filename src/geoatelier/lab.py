"""Start JupyterLab on the welcome notebook: on this machine only, in French, with its address printed."""

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from geoatelier import preflight
from geoatelier.settings import WELCOME

PORT = 8888


def options(root: Path, *, as_root: bool, screen: bool) -> list[str]:
    """Return the command-line options of JupyterLab.

    Parameters
    ----------
    root : the folder that JupyterLab shows
    as_root : whether the administrator runs it, as happens in a container
    screen : whether a browser can be opened on this machine
    """
    chosen = [
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={PORT}",
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/tree/{WELCOME}",
        "--ServerApp.answer_yes=True",  # Ctrl+C stops at once, without a question in English
        "--ServerApp.use_redirect_file=False",  # a confined browser (a snap of Ubuntu) cannot open that file
        "--Application.log_level=ERROR",
    ]
    if as_root:
        chosen.append("--allow-root")
    if not screen:
        chosen.append("--no-browser")
    return chosen


def has_screen(platform: str, environment: Mapping[str, str]) -> bool:
    """Tell whether a graphical browser may be opened.

    Without this, a server that has a text browser would see it take over the terminal.

    Parameters
    ----------
    platform : as `sys.platform` gives it
    environment : the environment variables
    """
    named = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    return platform in ("win32", "darwin") or any(environment.get(name) for name in named)


def main() -> int:
    """Check the machine, start JupyterLab, print its address, and stay until it stops.

    Returns 1, at once, when the lessons cannot run on this machine.
    """
    report = preflight.examine(load=False)
    alerts = preflight.Report((*report.to_fix().findings, *_port_alert()))
    print(alerts if alerts.findings else report.conclusion)
    if not report.ready:
        return 1

    # A token of ours, and not one that the server makes: it would print its own address, in English.
    os.environ.setdefault("JUPYTER_TOKEN", secrets.token_hex(24))
    from jupyterlab.labapp import LabApp  # slow to load: after the checks

    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    chosen = options(Path.cwd(), as_root=as_root, screen=has_screen(sys.platform, os.environ))
    server = LabApp.initialize_server(argv=chosen)
    # Its loop opens the port first, then runs this: an address followed at once is answered.
    server.io_loop.add_callback(_announce, server.port, server.identity_provider.token)
    server.start()
    return 0


def _announce(port: int, token: str) -> None:
    address = f"http://127.0.0.1:{port}/lab/tree/{WELCOME}?token={token}"
    print(f"\nJupyterLab est à cette adresse :\n\n    {address}\n", flush=True)
    print("Pour l'arrêter : Ctrl+C dans cette fenêtre.", flush=True)


def _port_alert() -> tuple[preflight.Finding, ...]:
    finding = preflight.port(PORT)
    return () if finding.verdict is preflight.Verdict.GOOD else (finding,)


if __name__ == "__main__":
    sys.exit(main())
