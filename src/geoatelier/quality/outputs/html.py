"""The report as one HTML file: it opens anywhere, asks nothing of the web, reads on paper too."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from markupsafe import Markup

from geoatelier.quality.kinds import LEVELS
from geoatelier.quality.outputs import html_page as page
from geoatelier.quality.outputs import html_summary as summary
from geoatelier.quality.outputs.html_data import payload, to_json
from geoatelier.quality.outputs.html_places import places_of
from geoatelier.quality.outputs.html_static_map import static_map
from geoatelier.quality.outputs.html_wording import LEVEL_NAMES
from geoatelier.quality.report import Report
from geoatelier.safely import new_file


def write_html(report: Report, path: str | Path, overwrite: bool = False) -> Path:
    """Write `report` as one self-contained HTML file, in French.

    Parameters
    ----------
    report : result of an inspection
    path : of the file to write
    overwrite : replace a file that is already there

    Returns
    -------
    Path of the file

    Raises
    ------
    UnwritableOutput
        If there is a file at `path` and `overwrite` is False, or if it cannot be written.
    """
    with new_file(path, overwrite=overwrite) as temporary:
        # The name of a file may hold bytes that are no text.
        temporary.write_text(render(report), encoding="utf-8", errors="replace", newline="\n")
    return Path(path)


def render(report: Report) -> str:
    """The HTML of `report`."""
    report = _gravest_first(report)
    places = places_of(report)
    style, script = page.styles(report.source, report.day), page.scripts()
    return page.environment().get_template("report.html").render(
        report=report,
        policy=page.policy(style, script),
        # Not escaped: what we and Leaflet wrote, and JSON in which no « < » is left.
        style=Markup(style),
        script=Markup(script),
        data=Markup(to_json(payload(report, places))),
        levels=LEVELS,
        level_names=LEVEL_NAMES,
        reason=summary.reason(report),
        priorities=summary.priorities(report),
        by_level=summary.by_level(report),
        layers=summary.layer_rows(report),
        groups=summary.groups(report),
        asked=summary.asked(report.measures),
        unasked=summary.unasked(report.measures),
        files=list(dict.fromkeys(facts.file for facts in report.layers)),
        places=places,
        unplaced=int((~places.placed).sum()),
        drawing=static_map(places, report.anomalies["niveau"].to_numpy(dtype=object)),
    )  # fmt: skip


def _gravest_first(report: Report) -> Report:
    """The report with its anomalies from the gravest level to the lightest."""
    rank = report.anomalies["niveau"].map(LEVELS.index).to_numpy()
    order = np.argsort(rank, kind="stable")
    return replace(report, anomalies=report.anomalies.iloc[order].reset_index(drop=True))
