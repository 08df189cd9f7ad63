"""What a manager reads in one minute: the verdict and why, what was controlled, what to do first."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from geoatelier.quality.kinds import KINDS, LEVELS, Kind, Level
from geoatelier.quality.measure import Measure
from geoatelier.quality.outputs.html_wording import LEVEL_NAMES, shortened, threshold, typeset
from geoatelier.quality.report import LayerFacts, Report
from geoatelier.quality.wording import count, quote, some

_FIRST = 3
_EXAMPLES = 3


@dataclass(frozen=True)
class Priority:
    """One thing to do before the others.

    Parameters
    ----------
    level : of what is wrong, None for what is not an anomaly
    title, where : what, and in which file or layer
    why : what goes wrong otherwise, empty when the title says it
    action : what to do
    """

    level: Level | None
    title: str
    where: str
    why: str
    action: str


@dataclass(frozen=True)
class Example:
    """An anomaly, as texts ready to be shown; empty where there is nothing to say."""

    where: str
    object: str
    attribute: str
    value: str
    message: str


@dataclass(frozen=True)
class Group:
    """All anomalies of one kind and one level."""

    level: Level
    kind: Kind
    number: int
    where: tuple[tuple[str, int], ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class LayerRow:
    """Facts on a layer, and how many anomalies of each level it has, in the order of `LEVELS`."""

    facts: LayerFacts
    counts: tuple[int, ...]


@dataclass(frozen=True)
class LayerMeasures:
    """Measures of a layer without a threshold: those that tell something, and titles of the perfect ones."""

    layer: str
    telling: tuple[Measure, ...]
    perfect: tuple[str, ...]


def reason(report: Report) -> str:
    """Why the verdict is what it is, in one French sentence."""
    failed = [measure for measure in report.measures if measure.conform is False]
    blocking = report.anomalies[report.anomalies["niveau"] == "bloquant"]
    causes = []
    if report.unread:
        verb = "n'a pas pu être lu" if len(report.unread) == 1 else "n'ont pas pu être lus"
        causes.append(f"{count(len(report.unread), 'fichier')} {verb}")
    if len(blocking):
        titles = [KINDS[code].title.lower() for code in blocking["code"].unique()]
        causes.append(
            f"{count(len(blocking), 'anomalie bloquante', 'anomalies bloquantes')} ({some(titles, 2)})"
        )
    if failed:
        verb = "n'est pas tenu" if len(failed) == 1 else "ne sont pas tenus"
        causes.append(f"{count(len(failed), 'seuil')} {verb}")
    if causes:
        text = ", et ".join([", ".join(causes[:-1]), causes[-1]] if causes[:-1] else causes)
        return typeset(f"{text[0].upper()}{text[1:]}.")
    return typeset(_why_conform(report))


def _why_conform(report: Report) -> str:
    asked = [measure for measure in report.measures if measure.threshold is not None]
    held = "et tous les seuils sont tenus" if asked else "et aucun seuil n'était fixé"
    if report.anomalies.empty:
        return f"Aucune anomalie n'a été trouvée, {held}."
    errors = int((report.anomalies["niveau"] == "erreur").sum())
    left = f" Il reste {count(errors, 'erreur')} à corriger." if errors else ""
    return f"Tout a été lu, rien ne bloque, {held}.{left}"


def priorities(report: Report) -> list[Priority]:
    """The three things to do first: what could not be read, what blocks, thresholds, errors, the rest."""
    found = [*_unread(report), *_by_level(report, "bloquant"), *_failed(report)]
    found += [*_by_level(report, "erreur"), *_by_level(report, "avertissement")]
    return found[:_FIRST]


def _unread(report: Report) -> Iterator[Priority]:
    if report.unread:
        files = count(len(report.unread), "fichier non lu", "fichiers non lus")
        names = some(unread.file for unread in report.unread)
        yield Priority(
            None, files, names, "",
            "La raison est donnée plus bas : corrigez ou redemandez, puis relancez le contrôle.",
        )  # fmt: skip


def _by_level(report: Report, level: Level) -> Iterator[Priority]:
    """One for each kind and layer, the most numerous first."""
    anomalies = report.anomalies[report.anomalies["niveau"] == level]
    groups = anomalies.groupby(["fichier", "couche", "code"], sort=False, dropna=False)
    for (_, layer, code), rows in sorted(groups, key=lambda group: -len(group[1])):
        title, action = KINDS[code].title, shortened(rows["message"].iloc[0])
        if len(rows) > 1:
            title += f" ({count(len(rows), 'fois', 'fois')})"
            example = rows["objet"].iloc[0]
            action = (
                action if pd.isna(example) else f"Par exemple, objet {quote(shortened(example))} : {action}"
            )
        yield Priority(level, title, layer, typeset(KINDS[code].prevents), typeset(action))


def _failed(report: Report) -> Iterator[Priority]:
    for measure in report.measures:
        if measure.conform is False:
            action = (
                f"Mesuré : {measure.text} ; attendu : {threshold(measure)}. "
                "Corrigez les anomalies que compte cette mesure."
            )
            title = typeset(f"Seuil non tenu : {measure.title}")
            yield Priority(None, title, measure.layer or measure.file, "", typeset(action))


def by_level(report: Report) -> list[tuple[Level, int, str]]:
    """For each level: how many anomalies, and their name, in the singular or the plural."""
    numbers = report.anomalies["niveau"].value_counts()
    found = [(level, int(numbers.get(level, 0))) for level in LEVELS]
    return [
        (level, n, LEVEL_NAMES[level].plural if n > 1 else LEVEL_NAMES[level].singular) for level, n in found
    ]


def layer_rows(report: Report) -> list[LayerRow]:
    """Each layer with its anomalies counted by level."""
    anomalies = report.anomalies
    counts = anomalies.groupby(["fichier", "couche", "niveau"], dropna=False).size()
    return [
        LayerRow(facts, tuple(int(counts.get((facts.file, facts.name, level), 0)) for level in LEVELS))
        for facts in report.layers
    ]


def groups(report: Report) -> list[Group]:
    """Anomalies by kind, the gravest and most numerous first, with a few examples of all layers."""
    several = len(report.layers) > 1
    found = []
    for (level, code), rows in report.anomalies.groupby(["niveau", "code"], sort=False):
        where = rows.groupby(["fichier", "couche"], sort=False, dropna=False)
        layers = tuple((layer, len(part)) for (_, layer), part in where)
        chosen = where.head(-(-_EXAMPLES // len(layers))).head(_EXAMPLES)
        examples = tuple(_example(row, several) for row in chosen.to_dict("records"))
        found.append(Group(level, KINDS[code], len(rows), layers, examples))
    return sorted(found, key=lambda group: (LEVELS.index(group.level), -group.number, group.kind.title))


def _example(row: dict, say_where: bool) -> Example:
    def text(name: str) -> str:
        return "" if pd.isna(row[name]) else shortened(str(row[name]))

    return Example(
        text("couche") if say_where else "",
        text("objet"),
        text("attribut"),
        text("valeur"),
        typeset(text("message")),
    )


def asked(measures: tuple[Measure, ...]) -> list[Measure]:
    """The measures that have a threshold, those that miss it first."""
    found = [measure for measure in measures if measure.threshold is not None]
    return sorted(found, key=lambda measure: bool(measure.conform))


def unasked(measures: tuple[Measure, ...]) -> list[LayerMeasures]:
    """The measures without a threshold, layer by layer."""
    by_layer: dict[tuple[str, str], list[Measure]] = {}
    for measure in measures:
        if measure.threshold is None:
            by_layer.setdefault((measure.file, measure.layer), []).append(measure)
    return [
        LayerMeasures(
            layer or file,
            tuple(measure for measure in found if not _perfect(measure)),
            tuple(measure.title for measure in found if _perfect(measure)),
        )
        for (file, layer), found in by_layer.items()
    ]


def _perfect(measure: Measure) -> bool:
    return measure.value == 0 if measure.at_most else (measure.value, measure.unit) == (100, "%")
