"""A report as a standalone quality report of ISO 19157, in the XML that catalogues such as GeoNetwork load.

One `DQ_DataQuality` bears the verdict on the whole, then one a layer bears its measures (a quantitative
result, and a conformance result where there is a threshold) and how many anomalies of each kind it has. A
measure is identified by its number in ISO 19157:2013; its QuaDoGéo code follows, with its address in that
register.

References
----------
ISO/TS 19157-2:2016, namespace mdq 1.0; ISO/TS 19115-3:2016, namespaces mdb 2.0, cit 2.0, mcc 1.0, mri 1.0.
"""

import math
import re
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

from geoatelier.quality.catalogue import MEASURES
from geoatelier.quality.kinds import KINDS
from geoatelier.quality.measure import Measure
from geoatelier.quality.report import Report
from geoatelier.quality.wording import number, quote
from geoatelier.safely import new_file

QUADOGEO = "https://data.geocatalogue.fr/ncl/mesuresQuaDoGeo/"
_ISO = "http://standards.iso.org/iso/"
_XLINK = "http://www.w3.org/1999/xlink"
NAMESPACES = {
    "mdb": f"{_ISO}19115/-3/mdb/2.0",
    "mcc": f"{_ISO}19115/-3/mcc/1.0",
    "cit": f"{_ISO}19115/-3/cit/2.0",
    "mri": f"{_ISO}19115/-3/mri/1.0",
    "gco": f"{_ISO}19115/-3/gco/1.0",
    "gcx": f"{_ISO}19115/-3/gcx/1.0",
    "mdq": f"{_ISO}19157/-2/mdq/1.0",
    "xlink": _XLINK,
}
# Class of ISO 19157-2 by the French name of the element, or the start of it.
_CLASSES = {
    "Exhaustivité, excédent": "DQ_CompletenessCommission",
    "Exhaustivité, omission": "DQ_CompletenessOmission",
    "Cohérence conceptuelle": "DQ_ConceptualConsistency",
    "Cohérence du domaine": "DQ_DomainConsistency",
    "Cohérence du format": "DQ_FormatConsistency",
    "Cohérence topologique": "DQ_TopologicalConsistency",
    "Cohérence temporelle": "DQ_TemporalConsistency",
    "Validité temporelle": "DQ_TemporalValidity",
    "Précision d'une mesure de temps": "DQ_AccuracyOfATimeMeasurement",
    "Précision de position absolue": "DQ_AbsoluteExternalPositionalAccuracy",
    "Précision de position relative": "DQ_RelativeInternalPositionalAccuracy",
    "Précision de position des données maillées": "DQ_GriddedDataPositionalAccuracy",
    "Justesse du classement": "DQ_ThematicClassificationCorrectness",
    "Justesse de la classification": "DQ_ThematicClassificationCorrectness",
    "Justesse des attributs non quantitatifs": "DQ_NonQuantitativeAttributeCorrectness",
    "Précision des attributs quantitatifs": "DQ_QuantitativeAttributeAccuracy",
    "Utilisabilité": "DQ_UsabilityElement",
}
_USABILITY = "Utilisabilité"
_UNITS = {"%": "%25", "": "1", "m": "m", "m²": "m2", "ha": "har"}
_CODE_LISTS = f"{_ISO}19115/resources/Codelists/cat/codelists.xml#"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_iso_xml(report: Report, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a report as a metadata record of ISO 19115-3 whose content is its quality, by ISO 19157-2.

    Raises
    ------
    UnwritableOutput
        See `new_file`.
    """
    for prefix, uri in NAMESPACES.items():
        ET.register_namespace(prefix, uri)
    root = _record(report)
    ET.indent(root, " ")
    with new_file(path, overwrite=overwrite) as temporary:
        ET.ElementTree(root).write(temporary, encoding="utf-8", xml_declaration=True)
    return Path(path)


def class_of(element: str) -> str:
    """The class of ISO 19157-2 of a quality element named in French; usability for one that it has not."""
    known = (name for start, name in _CLASSES.items() if element.startswith(start))
    return next(known, "DQ_UsabilityElement")


def _record(report: Report) -> ET.Element:
    root = ET.Element(_tag("mdb:MD_Metadata"))
    # Who answers for the record is for its publisher to say.
    _add(root, "mdb:contact").set(_tag("gco:nilReason"), "missing")
    date = _add(root, "mdb:dateInfo", "cit:CI_Date")
    _add(date, "cit:date", "gco:Date").text = report.day.isoformat()
    _code(_add(date, "cit:dateType"), "cit:CI_DateTypeCode", "creation")
    _citation(_add(root, "mdb:metadataStandard"), "ISO/TS 19157-2:2016, Information géographique, Qualité")
    data = _add(root, "mdb:identificationInfo", "mri:MD_DataIdentification")
    _citation(_add(data, "mri:citation"), report.source)
    _text(data, "mri:abstract", f"Rapport de contrôle de {report.source}, fait avec GéoAtelier.")
    _verdict(root, report)
    found = report.anomalies[["fichier", "couche", "code"]].fillna("").value_counts(sort=False)
    places = {
        **dict.fromkeys((facts.file, facts.name) for facts in report.layers),
        **dict.fromkeys((measure.file, measure.layer) for measure in report.measures),
        **dict.fromkeys((file, layer) for file, layer, _ in found.index),
    }
    for file, layer in places:
        counts = {code: int(n) for (*place, code), n in found.items() if place == [file, layer]}
        measures = [measure for measure in report.measures if (measure.file, measure.layer) == (file, layer)]
        name = ", ".join(filter(None, (layer, file)))
        quality = _quality(root, "featureType" if layer else "dataset", name)
        _layer_reports(quality, report, measures, counts)
    return root


def _verdict(root: ET.Element, report: Report) -> None:
    quality = _quality(root, "dataset", report.source)
    element = _element(quality, report, _USABILITY, None, None, "verdict", "Verdict du contrôle")
    _conformance(element, report, report.conform, report.line())
    for unread in report.unread:
        element = _element(quality, report, _USABILITY, None, None, "fichier-non-lu", "Fichier non lu")
        _statement(element, f"{unread.file} : {unread.message}")


def _layer_reports(
    quality: ET.Element, report: Report, measures: Iterable[Measure], counts: dict[str, int]
) -> None:
    for measure in measures:
        element = _element(
            quality, report, measure.element, measure.iso, measure.quadogeo, measure.code, measure.title
        )
        _quantity(element, measure.value, measure.unit)
        if measure.threshold is not None:
            bound = "au plus" if measure.at_most else "au moins"
            explanation = f"Demandé : {bound} {number(measure.threshold, 3)} {measure.unit}".strip() + "."
            _conformance(element, report, measure.conform, explanation)
    for code, n in counts.items():
        kind = KINDS[code]
        title = f"Nombre d'anomalies {quote(kind.title)}"
        element = _element(quality, report, kind.element, kind.measure, kind.quadogeo, code, title)
        _quantity(element, n, "")
    if not measures and not counts:
        element = _element(quality, report, _USABILITY, None, None, "anomalies", "Anomalies trouvées")
        _statement(element, "Aucune anomalie trouvée.")


def _quality(root: ET.Element, level: str, name: str) -> ET.Element:
    quality = _add(root, "mdb:dataQualityInfo", "mdq:DQ_DataQuality")
    scope = _add(quality, "mdq:scope", "mcc:MD_Scope")
    _code(_add(scope, "mcc:level"), "mcc:MD_ScopeCode", level)
    description = _add(scope, "mcc:levelDescription", "mcc:MD_ScopeDescription")
    _text(description, "mcc:dataset" if level == "dataset" else "mcc:features", name)
    return quality


def _element(
    quality: ET.Element, report: Report, element: str, iso: int | None, quadogeo: str | None, code: str,
    title: str,
) -> ET.Element:  # fmt: skip
    """One quality element with its measure and how it was evaluated; results are still to be added."""
    node = _add(quality, "mdq:report", f"mdq:{class_of(element)}")
    measure = _add(node, "mdq:measure", "mdq:DQ_MeasureReference")
    identifier = _add(measure, "mdq:measureIdentification", "mcc:MD_Identifier")
    if iso is not None:
        _text(identifier, "mcc:code", str(iso))
        _text(identifier, "mcc:codeSpace", "ISO 19157:2013")
    elif quadogeo:
        _anchor(identifier, "mcc:code", quadogeo)
        _text(identifier, "mcc:codeSpace", "QuaDoGéo")
    else:
        _text(identifier, "mcc:code", code)
        _text(identifier, "mcc:codeSpace", "GéoAtelier")
    _text(measure, "mdq:nameOfMeasure", title)
    if quadogeo:
        _anchor(measure, "mdq:nameOfMeasure", quadogeo)
    _text(measure, "mdq:measureDescription", f"{element} (GéoAtelier : {code})")
    method = _add(node, "mdq:evaluationMethod", "mdq:DQ_FullInspection")
    _add(method, "mdq:dateTime", "gco:DateTime").text = f"{report.day.isoformat()}T00:00:00"
    _text(method, "mdq:evaluationMethodDescription", f"Fiche de contrôle {quote(report.sheet)}.")
    external = code in MEASURES and MEASURES[code].form == "référence"
    _code(
        _add(method, "mdq:evaluationMethodType"),
        "mdq:DQ_EvaluationMethodTypeCode",
        "directExternal" if external else "directInternal",
    )
    return node


def _quantity(element: ET.Element, value: float, unit: str) -> None:
    result = _add(element, "mdq:result", "mdq:DQ_QuantitativeResult")
    if math.isfinite(value):
        _add(result, "mdq:value", "gco:Record").text = f"{value:.12g}"
    else:
        _add(result, "mdq:value").set(_tag("gco:nilReason"), "unknown")
    place = _add(result, "mdq:valueUnit")
    place.set(_tag("xlink:href"), f"http://www.opengis.net/def/uom/UCUM/0/{_UNITS.get(unit, '1')}")
    if unit:
        place.set(_tag("xlink:title"), unit)


def _conformance(element: ET.Element, report: Report, passed: bool, explanation: str) -> None:
    result = _add(element, "mdq:result", "mdq:DQ_ConformanceResult")
    _citation(_add(result, "mdq:specification"), f"Fiche de contrôle {quote(report.sheet)}")
    _text(result, "mdq:explanation", explanation)
    _add(result, "mdq:pass", "gco:Boolean").text = "true" if passed else "false"


def _statement(element: ET.Element, text: str) -> None:
    _text(_add(element, "mdq:result", "mdq:DQ_DescriptiveResult"), "mdq:statement", text)


def _citation(parent: ET.Element, title: str) -> None:
    _text(_add(parent, "cit:CI_Citation"), "cit:title", title)


def _code(parent: ET.Element, name: str, value: str) -> None:
    node = _add(parent, name)
    node.attrib |= {"codeList": _CODE_LISTS + name.partition(":")[2], "codeListValue": value}
    node.text = value


def _text(parent: ET.Element, name: str, text: str) -> None:
    _add(parent, name, "gco:CharacterString").text = _NOT_XML.sub("\ufffd", text)


def _anchor(parent: ET.Element, name: str, code: str) -> None:
    anchor = _add(parent, name, "gcx:Anchor")
    anchor.set(_tag("xlink:href"), QUADOGEO + code)
    anchor.text = code


def _add(parent: ET.Element, *names: str) -> ET.Element:
    """Nest new elements in `parent`, and give the innermost."""
    for name in names:
        parent = ET.SubElement(parent, _tag(name))
    return parent


def _tag(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"
