"""Turn drafts into notebook files that are the same each time they are written."""

from collections import Counter
from hashlib import sha256
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from geoatelier.authoring.problems import stop
from geoatelier.authoring.sheets import Draft

MAX_BYTES = 1_000_000
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}


def to_notebook(draft: Draft) -> NotebookNode:
    """Give the notebook of a draft, not run: stable metadata, and ids drawn from what the cells say."""
    seen, cells = Counter(), []
    for cell in draft.cells:
        make = new_code_cell if cell.kind == "code" else new_markdown_cell
        key = f"{cell.kind}\n{cell.source}"
        seen[key] += 1
        name = sha256(f"{draft.path.stem}\n{key}\n{seen[key]}".encode()).hexdigest()[:12]
        cells.append(make(cell.source, metadata=cell.metadata, id=name))
    metadata = {**METADATA, "title": draft.title}
    return new_notebook(cells=cells, metadata=metadata, nbformat_minor=5)


def as_text(notebook: NotebookNode) -> str:
    """Give the text of a notebook file, checked against the format."""
    nbformat.validate(notebook)
    return (
        nbformat.writes(notebook, version=nbformat.NO_CONVERT, indent=1, ensure_ascii=False, sort_keys=True)
        + "\n"
    )


def check_size(path: Path, text: str, source: Path) -> None:
    """Refuse a notebook that is too heavy to be committed.

    Raises
    ------
    MalformedSourceError
        If the file would weigh more than MAX_BYTES.
    """
    size = len(text.encode())
    if size >= MAX_BYTES:
        advice = "allégez les images : moins de points, une résolution plus basse, une carte plus petite."
        raise stop(source, 1, f"`{path.name}` pèserait {size / 1e6:.2f} Mo ; le plafond est de 1 Mo.", advice)


def replace_file(path: Path, text: str) -> bool:
    """Write a file in one move, so that a failure leaves the former one; say whether it changed."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
    return True
