"""The damaged delivery: copies of four clean layers with planted defects, and the ledger of those.

`make_delivery` makes it, `write_delivery` writes it. The ledger is the answer key of lessons and tests: every
difference between a clean layer and its delivered file is one of its rows, and each of its rows is in the
file.
"""

from geoatelier.territory.defects.delivery import (
    CLAIMS_LAYER,
    LEDGER_FILE,
    LEDGER_LAYER,
    NOTE_FILE,
    Delivery,
    make_delivery,
    write_delivery,
)
from geoatelier.territory.defects.kinds import KINDS, Kind

__all__ = [
    "CLAIMS_LAYER",
    "KINDS",
    "LEDGER_FILE",
    "LEDGER_LAYER",
    "NOTE_FILE",
    "Delivery",
    "Kind",
    "make_delivery",
    "write_delivery",
]
