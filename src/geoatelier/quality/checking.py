"""Control a whole delivery: every layer and image of every file, against a control sheet."""

import contextlib
import datetime as dt
import os
import traceback
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd

from geoatelier.quality.anomalies import together
from geoatelier.quality.conformity import absent_from_sheet, as_weighed
from geoatelier.quality.custom import CustomControl, idle_controls
from geoatelier.quality.delivered import Delivered, delivered_files
from geoatelier.quality.formats import IMAGES, VECTORS, check_content, is_image
from geoatelier.quality.layer_inspection import Settings, inspect_layer
from geoatelier.quality.links import OpenLayer, opener
from geoatelier.quality.measure import Measure
from geoatelier.quality.measures import measures_of
from geoatelier.quality.memory import lacks_memory, too_large
from geoatelier.quality.progress import Progress
from geoatelier.quality.reading import read_layers
from geoatelier.quality.report import LayerFacts, Report, Unread
from geoatelier.quality.sheets import Sheet
from geoatelier.quality.source import UnreadableSource
from geoatelier.quality.structure import inspect_structure
from geoatelier.quality.wording import count, quote
from geoatelier.safely import UnwritableOutput

if TYPE_CHECKING:
    from geoatelier.quality.fieldwork import Sample

_TRACE = "GEOATELIER_TRACE"


def check(
    files: Sequence[str | Path],
    *,
    sheet: Sheet | None = None,
    controls: Iterable[CustomControl] = (),
    today: dt.date | None = None,
    progress: Progress | None = None,
) -> Report:
    """Control files and folders, and say whether they conform. Nothing is changed in them.

    A file that cannot be read is told in `Report.unread`, and the others are controlled all the same.

    Parameters
    ----------
    files : paths of files and folders
    sheet : what is expected; without one, each layer is held to what its columns say that it is
    controls : controls of one's own
    today : day after which a date is in the future; the day of the run when not given
    progress : told of what is being done

    Returns
    -------
    Report, its anomalies in the CRS of the first layer that has one

    Raises
    ------
    UnreadableSource
        If there is no file to control at all.
    """
    delivered = delivered_files(files)
    if not delivered:
        raise UnreadableSource(
            "Aucun fichier à contrôler : le dossier est vide, ou n'a aucun fichier d'un format connu "
            f"({', '.join(sorted(VECTORS.keys() | IMAGES.keys()))})."
        )
    work = _Work(
        sheet, tuple(controls), today or dt.date.today(), progress or Progress(), _other_layers(delivered)
    )
    for file in delivered:
        work.take(file)
    return work.report(_title(delivered))


@dataclass
class _Work:
    """What was found so far."""

    sheet: Sheet | None
    controls: tuple[CustomControl, ...]
    today: dt.date
    progress: Progress
    open_layer: OpenLayer
    facts: list[LayerFacts] = field(default_factory=list)
    anomalies: list[gpd.GeoDataFrame] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    columns: list[tuple[str, Collection[str]]] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    samples: "list[Sample]" = field(default_factory=list)

    def take(self, file: Delivered) -> None:
        """Control one file; whatever is wrong with it, the next one is controlled."""
        try:
            self._take(file)
        except UnreadableSource as error:
            self.unread.append(Unread(file.label, str(error)))
        except UnwritableOutput as error:
            message = f"Le contrôle de {quote(file.label)} s'est arrêté. {error}"
            self.unread.append(Unread(file.label, message))
        except Exception as error:  # the other files are controlled all the same
            if os.environ.get(_TRACE):
                traceback.print_exc()
            message = (
                too_large(f"Le contrôle de {quote(file.label)}")
                if lacks_memory(error)
                else f"Le contrôle de {quote(file.label)} s'est arrêté sur un cas imprévu "
                f"({type(error).__name__}). Signalez-le avec ce fichier, si vous pouvez le transmettre."
            )
            self.unread.append(Unread(file.label, message))

    def _take(self, file: Delivered) -> None:
        if is_image(file.path):
            self._take_image(file)
            return
        sources = read_layers(file.path)
        self.anomalies.append(inspect_structure(file.path, file.label))
        for source in sources:
            self.progress.start(f"{file.label} · {source.name}", source.rows)
            found = inspect_layer(source, file.label, self._settings())
            self.columns.append((source.name, found.columns))
            if found.sample is not None:
                self.samples.append(found.sample)
            self._keep(found.facts, found.anomalies, found.profile.thresholds, found.against)

    def _settings(self) -> Settings:
        return Settings(
            today=self.today,
            rules=self.sheet.rules_for if self.sheet else Settings.rules,
            open_layer=self.open_layer,
            controls=self.controls,
            progress=self.progress,
        )

    def _take_image(self, file: Delivered) -> None:
        # rasterio and rio-cogeo take time and memory that a delivery without images does without.
        from geoatelier.quality.images import inspect_image

        check_content(file.path)
        self.progress.start(file.label, None)
        expected = self.sheet.image_for(file.path.name) if self.sheet else None
        if expected is None:
            facts, anomalies = inspect_image(file.path)
        else:
            facts, anomalies = inspect_image(file.path, expected.rules, expected.aligned_on)
            anomalies = as_weighed(anomalies, expected)
        self.images.append(file.path.name)
        self._keep(replace(facts, file=file.label), anomalies.assign(fichier=file.label), {})

    def _keep(
        self,
        facts: LayerFacts,
        anomalies: gpd.GeoDataFrame,
        thresholds: Mapping[str, float],
        against: Sequence[Measure] = (),
    ) -> None:
        self.facts.append(facts)
        self.anomalies.append(anomalies)
        self.measures += measures_of(facts, anomalies, thresholds, against=against)

    def report(self, title: str) -> Report:
        """The report on all files."""
        crs = next((facts.crs for facts in self.facts if facts.crs is not None), None)
        self.anomalies.append(self._of_the_delivery(title))
        return Report(
            title,
            tuple(self.facts),
            together(self.anomalies, crs).copy(),
            tuple(self.measures),
            tuple(self.unread),
            tuple(self.samples),
            self.sheet.title if self.sheet else "choisie d'après les colonnes",
            self.today,
        )

    def _of_the_delivery(self, title: str) -> gpd.GeoDataFrame:
        """What no file shows by itself: what is not there, and the controls that judged nothing."""
        idle = idle_controls(self.controls, self.columns, title)
        if not self.sheet:
            return idle
        absent = absent_from_sheet(self.sheet, self.columns, self.images, title)
        return as_weighed(together([absent, idle]), self.sheet)


def _other_layers(delivered: Sequence[Delivered]) -> OpenLayer:
    """A way to open the layers that a sheet refers to: those of the delivery, or of a file of its own."""
    elsewhere = opener({})

    @cache
    def of_delivery(name: str) -> gpd.GeoDataFrame | None:
        for file in delivered:
            with contextlib.suppress(UnreadableSource):
                for source in () if is_image(file.path) else read_layers(file.path):
                    if source.name.casefold() == name:
                        return source.frame
        return None

    def open_layer(path: Path | None, layer: str | None) -> gpd.GeoDataFrame | None:
        return of_delivery((layer or "").casefold()) if path is None else elsewhere(path, layer)

    return open_layer


def _title(delivered: Sequence[Delivered]) -> str:
    return delivered[0].label if len(delivered) == 1 else count(len(delivered), "fichier")
