"""Build lessons, or say what a build would change."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from geoatelier.authoring.execute import RunError, execute, has_bare_image
from geoatelier.authoring.lesson import Lesson
from geoatelier.authoring.places import OUTPUTS
from geoatelier.authoring.problems import MalformedSourceError, stop
from geoatelier.authoring.sheets import Draft, Origin, lesson_drafts, page_draft
from geoatelier.authoring.table import with_table
from geoatelier.authoring.workshop import Workshop, read_workshop
from geoatelier.authoring.write import as_text, check_size, replace_file, to_notebook
from geoatelier.exercises.outcome import State

Say = Callable[[str], None]


@dataclass(frozen=True)
class Order:
    """What is built in one go: the notebooks of one source."""

    source: Path
    drafts: tuple[Draft, ...]


def build(root: Path, codes: Sequence[str] = (), say: Say = print) -> None:
    """Build lessons and pages, and put the table of lessons in the README.

    Parameters
    ----------
    root : Path
        The folder that holds `lessons`.
    codes : sequence of str
        Codes of lessons, or names of pages; everything if there is none.
    say : callable
        Told each file that is written.

    Raises
    ------
    MalformedSourceError
        If a source is malformed, a cell fails, a solution is refused by its check, or a file is too heavy.
        What was built before is left as it was.
    """
    workshop = read_workshop(root, codes)
    for order in _orders(workshop, codes):
        texts = {draft.path: _built_text(draft, order.source) for draft in order.drafts}
        for path, text in texts.items():
            changed = replace_file(path, text)
            say(f"{path.relative_to(root)} : {'écrit' if changed else 'inchangé'}")
        for path in _former_names(workshop, order):
            path.unlink()
            say(f"{path.relative_to(root)} : retiré, la leçon a changé de nom")
    write_table(workshop, say)


def write_table(workshop: Workshop, say: Say = print) -> None:
    """Put the table of lessons in the README, where there is one."""
    readme = workshop.places.root / "README.md"
    if workshop.is_complete and readme.is_file() and replace_file(readme, with_table(readme, workshop)):
        say("README.md : tableau des leçons mis à jour")


def differences(root: Path, codes: Sequence[str] = ()) -> list[str]:
    """Say, without running anything, what a build would change in the committed files.

    Parameters
    ----------
    root : Path
        The folder that holds `lessons`.
    codes : sequence of str
        Codes of lessons, or names of pages; everything if there is none.

    Returns
    -------
    list of str
        One line a difference, in French; empty if sources and built files are in step.

    Raises
    ------
    MalformedSourceError
        If a source is malformed.
    """
    workshop = read_workshop(root, codes)
    orders = _orders(workshop, codes)
    found = [line for order in orders for draft in order.drafts for line in _draft_differences(root, draft)]
    if not codes:
        found += _orphans(root, {draft.path for order in orders for draft in order.drafts})
    readme = root / "README.md"
    in_step = not (workshop.is_complete and readme.is_file()) or with_table(readme, workshop) == _text_of(
        readme
    )
    if not in_step:
        found.append("README.md : le tableau des leçons n'est pas à jour")
    return found


def _orders(workshop: Workshop, codes: Sequence[str]) -> list[Order]:
    orders = {lesson.front.code: _lesson_order(workshop, lesson) for lesson in workshop.lessons}
    orders |= {p.source.path.stem: Order(p.source.path, (page_draft(workshop, p),)) for p in workshop.pages}
    for code in codes:
        if code not in orders:
            known = ", ".join(orders) or "aucune"
            raise stop(
                workshop.places.lessons, 1, f"il n'y a pas de leçon `{code}`.", f"on peut bâtir : {known}."
            )
    return [orders[code] for code in codes or orders]


def _lesson_order(workshop: Workshop, lesson: Lesson) -> Order:
    return Order(lesson.path, lesson_drafts(workshop, lesson))


def _built_text(draft: Draft, source: Path) -> str:
    notebook = to_notebook(draft)
    if draft.executed:
        notebook = _executed(draft, notebook, source)
    text = as_text(notebook)
    check_size(draft.path, text, source)
    return text


def _executed(draft: Draft, notebook: NotebookNode, source: Path) -> NotebookNode:
    try:
        notebook = execute(notebook, draft.path.parent)
    except RunError as error:
        origin = draft.cells[error.index].origin or Origin(source, (1,))
        advice = "corrigez la cellule ; rien n'a été écrit."
        message = f"l'exécution s'arrête : {error.error}"
        raise stop(origin.path, origin.line(error.line), message, advice) from error
    for cell, built in zip(draft.cells, notebook.cells, strict=True):
        if has_bare_image(built):
            advice = "montrez la figure par `geoatelier.faces.show(figure, alt=…)`."
            raise stop(cell.origin.path, cell.origin.line(), "figure sans texte de remplacement.", advice)
        if "check" in cell.metadata.get("tags", []) and not _is_passed(built):
            answer = "\n".join(out.get("data", {}).get("text/plain", "") for out in built.outputs)
            advice = f"accordez la solution et la vérification, qui répond : {answer}"
            raise stop(cell.origin.path, cell.origin.line(), "la solution n'est pas acceptée.", advice)
    return notebook


def _is_passed(cell: NotebookNode) -> bool:
    sign = f"{State.PASSED.sign} {State.PASSED.label}"
    return any(out.get("data", {}).get("text/plain", "").startswith(sign) for out in cell.outputs)


def _former_names(workshop: Workshop, order: Order) -> Iterator[Path]:
    for draft in order.drafts:
        code, separator, _ = draft.path.name.partition("_")
        kind = draft.path.relative_to(workshop.places.root).parts[0]
        if separator:
            for path in sorted((workshop.places.root / kind).glob(f"*/{code}_*.ipynb")):
                if path != draft.path:
                    yield path


def _draft_differences(root: Path, draft: Draft) -> Iterator[str]:
    name = draft.path.relative_to(root)
    if not draft.path.is_file():
        yield f"{name} : absent"
        return
    try:
        committed = nbformat.read(draft.path, as_version=nbformat.NO_CONVERT)
    except (ValueError, nbformat.ValidationError):
        yield f"{name} : ce n'est pas un carnet lisible"
        return
    wanted = to_notebook(draft)
    if committed.metadata != wanted.metadata:
        yield f"{name} : métadonnées du carnet"
    yield from (f"{name}, {line}" for line in _cell_differences(draft, wanted, committed))
    if draft.executed:
        yield from (f"{name}, {line}" for line in _execution_gaps(committed))


def _cell_differences(draft: Draft, wanted: NotebookNode, committed: NotebookNode) -> Iterator[str]:
    if len(wanted.cells) != len(committed.cells):
        yield f"{len(committed.cells)} cellules au lieu de {len(wanted.cells)}"
    for number, (want, have) in enumerate(zip(wanted.cells, committed.cells, strict=False), start=1):
        origin = draft.cells[number - 1].origin
        where = f"cellule {number}" + (f" ({origin.path.name}:{origin.line()})" if origin else " (engendrée)")
        if (want.cell_type, want.source) != (have.cell_type, have.source):
            yield f"{where} : le texte diffère de la source"
            return  # what follows is likely shifted: one line is enough
        if want.metadata != have.metadata or want.id != have.get("id"):
            yield f"{where} : étiquettes, métadonnées ou identifiant"
        if (
            not draft.executed
            and have.cell_type == "code"
            and (have.outputs or have.execution_count is not None)
        ):
            yield f"{where} : la feuille à remplir garde la trace d'une exécution"


def _execution_gaps(committed: NotebookNode) -> Iterator[str]:
    expected = 0
    for number, cell in enumerate(committed.cells, start=1):
        if cell.cell_type != "code":
            continue
        expected += 1
        if cell.execution_count != expected:
            yield f"cellule {number} : non exécutée, ou pas dans l'ordre"
            return
        if any(output.output_type == "error" for output in cell.outputs):
            yield f"cellule {number} : garde une erreur"


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _orphans(root: Path, built: set[Path]) -> list[str]:
    found = [path for kind in OUTPUTS for path in sorted((root / kind).rglob("*.ipynb"))]
    visible = [
        path for path in found if not any(part.startswith(".") for part in path.relative_to(root).parts)
    ]
    return [
        f"{path.relative_to(root)} : aucune source ne le produit" for path in visible if path not in built
    ]


__all__ = ["MalformedSourceError", "build", "differences", "write_table"]
