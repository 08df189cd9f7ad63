"""Ways to spoil a text, as people and exports do."""

import unicodedata

ABBREVIATIONS = {
    "Allée": "All.", "Avenue": "Av.", "Boulevard": "Bd", "Chemin": "Che.", "Impasse": "Imp.",
    "Lotissement": "Lot.", "Montée": "Mtée", "Passage": "Pass.", "Place": "Pl.", "Promenade": "Prom.",
    "Quai": "Q.", "Route": "Rte",
    "Rue": "R.", "Sentier": "Sent.", "Traverse": "Trav.", "Saint": "St", "Sainte": "Ste",
}  # fmt: skip


def abbreviate(name: str) -> str:
    """The name with its words abbreviated: « Avenue de la Mer » gives « Av. de la Mer »."""
    words = name.replace("Saint-", "Saint ").replace("Sainte-", "Sainte ").split(" ")
    return " ".join(ABBREVIATIONS.get(word, word) for word in words)


def without_accents(name: str) -> str:
    letters = unicodedata.normalize("NFD", name)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def shouted(name: str) -> str:
    """The name in capitals with no accents, as old files have it."""
    return without_accents(name).upper()


def mistyped(name: str, position: int) -> str:
    """The name with two neighbouring letters exchanged."""
    return name[:position] + name[position + 1] + name[position] + name[position + 2 :]


def mojibake(text: str) -> str | None:
    """The text written in UTF-8 and read as cp1252; None where it comes out the same or cannot be so read."""
    try:
        spoilt = text.encode("utf-8").decode("cp1252")
    except UnicodeDecodeError:
        return None
    return None if spoilt == text else spoilt


def without_leading_zeros(code: str) -> str:
    """« 13901_0010 » gives « 13901_10 »: each part of the code as a spreadsheet keeps it."""
    return "_".join(str(int(part)) if part.isdigit() else part for part in code.split("_"))
