"""Chromium without a window, driven by Playwright, watched: what it asks for, and what it complains of."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    # Even where the network is not cut, no name of the web is resolved.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]  # fmt: skip
# Schemes that never leave the page or the disk.
INSIDE = {"about", "blob", "chrome-error", "data", "file"}


@dataclass
class Watch:
    """What a page did since it was opened."""

    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def note_request(self, url: str) -> None:
        address = urlsplit(url)
        if address.scheme not in INSIDE and address.hostname not in ("127.0.0.1", "localhost"):
            self.outside.append(url)

    def note_console(self, kind: str, text: str) -> None:
        if kind == "error":
            self.complaints.append(text)


def missing() -> str | None:
    """Return what the browser tests lack on this machine, or None."""
    if find_spec("playwright") is None:
        return "Playwright n'est pas installé (pip install -e '.[dev]')"
    if _program() is None:
        return "Chromium n'est pas installé (Debian, Ubuntu\u00a0: apt install chromium)"
    return None


@contextmanager
def browser() -> Iterator:
    """Start Chromium; yield the Playwright browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=_program(), args=ARGUMENTS)
        yield started
        started.close()


@contextmanager
def watched_page(started, *, width: int = 1100, height: int = 700) -> Iterator:
    """Open a page in French; yield it with the watch of what it does."""
    context = started.new_context(viewport={"width": width, "height": height}, locale="fr-FR")
    page, watch = context.new_page(), Watch()
    page.on("request", lambda request: watch.note_request(request.url))
    page.on("websocket", lambda socket: watch.note_request(socket.url))
    page.on("console", lambda message: watch.note_console(message.type, message.text))
    page.on("pageerror", lambda error: watch.complaints.append(str(error)))
    yield page, watch
    context.close()


def photograph(page, name: str) -> None:
    """Keep a picture of the page for a person, in the folder that GEOATELIER_SCREENSHOTS names."""
    if folder := os.environ.get("GEOATELIER_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def _program() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)
