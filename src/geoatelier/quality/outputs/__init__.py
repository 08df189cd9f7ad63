"""A report as GeoPackage, JSON Lines, CSV, ISO 19157 XML: each file is written whole or not at all."""

from geoatelier.quality.outputs.geopackage import write_geopackage
from geoatelier.quality.outputs.iso_xml import write_iso_xml
from geoatelier.quality.outputs.json_lines import write_json_lines
from geoatelier.quality.outputs.spreadsheet import write_csv
from geoatelier.safely import UnwritableOutput, new_file

__all__ = [
    "UnwritableOutput",
    "new_file",
    "write_csv",
    "write_geopackage",
    "write_iso_xml",
    "write_json_lines",
]
