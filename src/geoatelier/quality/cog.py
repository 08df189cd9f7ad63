"""What rio-cogeo says of a cloud optimised GeoTIFF, in French."""

import re
from pathlib import Path

from rio_cogeo.cogeo import cog_validate

from geoatelier.quality.images_errors import GDAL_ERRORS
from geoatelier.quality.wording import SPACE

_NO_OVERVIEWS = "recommended to include internal overviews"
_FRENCH = (
    (r"The file is not a GeoTIFF", "ce n'est pas un GeoTIFF"),
    (r"Overviews found in external .ovr file.*", "les aperçus sont dans un fichier .ovr à part"),
    (r"The file is greater than 512xH or 512xW, but is not tiled", "l'image n'est pas découpée en tuiles"),
    (
        r"The offset of the main IFD should be < 300\. It is (\d+) instead",
        rf"la description de l'image n'est pas au début du fichier (octet{SPACE}\1)",
    ),
    (r"This file used to have optimizations.*", "le fichier a été modifié après avoir été optimisé"),
    (r"Overviews should be sorted", "les aperçus ne sont pas rangés du plus grand au plus petit"),
    (r"Invalid Decimation.*", "un aperçu n'est pas plus petit que l'image"),
    (r"The offset of the IFD for overview.*", "la description d'un aperçu n'est pas à sa place"),
    (r"The offset of the first block.*", "les pixels ne sont pas rangés après leur description"),
    (r"Overview of index (\d+) is not tiled", r"l'aperçu n° \1 n'est pas découpé en tuiles"),
)


def cog_faults(path: Path) -> list[str]:
    """Why the image is no cloud optimised GeoTIFF, in French; empty when it is one.

    Overviews that are wanting are left to the control that names them.

    Parameters
    ----------
    path : an existing image
    """
    try:
        _, errors, warnings = cog_validate(path, quiet=True)
    except (*GDAL_ERRORS, TypeError, ValueError):
        return ["sa structure ne se lit pas"]
    said = [*errors, *(warning for warning in warnings if _NO_OVERVIEWS not in warning)]
    return list(dict.fromkeys(_in_french(sentence) for sentence in said))


def _in_french(sentence: str) -> str:
    for pattern, french in _FRENCH:
        match = re.fullmatch(pattern, sentence)
        if match:
            return match.expand(french)
    return "ses pixels et ses aperçus ne sont pas rangés comme il faut"
