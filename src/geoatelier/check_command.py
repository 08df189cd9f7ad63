"""`geoatelier check`: control what was received, from the command line or in continuous integration."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geoatelier.quality.deliveries import Comparison
    from geoatelier.quality.report import Report

CONFORM, BLOCKED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130

_EPILOGUE = """\
exemples :
  geoatelier check parcelles.gpkg
  geoatelier check livraison/ --output controle/
  geoatelier check adresses.csv --sheet ban
  geoatelier check livraison_2/ --compare livraison_1/
  geoatelier check --draft parcelles.gpkg > ma_fiche.yaml

code de sortie : 0 conforme, 1 anomalie bloquante ou seuil non tenu, 2 fichier illisible ou mauvais usage.
"""


def add_command(commands: argparse._SubParsersAction) -> None:
    """Add `check` to the commands of `geoatelier`."""
    parser = commands.add_parser(
        "check",
        help="contrôler la qualité de fichiers reçus",
        description="Contrôle des fichiers géographiques et dit s'ils sont conformes, sans rien modifier.",
        epilog=_EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="*", metavar="FICHIER", help="fichiers ou dossiers à contrôler")
    parser.add_argument(
        "--sheet", metavar="FICHE", help="fiche de contrôle : un nom de --sheets, ou un fichier .yaml"
    )
    parser.add_argument("--sheets", action="store_true", help="lister les fiches de contrôle fournies")
    parser.add_argument(
        "--draft", action="store_true", help="écrire une première fiche de contrôle tirée du FICHIER"
    )
    parser.add_argument(
        "--output", metavar="DOSSIER", help="y écrire le rapport : HTML, GeoPackage, JSON, CSV, XML"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="remplacer un rapport déjà présent dans le DOSSIER"
    )
    parser.add_argument(
        "--compare", metavar="AVANT", help="comparer à une livraison précédente : réparé, resté, apparu"
    )
    parser.add_argument(
        "--decide", metavar="ECHANTILLON", help="accepter ou refuser d'après un echantillon.csv rempli"
    )
    parser.add_argument(
        "--controls", action="append", default=[], metavar="FICHIER.py", help="ajouter vos propres contrôles"
    )
    parser.add_argument("--json", action="store_true", help="écrire le verdict en JSON sur la sortie")
    parser.add_argument("--quiet", action="store_true", help="ne montrer ni progression ni tableau")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and give its exit status."""
    from geoatelier.quality.custom import FaultyControl
    from geoatelier.quality.memory import lacks_memory
    from geoatelier.quality.outputs import UnwritableOutput
    from geoatelier.quality.sheets import MalformedSheetError
    from geoatelier.quality.source import UnreadableSource

    try:
        if options.sheets:
            return _list_sheets()
        if options.decide:
            return _decide(options.decide)
        if not options.files:
            return _refuse("Donnez au moins un fichier ou un dossier. Aide : geoatelier check --help")
        if options.draft:
            return _draft(options)
        return _check(options)
    except (UnreadableSource, UnwritableOutput, MalformedSheetError, FaultyControl) as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        print("\nInterrompu\u00a0: aucun rapport n'a été écrit.", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:  # Python would leave with 1, which here blames the delivery
        if os.environ.get("GEOATELIER_TRACE"):
            raise
        if lacks_memory(error):
            return _refuse(
                "Le contrôle ne tient pas dans la mémoire de cette machine. Aucun rapport n'a été écrit. "
                "Contrôlez moins de fichiers à la fois, ou essayez sur une machine qui a plus de mémoire."
            )
        return _refuse(
            f"Le contrôle s'est arrêté sur un cas imprévu ({type(error).__name__}\u00a0: {error}). "
            "Aucun rapport n'a été écrit. Signalez-le, avec le fichier si vous pouvez le transmettre."
        )


def _list_sheets() -> int:
    from geoatelier.quality.sheets import builtin_sheets

    for name, title in builtin_sheets().items():
        print(f"{name:20} {title}")
    return CONFORM


def _decide(file: str) -> int:
    from geoatelier.quality.fieldwork import judge_samples

    decisions = judge_samples(file)
    for lot, decision in decisions.items():
        print(f"{lot} : {decision.sentence()}")
    return CONFORM if all(decision.accepted for decision in decisions.values()) else BLOCKED


def _draft(options: argparse.Namespace) -> int:
    from geoatelier.quality.reading import read_layers
    from geoatelier.quality.sheets import draft_sheet

    print(draft_sheet([found for file in options.files for found in read_layers(file)]), end="")
    return CONFORM


def _check(options: argparse.Namespace) -> int:
    from geoatelier.quality.checking import check
    from geoatelier.quality.custom import load_controls
    from geoatelier.quality.deliveries import compare
    from geoatelier.quality.measures import MEASURES
    from geoatelier.quality.progress import bar
    from geoatelier.quality.publishing import check_folder, publish
    from geoatelier.quality.sheets import load_sheet

    if options.output:
        check_folder(Path(options.output), overwrite=options.overwrite)
    # Controls first: the sheet may name the kinds of anomaly that they add.
    controls = [control for file in options.controls for control in load_controls(file)]
    sheet = load_sheet(options.sheet, measures=MEASURES) if options.sheet else None
    before = comparison = None
    with bar(shown=not options.quiet and sys.stderr.isatty()) as progress:
        report = check(options.files, sheet=sheet, controls=controls, progress=progress)
        if options.compare:
            before = check([options.compare], sheet=sheet, controls=controls, progress=progress)
            comparison = compare(before, report)
    if options.json:
        print(json.dumps(_verdict(report, comparison), ensure_ascii=False, indent=2))
    elif not options.quiet:
        print(_text(report, comparison))
    if options.output:
        written = publish(report, options.output, comparison=comparison, overwrite=options.overwrite)
        if not options.json:
            print(f"\nRapport\u00a0: {written[0]}")
    unread = [*report.unread, *(before.unread if before else ())]
    for one in unread:
        print(one.message, file=sys.stderr)
    if unread:
        return WRONG_USE
    return CONFORM if report.conform else BLOCKED


def _text(report: "Report", comparison: "Comparison | None") -> str:
    """The verdict and the tables, for a terminal."""
    verdict = "CONFORME" if report.conform else "NON CONFORME"
    lines = [f"{verdict} · {report.line()}"]
    if report.layers:
        lines.append(f"Fiche : {report.sheet}")
    if not report.anomalies.empty:
        summary = report.summary().drop(columns="ce que cela empêche")
        lines += ["", summary.to_string(index=False)]
    asked = [measure for measure in report.measures if measure.threshold is not None]
    if asked:
        from geoatelier.quality.measures import measures_table

        table = measures_table(asked)[["couche", "mesure", "valeur", "seuil", "conforme"]]
        lines += ["", table.to_string(index=False)]
    lines += [f"\nÉchantillon de {sample.layer} : {sample.plan.sentence()}" for sample in report.samples]
    if comparison is not None:
        lines += ["", comparison.line()]
        if not comparison.anomalies.empty:
            lines += ["", comparison.summary().to_string(index=False)]
    return "\n".join(lines)


def _verdict(report: "Report", comparison: "Comparison | None") -> dict[str, object]:
    """The verdict, for programs."""
    verdict = {
        "conforme": report.conform,
        "fiche": report.sheet,
        "jour": report.day.isoformat(),
        "anomalies": {
            level: int(n) for level, n in report.anomalies["niveau"].value_counts(sort=False).items()
        },
        "seuils": [
            {
                "fichier": measure.file,
                "couche": measure.layer,
                "mesure": measure.code,
                "valeur": None if measure.value != measure.value else measure.value,
                "seuil": measure.threshold,
                "conforme": measure.conform,
            }
            for measure in report.measures
            if measure.threshold is not None
        ],
        "illisibles": [{"fichier": unread.file, "message": unread.message} for unread in report.unread],
    }
    if comparison is not None:
        evolutions = comparison.anomalies["evolution"].value_counts(sort=False)
        verdict["comparaison"] = {name: int(n) for name, n in evolutions.items()}
    return verdict


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)
    return WRONG_USE
