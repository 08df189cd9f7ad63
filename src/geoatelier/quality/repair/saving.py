"""A repaired layer written beside its log, and nothing overwritten."""

from pathlib import Path

import pandas as pd

from geoatelier.quality.outputs.spreadsheet import neutralise
from geoatelier.quality.repair.log import Repaired
from geoatelier.quality.wording import quote
from geoatelier.safely import new_file

FORMATS = (".gpkg", ".fgb", ".geojson", ".parquet")


def save(repaired: Repaired, path: str | Path) -> tuple[Path, Path]:
    """Write the layer to `path`, and its log beside it: `parcelles.gpkg`, `parcelles_journal.csv`.

    Parameters
    ----------
    path : a new file in one of `FORMATS`; not a Shapefile, which would cut names and texts without a word

    Returns
    -------
    the path of the layer and that of the log

    Raises
    ------
    UnwritableOutput
        If one of the two files exists, be it the source, or cannot be written (see `new_file`).
    ValueError
        If the format is another one.
    """
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise ValueError(
            f"{quote(path.name)} : écrivez le résultat dans l'un de ces formats : {', '.join(FORMATS)}. "
            "Un Shapefile couperait les noms de colonnes."
        )
    log = path.with_name(f"{path.stem}_journal.csv")
    with new_file(path) as written:
        if path.suffix.lower() == ".parquet":
            repaired.frame.to_parquet(written, index=False)
        else:
            # FlatGeobuf has no place in its index for an object without geometry.
            indexed = "NO" if repaired.frame.geometry.isna().any() else "YES"
            options = {"SPATIAL_INDEX": indexed} if path.suffix.lower() == ".fgb" else {}
            repaired.frame.to_file(written, layer=path.stem, index=False, **options)
        write_log(repaired.log, log)
    return path, log


def write_log(log: pd.DataFrame, path: str | Path) -> Path:
    """Write a log as a CSV that a French spreadsheet opens: `;`, decimal commas, UTF-8 with its mark.

    A text that a spreadsheet would run as a formula gets an apostrophe in front.

    Raises
    ------
    UnwritableOutput
        If `path` exists, or cannot be written (see `new_file`).
    """
    texts = log.select_dtypes("str").columns
    safe = log.assign(**{name: log[name].map(neutralise, na_action="ignore") for name in texts})
    with new_file(path) as written:
        safe.to_csv(written, sep=";", decimal=",", index=False, encoding="utf-8-sig")
    return Path(path)
