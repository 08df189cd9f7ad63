"""Six questions about one's work that suggest a level, on the welcome notebook.

Each question is a task; its three answers are three ways to do it, none of them wrong, each at home in one
level. The level is the highest that four answers out of six reach: in doubt, the easier one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import ipywidgets as widgets
import nbformat
from IPython.display import Markdown, display

from geoatelier.faces import static

AGREEING = 4

# As they come, the labels of radio buttons are cut at the edge of the page, and theirs covers the button.
_STYLE = """<style>
.geoatelier-questions .widget-label {
    font-weight: 600; height: auto; line-height: 1.5; text-align: left; white-space: normal; width: 100%;
}
.geoatelier-questions .widget-radio-box { margin: 0 0 0.8rem; }
.geoatelier-questions .widget-radio-box label {
    display: flex; flex-direction: row-reverse; gap: 0.5rem; height: auto; justify-content: flex-end;
    line-height: 1.5; white-space: normal; width: 100%;
}
.geoatelier-questions .widget-radio-box input { flex: none; float: none; margin: 0.15rem 0 0; }
</style>"""


class Level(IntEnum):
    """The three levels, from the one that writes no code to the one that writes functions and tests."""

    NOVICE = 0
    SENSIBILISE = 1
    EXPERT = 2

    @property
    def label(self) -> str:
        """Its name, as a learner reads it."""
        return ("novice", "sensibilisé", "expert")[self]

    @property
    def folder(self) -> str:
        """Its folder in notebooks/, exercises/ and solutions/."""
        return self.name.lower()

    @property
    def promise(self) -> str:
        """What one does in its lessons."""
        return (
            "Aucun code à écrire : vous changez une valeur, vous prévoyez, vous décidez.",
            "Vous complétez et modifiez du code déjà là.",
            "Vous écrivez vos fonctions, sur vos données, avec leurs tests.",
        )[self]


N, S, E = Level


@dataclass(frozen=True)
class Question:
    """A task and three ways to do it, as they are shown, each with the level where it is at home."""

    theme: str
    task: str
    answers: tuple[tuple[Level, str], ...]


QUESTIONS = (
    Question(
        "la réception de données",
        "On vous livre un fichier de parcelles. Que faites-vous en premier ?",
        (
            (N, "Je l'ouvre dans mon SIG et je regarde si la carte ressemble à ce que j'attends."),
            (S, "Je cherche doublons, géométries invalides et champs vides, et je les compte."),
            (E, "Je lance des contrôles écrits d'avance, avec des seuils qui refusent la livraison."),
        ),
    ),
    Question(
        "les systèmes de coordonnées",
        "Deux couches de la même commune s'affichent à 600 km l'une de l'autre. Que faites-vous ?",
        (
            (S, "Je compare leurs systèmes de coordonnées et je reprojette l'une des deux."),
            (E, "Je cherche ce qui est faux, l'étiquette ou les coordonnées, et j'écris un test."),
            (N, "Je demande à la personne qui les a produites de me les renvoyer."),
        ),
    ),
    Question(
        "l'automatisation",
        "Un traitement doit être refait pour cinquante communes. Comment vous y prenez-vous ?",
        (
            (E, "J'écris une fonction, je la teste sur une commune, puis je la lance sur la liste."),
            (N, "Je le refais à la main dans mon SIG, ou je le confie à quelqu'un."),
            (S, "Je pars d'un script existant, dont je change les chemins et les paramètres."),
        ),
    ),
    Question(
        "la lecture d'un score",
        "Un prestataire annonce une carte des cultures exacte à 95 %. Que lui demandez-vous ?",
        (
            (S, "Quelles cultures sont confondues, et comment il a choisi ses données de test."),
            (N, "Ce que ce chiffre veut dire pour l'usage que j'en ferai."),
            (E, "Ses données de test : je refais la mesure par parcelle, avec son intervalle."),
        ),
    ),
    Question(
        "la généralisation",
        "Un modèle reconnaît bien les vignes de votre commune, mal celles d'à côté. Que faites-vous ?",
        (
            (N, "Je fais vérifier sa carte par une personne qui connaît le terrain."),
            (E, "Je délimite où il est fiable, et je le fais s'abstenir ailleurs."),
            (S, "Je refais sa validation en laissant de côté des communes entières."),
        ),
    ),
    Question(
        "la frugalité",
        "On vous demande un traitement plus sobre. Par où commencez-vous ?",
        (
            (E, "Je trace le score contre l'énergie et je garde le plus petit modèle qui suffit."),
            (S, "Je chronomètre le modèle et une règle simple sur la même carte."),
            (N, "Je demande si le besoin justifie vraiment un modèle."),
        ),
    ),
)


def suggest(answers: Sequence[Level]) -> Level:
    """Return the highest level that four answers out of six reach.

    Parameters
    ----------
    answers : the level of the answer to each question

    Raises
    ------
    ValueError
        If there are more or fewer answers than questions.
    """
    if len(answers) != len(QUESTIONS):
        raise ValueError(f"{len(QUESTIONS)} réponses attendues, {len(answers)} reçues.")
    return sorted(answers, reverse=True)[AGREEING - 1]


def advise(answers: Sequence[Level]) -> str:
    """Return in Markdown the level that the answers suggest, its lessons, and the themes to take with care.

    The links are those of a notebook at the root of notebooks/, the working folder of its kernel. Takes and
    raises the same as `suggest`.
    """
    level = suggest(answers)
    below = [question.theme for question, answer in zip(QUESTIONS, answers, strict=True) if answer < level]
    lines = [f"**Niveau conseillé : {level.label}.** {level.promise}", ""]
    lines += [f"- [{title}]({link})" for title, link in lessons_of(level, Path.cwd())]
    if below:
        lines += ["", f"Prenez votre temps sur {_and(below)} : vos réponses y sont plus prudentes."]
    lines += ["", "Ce n'est qu'un conseil : chaque leçon dit ses prérequis, et rien n'est fermé."]
    return "\n".join(lines)


def lessons_of(level: Level, notebooks: Path) -> list[tuple[str, str]]:
    """Return the title of each lesson of a level and its path from the welcome notebook.

    Parameters
    ----------
    level : the level
    notebooks : the folder of the built notebooks
    """
    found = (notebooks / level.folder).glob("*.ipynb")
    by_code = sorted(found, key=lambda path: (len(path.stem.partition("_")[0]), path.stem))
    return [(_title(path), path.relative_to(notebooks).as_posix()) for path in by_code]


def questionnaire() -> None:
    """Show the six questions: radio buttons where a kernel runs, the list of answers in a saved notebook."""
    if static():
        display(Markdown(_on_paper()))
    else:
        display(_on_screen())


def _on_screen() -> widgets.Widget:
    """Radio buttons, one button, and where the advice appears; Tab reaches all of it, Space chooses."""
    choices = [_radio_buttons(number, question) for number, question in enumerate(QUESTIONS, start=1)]
    ask = widgets.Button(description="Quel niveau pour moi ?", layout=widgets.Layout(width="fit-content"))
    advice = widgets.Output()

    def answer(_: widgets.Button) -> None:
        chosen = [choice.value for choice in choices]
        left = [str(number) for number, value in enumerate(chosen, start=1) if value is None]
        advice.clear_output(wait=True)
        with advice:
            display(Markdown(f"Il reste à répondre : {_and(left)}." if left else advise(chosen)))

    ask.on_click(answer)
    form = widgets.VBox([widgets.HTML(_STYLE), *choices, ask, advice])
    return form.add_class("geoatelier-questions")


def _radio_buttons(number: int, question: Question) -> widgets.RadioButtons:
    """The question is the label of its group, above it, so that a screen reader speaks it."""
    return widgets.RadioButtons(
        description=f"{number}. {question.task}",
        tooltip=question.task,
        options=[(text, level) for level, text in question.answers],
        value=None,
        layout=widgets.Layout(width="100%", flex_flow="column"),
    )


def _on_paper() -> str:
    """The questions with their answers lettered, and how to count them."""
    asked, counted = [], []
    for number, question in enumerate(QUESTIONS, start=1):
        letters = dict(zip((level for level, _ in question.answers), "abc", strict=True))
        asked += [f"**{number}. {question.task}**", ""]
        asked += [*(f"- {letters[level]}. {text}" for level, text in question.answers), ""]
        counted += [f"| {number} | {' | '.join(letters[level] for level in Level)} |"]
    return "\n".join(
        [
            *asked,
            "<details><summary>Compter ses réponses</summary>",
            "",
            "| Question | Novice | Sensibilisé | Expert |",
            "|---|---|---|---|",
            *counted,
            "",
            f"Au moins {AGREEING} réponses « expert » : niveau expert. Au moins {AGREEING} réponses "
            "« sensibilisé » ou « expert » : niveau sensibilisé. Sinon : niveau novice.",
            "",
            "</details>",
        ]
    )


def _title(notebook: Path) -> str:
    """The first heading of a notebook, or the name of its file."""
    for cell in nbformat.read(notebook, as_version=4).cells:
        for line in cell.source.splitlines() if cell.cell_type == "markdown" else ():
            if line.startswith("# "):
                return line[2:].strip()
    return notebook.stem


def _and(items: Sequence[str]) -> str:
    return " et ".join(filter(None, [", ".join(items[:-1]), items[-1]]))
