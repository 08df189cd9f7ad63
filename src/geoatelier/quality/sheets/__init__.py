"""Control sheets (« fiches de contrôle »): what a delivery must hold, written in YAML with French keys."""

from geoatelier.quality.sheets.draft import draft_sheet
from geoatelier.quality.sheets.errors import MalformedSheetError
from geoatelier.quality.sheets.model import LayerRules, Sheet, SheetImage
from geoatelier.quality.sheets.reading import builtin_sheets, load_sheet

__all__ = [
    "LayerRules",
    "MalformedSheetError",
    "Sheet",
    "SheetImage",
    "builtin_sheets",
    "draft_sheet",
    "load_sheet",
]
