"""The `geoatelier` command: control files, build lessons, make the territory, check the machine."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from geoatelier.check_command import INTERRUPTED
from geoatelier.check_command import add_command as add_check
from geoatelier.french_argparse import speak_french


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give its exit status: 0 for well, 1 for not, 2 if called wrongly, 130 if stopped."""
    speak_french()
    if hasattr(sys.stdout, "reconfigure") and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8")  # a sheet or a verdict sent to a file, on Windows too
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        print("\nInterrompu.", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="geoatelier", description="Les outils de l'atelier GéoAtelier.")
    commands = parser.add_subparsers(title="commandes", metavar="COMMANDE", required=True)

    build = commands.add_parser("build", help="bâtir les carnets depuis les sources de lessons/")
    build.add_argument(
        "codes", nargs="*", metavar="CODE", help="leçons à bâtir, comme S3 (par défaut : toutes)"
    )
    build.add_argument("--check", action="store_true", help="ne rien écrire, dire ce qui n'est pas à jour")
    build.set_defaults(run=_build)

    new = commands.add_parser(
        "new-lesson", help="poser le squelette d'une leçon, qui se bâtit et passe ses tests"
    )
    new.add_argument("code", metavar="CODE", help="N, S ou E suivi d'un numéro, comme S6")
    new.add_argument("--title", required=True, metavar="TITRE", help="titre de la leçon, entre guillemets")
    new.set_defaults(run=_new_lesson)

    table = commands.add_parser("table", help="mettre à jour le tableau des leçons du README")
    table.set_defaults(run=_table)

    territory = commands.add_parser("territory", help="fabriquer le territoire embarqué dans data/")
    territory.add_argument("folder", nargs="?", metavar="DOSSIER", help="où l'écrire (par défaut : data/)")
    territory.set_defaults(run=_territory)

    add_check(commands)

    machine = commands.add_parser("check-machine", help="pré-vol : vérifier que la machine est prête")
    machine.set_defaults(run=_check_machine)
    return parser


def _build(options: argparse.Namespace) -> int:
    from geoatelier.authoring.build import build, differences
    from geoatelier.authoring.problems import MalformedSourceError

    try:
        if not options.check:
            build(_root(), options.codes)
            return 0
        found = differences(_root(), options.codes)
    except MalformedSourceError as error:
        return _fail(str(error))
    if found:
        return _fail("\n".join(found) + "\nPour mettre à jour : geoatelier build")
    print("Les carnets sont à jour.")
    return 0


def _new_lesson(options: argparse.Namespace) -> int:
    from geoatelier.authoring.new_lesson import RefusedError, new_lesson

    try:
        paths = new_lesson(_root(), options.code, options.title)
    except RefusedError as error:
        return _fail(str(error))
    print("Écrit :", *(f"  {path.relative_to(_root())}" for path in paths), sep="\n")
    print(f"Ensuite : geoatelier build {options.code}")
    return 0


def _table(options: argparse.Namespace) -> int:
    from geoatelier.authoring.build import write_table
    from geoatelier.authoring.problems import MalformedSourceError
    from geoatelier.authoring.workshop import read_workshop

    try:
        write_table(read_workshop(_root()))
    except MalformedSourceError as error:
        return _fail(str(error))
    return 0


def _territory(options: argparse.Namespace) -> int:
    from geoatelier.territory.publish import write_territory

    write_territory(Path(options.folder) if options.folder else _root() / "data")
    return 0


def _check_machine(options: argparse.Namespace) -> int:
    from geoatelier.preflight import main as preflight

    return preflight()


def _root() -> Path:
    """Give the project: around the working directory, else where the package was installed from."""
    from geoatelier.authoring.places import find_root

    root = find_root(Path.cwd()) or find_root(Path(__file__).parent)
    if root is None:
        sys.exit(
            _fail("Aucun dossier `lessons` ici ni au-dessus : placez-vous dans le dossier de l'atelier.")
        )
    return root


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
