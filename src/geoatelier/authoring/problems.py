"""What is wrong with a lesson source: where, what, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from geoatelier.exercises.french import count, typeset


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in a source, told in French to the author."""

    path: Path
    line: int
    message: str
    advice: str

    def __str__(self) -> str:
        """Give the file and line as editors understand them, the problem, then the advice on its own line."""
        here = Path.cwd()
        path = self.path.relative_to(here) if self.path.is_relative_to(here) else self.path
        return f"{path}:{self.line} : " + typeset(f"{self.message}\n    → {self.advice}")


class MalformedSourceError(ValueError):
    """One source or several cannot be built as they are."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(
            f"{count(len(self.problems), 'problème')} dans les sources.\n"
            + "\n".join(map(str, self.problems))
        )


def stop(path: Path, line: int, message: str, advice: str) -> MalformedSourceError:
    """Make the error of a single problem, to raise where reading on makes no sense."""
    return MalformedSourceError([Problem(path, line, message, advice)])
