"""What is said of a sheet that cannot be used."""

from collections.abc import Sequence
from dataclasses import dataclass

from geoatelier.quality.wording import count, quote

_SHOWN = 10
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a sheet: its line (1 for the first, None for the whole file), place and sentence."""

    line: int | None
    path: Path
    message: str


class MalformedSheetError(ValueError):
    """The sheet cannot be used; its message gives file, line, place, what is wrong and what to do, in French.

    A notebook shows the message alone, without a traceback.
    """

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        self.file = file
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        super().__init__(_text(file, self.problems))

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def place(path: Path) -> str:
    """Where in a sheet, for people: « couches › 1 › colonnes »."""
    return " › ".join(str(step + 1) if isinstance(step, int) else step for step in path)


def _text(file: str, problems: tuple[Problem, ...]) -> str:
    lines = [
        ", ".join(
            part
            for part in (
                file,
                f"ligne {problem.line}" if problem.line else "",
                quote(place(problem.path)) if problem.path else "",
            )
            if part
        )
        + f"\u00a0: {problem.message}"
        for problem in problems[:_SHOWN]
    ]
    left = len(problems) - _SHOWN
    if left > 0:
        lines.append(f"Et {count(left, 'autre problème', 'autres problèmes')}.")
    return "\n".join(lines)
