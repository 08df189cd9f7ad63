"""Command-line help and errors in French: the wording that argparse leaves to gettext."""

import argparse

_WORDING = {
    "usage: ": "usage : ",
    "options": "options",
    "optional arguments": "options",
    "positional arguments": "arguments",
    "show this help message and exit": "afficher cette aide et s'arrêter",
    "%(prog)s: error: %(message)s\n": "%(prog)s : erreur : %(message)s\n",
    "argument %(argument_name)s: %(message)s": "argument %(argument_name)s : %(message)s",
    "the following arguments are required: %s": "il manque : %s",
    "unrecognized arguments: %s": "argument inconnu : %s",
    "invalid choice: %(value)r (choose from %(choices)s)": "%(value)r est inconnu ; choix : %(choices)s",
    "invalid %(type)s value: %(value)r": "%(value)r n'est pas de la forme voulue (%(type)s)",
    "expected one argument": "une valeur est attendue",
    "expected at most one argument": "une valeur au plus est attendue",
    "expected at least one argument": "au moins une valeur est attendue",
    "ignored explicit argument %r": "la valeur %r n'est pas attendue",
    "not allowed with argument %s": "ne va pas avec %s",
    "one of the arguments %s is required": "il faut l'un de : %s",
    "ambiguous option: %(option)s could match %(matches)s": "%(option)s peut être : %(matches)s",
}
_COUNTED = {"expected %s argument": ("%s valeur est attendue", "%s valeurs sont attendues")}


def speak_french() -> None:
    """Make argparse word its help and its errors in French, in this process."""
    argparse._ = lambda text: _WORDING.get(text, text)
    argparse.ngettext = _counted


def _counted(singular: str, plural: str, n: int) -> str:
    one, many = _COUNTED.get(singular, (singular, plural))
    return one if n < 2 else many
