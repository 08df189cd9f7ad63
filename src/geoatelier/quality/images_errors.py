"""What GDAL and libtiff say in English of an image that they cannot read, and what it means in French."""

import re
from pathlib import Path

from rasterio._err import CPLE_BaseError  # what GDAL says, that rasterio lets through and exports nowhere
from rasterio.errors import RasterioError

GDAL_ERRORS = (RasterioError, CPLE_BaseError)

_FRENCH = tuple(
    (re.compile(pattern), french)
    for pattern, french in (
        (r"No such file", "ce fichier n'existe pas"),
        (r"not recognized as", "son contenu n'est pas celui d'une image"),
        (r"missing codec", "elle est compressée d'une façon que cet outil ne sait pas lire"),
        (r"header|directory at offset|IO error|data size", "elle est coupée, ou son en-tête est abîmé"),
        (r"SampleFormat|BitsPerSample", "son en-tête ne dit plus de quel type sont ses pixels"),
        (
            r"Image(Width|Length)|scanline|Strip|Tile|strips|tiles",
            "son en-tête ne dit plus où sont ses pixels",
        ),
        (r"", "son en-tête est abîmé"),
    )
)


def in_french(error: Exception, path: Path) -> str:
    """Why the image at `path` cannot be opened, as a clause in French."""
    said = str(error).replace(str(path), "").replace(path.name, "")  # « Tile » may be in a name
    return next(french for pattern, french in _FRENCH if pattern.search(said))
