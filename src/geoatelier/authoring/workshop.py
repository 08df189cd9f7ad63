"""All the sources of a project, read together: what no file can tell alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from geoatelier.authoring.exercise_sheet import Exercise
from geoatelier.authoring.front_matter import FrontMatter, read_front_matter
from geoatelier.authoring.lesson import Lesson, Page, read_lesson, read_page
from geoatelier.authoring.places import Places
from geoatelier.authoring.plain_markdown import relative_targets
from geoatelier.authoring.problems import MalformedSourceError, Problem
from geoatelier.authoring.source import Source, read_source
from geoatelier.exercises.engine import UnknownExerciseError, find_check, names_taken, numbers_checked
from geoatelier.exercises.french import join_words


@dataclass(frozen=True)
class Entry:
    """A lesson as other lessons name it: where it is, and its front matter."""

    folder: Path
    front: FrontMatter


@dataclass(frozen=True)
class Workshop:
    """The lessons and pages of a project: those asked for, well formed, and the names of the others."""

    places: Places
    lessons: tuple[Lesson, ...]
    pages: tuple[Page, ...]
    catalogue: dict[str, Entry]

    @property
    def is_complete(self) -> bool:
        """Whether every lesson of the project was read."""
        return len(self.lessons) == len(self.places.lesson_folders())


def read_workshop(root: Path, codes: Sequence[str] = ()) -> Workshop:
    """Read the sources of a project.

    Parameters
    ----------
    root : Path
        The folder that holds `lessons`.
    codes : sequence of str
        Codes of lessons, or names of pages: what is wrong elsewhere is then left aside. All if there is none.

    Raises
    ------
    MalformedSourceError
        With every problem of every source asked for, each at its file and line.
    """
    places = Places(root)
    only_lessons = bool(codes) and not any(page.stem in codes for page in places.pages())
    problems, lessons, pages = [], [], []
    for folder in places.lesson_folders():
        try:
            lessons.append(read_lesson(folder))
        except MalformedSourceError as error:
            if not only_lessons or folder.name.partition("_")[0] in codes:
                problems += error.problems
    for path in places.pages():
        try:
            pages.append(read_page(path))
        except MalformedSourceError as error:
            if not codes or path.stem in codes:
                problems += error.problems
    workshop = Workshop(places, tuple(lessons), tuple(pages), _catalogue(places))
    if not problems:
        problems += _cross_problems(workshop, codes)
    if problems:
        raise MalformedSourceError(problems)
    return workshop


def _catalogue(places: Places) -> dict[str, Entry]:
    entries = {}
    for folder in places.lesson_folders():
        try:
            front = read_front_matter(read_source(folder / "lesson.md"))
        except MalformedSourceError:
            continue
        entries.setdefault(front.code, Entry(folder, front))
    return entries


def card_of(places: Places, name: str) -> Path:
    """Give the card of a dataset, whether it exists or not."""
    return places.cards / f"{name}.md"


def _cross_problems(workshop: Workshop, codes: Sequence[str]) -> Iterator[Problem]:
    for lesson in workshop.lessons:
        if codes and lesson.front.code not in codes:
            continue
        yield from _duplicate_code(lesson, workshop.catalogue)
        yield from _prerequisite_problems(lesson, workshop.catalogue)
        yield from _card_problems(workshop.places, lesson)
        yield from _check_module_problems(lesson)
        for source in (lesson.source, lesson.sheet.source):
            yield from _link_problems(source)
    for page in workshop.pages:
        if not codes or page.source.path.stem in codes:
            yield from _link_problems(page.source)


def _duplicate_code(lesson: Lesson, catalogue: dict[str, Entry]) -> Iterator[Problem]:
    other = catalogue[lesson.front.code].folder
    if other != lesson.folder:
        line = lesson.source.line_of_key("code")
        message = f"le code {lesson.front.code} est déjà celui de `{other.name}`."
        yield Problem(lesson.path, line, message, "donnez à la leçon un code libre.")


def _prerequisite_problems(lesson: Lesson, catalogue: dict[str, Entry]) -> Iterator[Problem]:
    line = lesson.source.line_of_key("prerequisites")
    for code in lesson.front.prerequisites:
        if code == lesson.front.code:
            advice = "retirez-la de `prerequisites`."
            yield Problem(lesson.path, line, "la leçon est son propre prérequis.", advice)
        elif code not in catalogue:
            advice = f"les leçons sont : {', '.join(catalogue)}."
            yield Problem(lesson.path, line, f"le prérequis {code} n'existe pas.", advice)


def _card_problems(places: Places, lesson: Lesson) -> Iterator[Problem]:
    if not places.cards.is_dir():  # the territory has not been made yet
        return
    line = lesson.source.line_of_key("data")
    for name in lesson.front.data:
        if not card_of(places, name).is_file():
            known = ", ".join(sorted(path.stem for path in places.cards.glob("*.md")))
            advice = f"les fiches de `data/fiches/` sont : {known}."
            yield Problem(lesson.path, line, f"la donnée `{name}` n'a pas de fiche.", advice)


def _check_module_problems(lesson: Lesson) -> Iterator[Problem]:
    code = lesson.front.code
    try:
        numbers = numbers_checked(code)
    except Exception as error:  # whatever a module being written may raise when it is imported
        advice = f"corrigez `geoatelier/exercises/checks/{code.lower()}.py`."
        message = f"le module de vérification ne se charge pas : {type(error).__name__}: {error}"
        yield Problem(lesson.sheet.path, 1, message, advice)
        return
    for exercise in lesson.sheet.exercises:
        yield from _check_function_problems(lesson, exercise)
    for number in sorted(numbers - {exercise.number for exercise in lesson.sheet.exercises}):
        advice = "écrivez l'exercice, ou retirez la fonction."
        message = f"la fonction de vérification de {number} n'a pas d'exercice."
        yield Problem(lesson.sheet.path, 1, message, advice)


def _check_function_problems(lesson: Lesson, exercise: Exercise) -> Iterator[Problem]:
    code, rank = exercise.number.lower().split(".")
    path, line = lesson.sheet.path, exercise.check.line
    try:
        taken = names_taken(find_check(exercise.number))
    except UnknownExerciseError:
        advice = f"écrivez `def {code}_{rank}(…) -> Outcome` dans `geoatelier/exercises/checks/{code}.py`."
        yield Problem(path, line, f"{exercise.number} n'a pas de fonction de vérification.", advice)
        return
    if set(taken) != set(exercise.names):
        advice = f"accordez la cellule et les paramètres de `{code}_{rank}`."
        message = f"`check` passe {_quoted(exercise.names)}, la fonction prend {_quoted(taken)}."
        yield Problem(path, line, message, advice)


def _quoted(names: tuple[str, ...]) -> str:
    return join_words([f"`{name}`" for name in names]) if names else "rien"


def _link_problems(source: Source) -> Iterator[Problem]:
    for cell in source.cells:
        if cell.is_code:
            continue
        for line, target in relative_targets(cell):
            path = source.path.parent / target.partition("#")[0]
            if not path.exists():
                advice = "un lien s'écrit vu du fichier source ; vers une leçon, il mène à son `lesson.md`."
                yield Problem(source.path, line, f"le lien `{target}` ne mène nulle part.", advice)
