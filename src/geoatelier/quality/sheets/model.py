"""What a control sheet says, and which of its rules a layer or an image must hold."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path

import pandas as pd

from geoatelier.quality.images_subject import ImageRules
from geoatelier.quality.kinds import Level
from geoatelier.quality.profiles import Profile, profile_of
from geoatelier.quality.sheets.binding import bound


@dataclass(frozen=True)
class LayerRules:
    """The rules of one layer of a sheet.

    Parameters
    ----------
    rules : the profile, its columns named as the sheet names them
    name : pattern of its name (`parcelles*`), whatever the case; None when only its columns tell
    signature : columns, in lower case, that give it away whatever its name
    expected : a delivery must have it
    """

    rules: Profile
    name: str | None = None
    signature: frozenset[str] = frozenset()
    expected: bool = False

    @property
    def label(self) -> str:
        """What to call it in a message."""
        return self.name or self.rules.title


@dataclass(frozen=True)
class SheetImage:
    """The rules of a kind of image.

    Parameters
    ----------
    name : pattern of the file name, whatever the case
    rules : what its grid and its pixels must be
    expected : a delivery must have it
    aligned_on : image on whose grid it must lie
    ignored, levels : as for a layer
    """

    name: str
    rules: ImageRules = field(default_factory=ImageRules)
    title: str = "image"
    expected: bool = False
    aligned_on: Path | None = None
    ignored: frozenset[str] = frozenset()
    levels: Mapping[str, Level] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """A control sheet. Make one with `load_sheet`.

    Parameters
    ----------
    name : of the built-in sheet, or of its file without the suffix
    title, version, description : what people read
    layers, images : rules, in the order of the sheet
    ignored, levels, thresholds : what holds for all layers
    path : its file, None for a built-in sheet
    """

    name: str
    title: str
    version: str = ""
    description: str = ""
    layers: tuple[LayerRules, ...] = ()
    images: tuple[SheetImage, ...] = ()
    ignored: frozenset[str] = frozenset()
    levels: Mapping[str, Level] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    path: Path | None = None

    @property
    def expected_layers(self) -> tuple[str, ...]:
        """Name patterns (or titles) of the layers that a delivery must have."""
        return tuple(layer.label for layer in self.layers if layer.expected)

    def layer_for(self, name: str, columns: Collection[str]) -> LayerRules | None:
        """The rules for the layer `name`, None if none fits.

        They are the first that its name and columns call for, else its columns alone, else its name alone.
        """
        lower = {str(column).lower() for column in columns}
        named = [layer for layer in self.layers if layer.name and _matches(name, layer.name)]
        told = [layer for layer in self.layers if layer.signature and layer.signature <= lower]
        sure = [layer for layer in named if layer in told or not layer.signature]
        return next(iter(sure + told + named), None)

    def rules_for(self, layer_name: str, table: pd.DataFrame) -> Profile:
        """The rules for a layer, its columns named as in `table` (attributes only).

        What the sheet does not say of a layer, or of one of its columns, stays held to what the columns call
        for, as when no sheet is named.
        """
        found = self.layer_for(layer_name, table.columns)
        known = profile_of(table)
        profile = _completed(bound(found.rules, table), known) if found else known
        return replace(
            profile,
            ignored=self.ignored | profile.ignored,
            levels={**self.levels, **profile.levels},
            thresholds={**self.thresholds, **profile.thresholds},
        )

    def missing_layers(self, delivered: Iterable[tuple[str, Collection[str]]]) -> tuple[str, ...]:
        """Expected layers that are not there.

        Parameters
        ----------
        delivered : name of each layer, with the names of its columns
        """
        there = {id(self.layer_for(name, columns)) for name, columns in delivered}
        return tuple(layer.label for layer in self.layers if layer.expected and id(layer) not in there)

    def image_for(self, file_name: str) -> SheetImage | None:
        """The rules for the image of this file name, None if none fits."""
        found = next((image for image in self.images if _matches(file_name, image.name)), None)
        if found is None:
            return None
        levels = {**self.levels, **found.levels}
        return replace(found, ignored=self.ignored | found.ignored, levels=levels)

    def missing_images(self, delivered: Collection[str]) -> tuple[str, ...]:
        """Name patterns of the expected images that are not among these file names."""
        return tuple(
            image.name
            for image in self.images
            if image.expected and not any(_matches(name, image.name) for name in delivered)
        )


def _completed(profile: Profile, known: Profile) -> Profile:
    """The rules of a sheet, with those of `known` on which it says nothing."""
    said = {rule.name for rule in profile.columns}
    silent = Profile()
    shape = {
        name: getattr(known, name)
        for name in ("smallest_area", "single_part", "shares_edges")
        if getattr(profile, name) == getattr(silent, name)
    }
    area = known.declared_area if known.declared_area and known.declared_area[0] not in said else None
    return replace(
        profile,
        key=profile.key or known.key,
        required=(*profile.required, *(name for name in known.required if name not in said)),
        codes={name: code for name, code in known.codes.items() if name not in profile.domains}
        | dict(profile.codes),
        domains={**known.domains, **profile.domains},
        numbers=(*profile.numbers, *(name for name in known.numbers if name not in said)),
        declared_area=profile.declared_area or area,
        implied=profile.implied or known.implied,
        natural_key=profile.natural_key or known.natural_key,
        **shape,
    )


def _matches(name: str, pattern: str) -> bool:
    return fnmatchcase(name.casefold(), pattern.casefold())
