"""Read YAML as plain data, remembering the line of each entry and what was written there."""

import math
from dataclasses import dataclass, field

import yaml

from geoatelier.quality.sheets.errors import MalformedSheetError, Path, Problem
from geoatelier.quality.wording import quote

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_LARGEST = 1_000_000  # characters
_MOST_NODES = 100_000  # once aliases are followed
_DEEPEST = 40
_OPENS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSES = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
_CONSTRUCTOR = yaml.constructor.SafeConstructor()


@dataclass
class Marked:
    """Plain data (dictionaries, lists, texts, numbers, booleans, None) read from a YAML text.

    Parameters
    ----------
    file : name of the file, for messages
    data : what was read; dates stay texts
    lines : line of each entry, the first line being 1, by path from the root
    written : what stands in the file, for texts, numbers and booleans without quotation marks
    """

    file: str
    data: object = None
    lines: dict[Path, int] = field(default_factory=dict)
    written: dict[Path, str] = field(default_factory=dict)

    def problem(self, path: Path, message: str) -> Problem:
        """A problem at `path`, at the line of its nearest known ancestor."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        return Problem(self.lines.get(known), path, message)


def parse(text: str, file: str) -> Marked:
    """The data of a YAML text, read with the safe loader.

    Raises
    ------
    MalformedSheetError
        If it is not YAML, or uses what a sheet has no need of: two documents, twice the same key, typed tags.
    """
    result = Marked(file)
    if len(text) > _LARGEST:
        raise MalformedSheetError(file, [Problem(None, (), "ce fichier est trop gros pour être une fiche.")])
    try:
        _check_depth(text, file)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise MalformedSheetError(file, [_syntax(error, text)]) from error
    if root is None:
        raise MalformedSheetError(file, [Problem(None, (), "la fiche est vide. Partez d'un brouillon.")])
    problems: list[Problem] = []
    _weigh(root, file)
    result.lines[()] = root.start_mark.line + 1
    result.data = _read(root, (), result, problems)
    if problems:
        raise MalformedSheetError(file, problems)
    return result


def _read(node: yaml.Node, path: Path, result: Marked, problems: list[Problem]) -> object:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, result, problems)
    if isinstance(node, yaml.SequenceNode):
        items = []
        for position, item in enumerate(node.value):
            result.lines[(*path, position)] = item.start_mark.line + 1
            items.append(_read(item, (*path, position), result, problems))
        return items
    if not node.style:  # neither quoted nor a block
        result.written[path] = node.value
    value, message = _scalar(node)
    if message:
        problems.append(Problem(node.start_mark.line + 1, path, message))
    return value


def _mapping(
    node: yaml.MappingNode, path: Path, result: Marked, problems: list[Problem]
) -> dict[str, object]:
    data: dict[str, object] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem(line, path, "une clé est un mot, pas une liste. Retirez les crochets."))
            continue
        key = key_node.value  # as written: a column may be called « no » or « 01 »
        if key in data:
            first = result.lines[(*path, key)]
            message = f"la clé {quote(key)} est déjà donnée ligne {first}. Gardez-en une seule."
            problems.append(Problem(line, (*path, key), message))
            continue
        result.lines[(*path, key)] = line
        data[key] = _read(value_node, (*path, key), result, problems)
    return data


def _scalar(node: yaml.ScalarNode) -> tuple[object, str | None]:
    """The value of a scalar, or why it is refused."""
    kind = node.tag.removeprefix(_TAG)
    if kind in ("str", "timestamp", "value", "merge"):
        return node.value, None
    if kind not in ("int", "float", "bool", "null"):
        return None, f"la balise {quote(node.tag)} n'est pas admise. Écrivez la valeur seule."
    try:
        value = _CONSTRUCTOR.construct_object(node)
    except (ValueError, yaml.YAMLError):
        return None, f"{quote(node.value)} ne se lit pas. Mettez-le entre guillemets."
    if isinstance(value, float) and not math.isfinite(value):
        return None, f"{quote(node.value)} n'est pas un nombre utilisable. Donnez un nombre."
    return value, None


def _check_depth(text: str, file: str) -> None:
    """Refuse what is nested beyond reason: composing it would exhaust the stack of the parser."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, _OPENS) - isinstance(event, _CLOSES)
        if depth > _DEEPEST:
            message = "trop de niveaux s'emboîtent ici. Une fiche n'en a jamais plus de dix."
            raise MalformedSheetError(file, [Problem(event.start_mark.line + 1, (), message)])


def _weigh(root: yaml.Node, file: str) -> None:
    """Refuse aliases (`*nom`) that name themselves, or that unfold into an endless sheet."""
    weights: dict[int, int | None] = {}

    def weight(node: yaml.Node) -> int:
        known = weights.get(id(node), 0)
        if known is None:
            message = "ce renvoi (*) se contient lui-même. Recopiez la valeur."
            raise MalformedSheetError(file, [Problem(node.start_mark.line + 1, (), message)])
        if known:
            return known
        weights[id(node)] = None
        children = [] if isinstance(node, yaml.ScalarNode) else node.value
        total = 1 + sum(
            sum(map(weight, child)) if isinstance(child, tuple) else weight(child) for child in children
        )
        if total > _MOST_NODES:
            message = "ces renvois (*) se multiplient sans fin. Recopiez les valeurs."
            raise MalformedSheetError(file, [Problem(node.start_mark.line + 1, (), message)])
        weights[id(node)] = total
        return total

    weight(root)


def _syntax(error: yaml.YAMLError, text: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return Problem(None, (), "un caractère ne se lit pas. Enregistrez le fichier en UTF-8.")
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    problem = str(getattr(error, "problem", ""))
    if "\t" in line[: len(line) - len(line.lstrip())]:
        advice = "une tabulation sert de retrait. Remplacez-la par des espaces."
    elif "alias" in problem:
        advice = "une valeur qui commence par * se met entre guillemets."
    elif "another document" in problem or "single document" in str(error):
        advice = "une fiche tient en un seul document. Retirez la ligne « --- »."
    elif "mapping values" in problem:
        advice = (
            f"un second {quote(':')} sur la ligne, ou un retrait de trop. "
            "Mettez le texte entre guillemets, ou alignez la clé sur ses voisines."
        )
    else:
        advice = (
            "YAML ne comprend pas ce passage. Vérifiez ici et à la ligne d'avant : le retrait (deux espaces "
            "par niveau, les clés voisines alignées), les guillemets et les crochets à fermer."
        )
    return Problem(mark.line + 1, (), advice)
