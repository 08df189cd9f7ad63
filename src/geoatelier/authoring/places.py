"""Where the sources are and where what is built from them goes."""

from dataclasses import dataclass
from pathlib import Path

from geoatelier.authoring.front_matter import LEVELS

OUTPUTS = ("notebooks", "exercises", "solutions")


@dataclass(frozen=True)
class Places:
    """The folders of a project."""

    root: Path

    @property
    def lessons(self) -> Path:
        """Where lessons are written."""
        return self.root / "lessons"

    @property
    def cards(self) -> Path:
        """Where the data cards are."""
        return self.root / "data" / "fiches"

    @property
    def checks(self) -> Path:
        """Where the checks of exercises are written."""
        return self.root / "src" / "geoatelier" / "exercises" / "checks"

    def lesson_folders(self) -> list[Path]:
        """Give the folder of each lesson, from novice to expert, in the order of the codes."""
        folders = []
        for level in LEVELS:
            found = [p.parent for p in (self.lessons / level).glob("*/lesson.md")]
            folders += sorted(found, key=lambda folder: (len(folder.name.partition("_")[0]), folder.name))
        return folders

    def built(self, kind: str, folder: Path) -> Path:
        """Give the notebook of a kind (one of OUTPUTS) built from the lesson of a folder."""
        return self.root / kind / folder.parent.name / f"{folder.name}.ipynb"

    def pages(self) -> list[Path]:
        """Give the sources of the pages, such as the welcome notebook."""
        return sorted(self.lessons.glob("*.md"))

    def built_page(self, page: Path) -> Path:
        """Give the notebook of a page."""
        return self.root / "notebooks" / f"{page.stem}.ipynb"

    def reader_target(self, path: Path) -> Path:
        """Give what a reader should open instead of a source: the notebook built from it."""
        if path.parent == self.lessons and path.suffix == ".md":
            return self.built_page(path)
        if path.is_relative_to(self.lessons) and path.name in ("lesson.md", "exercises.md"):
            return self.built("notebooks" if path.name == "lesson.md" else "exercises", path.parent)
        return path


def find_root(start: Path) -> Path | None:
    """Give the nearest folder, from `start` upwards, that holds a `lessons` folder; None if there is none."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / "lessons").is_dir():
            return folder
    return None
