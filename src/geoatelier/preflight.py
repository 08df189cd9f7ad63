"""Check, before the workshop and not during it, that this machine can run the lessons.

Each check says what is needed, what was found, and what to do about it. Nothing heavy is imported here:
`make lab` runs the light checks at each start.
"""

import importlib.metadata
import json
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil
from packaging.requirements import Requirement

from geoatelier.folders import CATALOGUE, TerritoryNotFoundError, territory_folder

PYTHON = (3, 11)
MEMORY = 1.5e9  # bytes: a kernel at its highest (600 MB), JupyterLab, a browser tab
DISK = 0.5e9  # bytes: what a participant writes in a workshop, generously
CGROUP = Path("/sys/fs/cgroup")

# What a first loading must find in working order: compiled libraries, and the font of figures (whose first
# search, slow, is then done).
_LOADING = """
import json, importlib
broken = {}
for name in "geopandas pyogrio rasterio sklearn matplotlib folium ipywidgets torch".split():
    try:
        importlib.import_module(name)
    except Exception as error:
        broken[name] = f"{type(error).__name__}: {error}"
if "matplotlib" not in broken:
    from matplotlib import font_manager
    try:
        font_manager.findfont("DejaVu Sans", fallback_to_default=False)
    except ValueError as error:
        broken["DejaVu Sans"] = str(error)
print(json.dumps(broken))
"""


class Verdict(StrEnum):
    """What a check concludes."""

    GOOD = "bon"
    WARNING = "attention"
    BLOCKING = "bloquant"


_SIGNS = {Verdict.GOOD: "✔", Verdict.WARNING: "⚠", Verdict.BLOCKING: "✖"}


@dataclass(frozen=True)
class Finding:
    """One check: its subject, what is needed, what was found, and what to do when it is not good."""

    subject: str
    needed: str
    found: str
    verdict: Verdict = Verdict.GOOD
    remedy: str = ""


@dataclass(frozen=True)
class Report:
    """The findings on a machine. Prints as lines in a terminal, as a table in a notebook."""

    findings: tuple[Finding, ...]

    @property
    def ready(self) -> bool:
        """Tell whether nothing prevents the lessons from running."""
        return all(finding.verdict is not Verdict.BLOCKING for finding in self.findings)

    @property
    def conclusion(self) -> str:
        """The report in one sentence."""
        if not self.ready:
            return "La machine n'est pas prête. Suivez les conseils ci-dessus, puis recommencez."
        if any(finding.verdict is Verdict.WARNING for finding in self.findings):
            return "La machine peut servir. Lisez les points d'attention."
        return "La machine est prête."

    def to_fix(self) -> "Report":
        """Keep only what deserves attention."""
        return Report(tuple(f for f in self.findings if f.verdict is not Verdict.GOOD))

    def __str__(self) -> str:
        return "\n".join([*_lines(self.findings), self.conclusion])

    def _repr_markdown_(self) -> str:
        rows = [
            f"| {f.subject} | {f.needed} | {f.found} | {_SIGNS[f.verdict]} {f.verdict} |"
            for f in self.findings
        ]
        head = "| Vérification | Il faut | Trouvé | Verdict |\n|---|---|---|---|"
        advice = [f"- **{f.subject}** : {f.remedy}" for f in self.findings if f.remedy]
        return "\n".join([head, *rows, "", *advice, "", f"**{self.conclusion}**"])


def examine(*, load: bool = True) -> Report:
    """Run every check on this machine.

    Parameters
    ----------
    load : also load the compiled libraries, in a process of its own (2 to 20 s); the other checks are instant
    """
    findings = [python(), memory(), disk(), libraries(), data(), writing()]
    return Report((*findings, loading()) if load else tuple(findings))


def python() -> Finding:
    """Check the version of Python."""
    return _finding(
        "Python",
        needed=f"{PYTHON[0]}.{PYTHON[1]} ou plus récent",
        found=platform.python_version(),
        otherwise=None if sys.version_info >= PYTHON else Verdict.BLOCKING,
        remedy="Installez une version plus récente, puis refaites l'environnement.",
    )


def memory() -> Finding:
    """Check the memory that is left, within the limit of the container where there is one."""
    left = min(psutil.virtual_memory().available, _left_in_container())
    return _finding(
        "Mémoire",
        needed=f"{_gigabytes(MEMORY)} libre",
        found=f"{_gigabytes(left)} libre",
        otherwise=None if left >= MEMORY else Verdict.WARNING,
        remedy="Fermez des logiciels ou des carnets (menu Noyau, « Fermer tous les noyaux »).",
    )


def disk() -> Finding:
    """Check the space left on the disk of the working folder."""
    left = shutil.disk_usage(Path.cwd()).free
    return _finding(
        "Disque",
        needed=f"{_gigabytes(DISK)} libre",
        found=f"{_gigabytes(left)} libre",
        otherwise=None if left >= DISK else Verdict.WARNING,
        remedy="Libérez de la place, ou installez GéoAtelier sur un autre disque.",
    )


def libraries() -> Finding:
    """Check that what the package requires is installed, in a version that will do."""
    required = [Requirement(line) for line in importlib.metadata.requires("geoatelier") or ()]
    wanted = [r for r in required if r.marker is None or r.marker.evaluate({"extra": ""})]
    missing = [requirement.name for requirement in wanted if not _is_met(requirement)]
    return _finding(
        "Bibliothèques",
        needed="toutes celles des leçons",
        found=f"absentes ou trop anciennes : {', '.join(missing)}" if missing else "toutes installées",
        otherwise=Verdict.BLOCKING if missing else None,
        remedy="Refaites l'installation : « make lab », ou les commandes du README.",
    )


def data() -> Finding:
    """Check that each file of the active territory's catalogue is there, whole."""
    needed = f"chaque fichier de {CATALOGUE}, entier"
    try:
        folder = territory_folder()
    except TerritoryNotFoundError as error:
        return Finding("Données", needed, "absentes", Verdict.BLOCKING, str(error))
    resources = json.loads((folder / CATALOGUE).read_text(encoding="utf-8"))["resources"]
    wrong = sorted({name for name, size in _files(resources) if not _is_whole(folder / name, size)})
    return _finding(
        "Données",
        needed=needed,
        found=f"absents ou incomplets : {', '.join(wrong)}" if wrong else "toutes là",
        otherwise=Verdict.BLOCKING if wrong else None,
        remedy="Reprenez une copie complète du dépôt, ou lancez « make territory ».",
    )


def writing() -> Finding:
    """Check that notebooks can be saved here."""
    remedy = "Copiez le dossier à un endroit où vous avez le droit d'écrire, par exemple Documents."
    try:
        with tempfile.TemporaryFile(dir=Path.cwd()):
            pass
    except OSError as error:
        return Finding("Écriture", "le droit d'enregistrer ici", str(error), Verdict.BLOCKING, remedy)
    return Finding("Écriture", "le droit d'enregistrer ici", "accordé")


def loading(interpreter: str = sys.executable) -> Finding:
    """Load the compiled libraries in another process, which may crash without harm.

    Parameters
    ----------
    interpreter : path of the Python to try
    """
    run = subprocess.run([interpreter, "-c", _LOADING], capture_output=True, text=True, check=False)
    broken = json.loads(run.stdout) if run.returncode == 0 else {"Python": _last_line(run.stderr)}
    found = " ; ".join(f"{name} ({reason})" for name, reason in broken.items())
    return _finding(
        "Chargement",
        needed="bibliothèques et polices qui se chargent",
        found=found or "sans erreur",
        otherwise=Verdict.BLOCKING if broken else None,
        remedy="Effacez le dossier .venv et refaites l'installation.",
    )


def port(number: int) -> Finding:
    """Check that nobody listens on a port of this machine already."""
    with socket.socket() as probe:
        taken = probe.connect_ex(("127.0.0.1", number)) == 0
    return _finding(
        "Port",
        needed=f"{number} libre",
        found="occupé, sans doute par un autre JupyterLab" if taken else "libre",
        otherwise=Verdict.WARNING if taken else None,
        remedy="Rien à faire : un autre port est choisi, et l'adresse affichée en tient compte.",
    )


def show() -> None:
    """Display the report in a notebook; in a saved notebook, only what is checked: machines differ."""
    from IPython.display import Markdown, display  # a notebook has it loaded; a terminal need not wait for it

    from geoatelier.faces import static

    if not static():
        display(examine())
        return
    rows = [f"| {finding.subject} | {finding.needed} |" for finding in examine(load=False).findings]
    asked = "*Exécutez cette cellule : le verdict de votre machine s'ajoute à ce tableau.*"
    display(Markdown("\n".join(["| Vérification | Il faut |\n|---|---|", *rows, "", asked])))


def main() -> int:
    """Print the report of this machine; return 1 when the lessons cannot run on it."""
    report = examine()
    print(report)
    return 0 if report.ready else 1


def _finding(subject: str, *, needed: str, found: str, otherwise: Verdict | None, remedy: str) -> Finding:
    """Make a good finding, or one with its verdict and its remedy."""
    if otherwise is None:
        return Finding(subject, needed, found)
    return Finding(subject, needed, found, otherwise, remedy)


def _lines(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"  {_SIGNS[finding.verdict]} {finding.subject} : {finding.found}"
        if finding.verdict is not Verdict.GOOD:
            yield f"      Il faut : {finding.needed}. {finding.remedy}"


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:.1f} Go".replace(".", ",")


def _left_in_container() -> float:
    """Memory left under the limit of control groups (version 2), in bytes; infinite where there is none.

    What the system keeps of files (`inactive_file`) is given back when asked for: it counts as free.
    """
    try:
        limit = (CGROUP / "memory.max").read_text().strip()
        used = int((CGROUP / "memory.current").read_text())
        kept = dict(line.split() for line in (CGROUP / "memory.stat").read_text().splitlines())
    except OSError:
        return float("inf")
    return float("inf") if limit == "max" else int(limit) - used + int(kept.get("inactive_file", 0))


def _is_met(requirement: Requirement) -> bool:
    try:
        return importlib.metadata.version(requirement.name) in requirement.specifier
    except importlib.metadata.PackageNotFoundError:
        return False


def _files(resources: Iterable[dict]) -> Iterator[tuple[str, int | None]]:
    """Give each file of the catalogue with its size in bytes, where the catalogue tells it."""
    for resource in resources:
        paths = resource["path"] if isinstance(resource["path"], list) else [resource["path"]]
        for name in paths:
            yield name, resource.get("bytes") if len(paths) == 1 else None


def _is_whole(path: Path, size: int | None) -> bool:
    return path.is_file() and (size is None or path.stat().st_size == size)


def _last_line(text: str) -> str:
    return text.strip().splitlines()[-1] if text.strip() else "arrêt brutal"


if __name__ == "__main__":
    sys.exit(main())
