"""Static or live: what a figure and a control show when a kernel runs, and what a saved notebook keeps.

The static face is chosen by the environment variable `GEOATELIER_STATIC=1`, set when notebooks are built
and when tests replay them. Every figure carries its text alternative three times, because readers differ:
in the metadata of the output (`{"image/png": {"alt": …}}`, which nbconvert's classic page turns into
`<img alt>`), in `text/plain`, and in a folded text under the figure, since JupyterLab 4.6 and nbconvert's
default page ignore the first two.
"""

import base64
import html
import inspect
import io
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.figure import Figure
from PIL import Image

VARIABLE = "GEOATELIER_STATIC"
RADIO_LIMIT = 5
# A flat area covers a thousandth of the picture or more; beyond 48, colours are shades rather than flats.
FLAT_SHARE = 0.001
MAX_FLAT_COLOURS = 48


def static() -> bool:
    """Tell whether only static faces must be shown."""
    return os.environ.get(VARIABLE, "") == "1"


def show(figure: Figure, *, alt: str) -> None:
    """Display a matplotlib figure as a PNG that carries its text alternative, then close it.

    Parameters
    ----------
    figure : the figure
    alt : what a person who cannot see it must know: the kind of figure, its subject, what it shows

    Raises
    ------
    ValueError
        If the text alternative is empty.
    """
    png = figure_png(figure)
    plt.close(figure)
    show_png(png, alt=alt)


def figure_png(figure: Figure, *, dpi: int = 110, tight: bool = True) -> bytes:
    """Draw a matplotlib figure as PNG bytes, the same each time, in 256 colours: a third of the size.

    Parameters
    ----------
    figure : the figure
    dpi : pixels an inch
    tight : cut the empty margins
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, facecolor="white", bbox_inches="tight" if tight else None)
    small = io.BytesIO()
    in_256_colours(Image.open(buffer).convert("RGB")).save(small, format="png", optimize=True)
    return small.getvalue()


def in_256_colours(picture: Image.Image) -> Image.Image:
    """Reduce a picture to a palette that keeps exactly the colours of its flat areas.

    The other places of the palette go to an octree of the rest, which keeps rare colours (a thin line, a
    small marker) that a palette made by frequency would merge; dithering keeps shades smooth.
    """
    pixels = np.asarray(picture).reshape(-1, 3)
    packed = pixels.astype(np.int64) @ [65536, 256, 1]
    colours, counts = np.unique(packed, return_counts=True)
    if len(colours) <= 256:
        return picture.quantize(256)
    frequent = np.argsort(-counts)[:MAX_FLAT_COLOURS]
    flat = colours[frequent][counts[frequent] > FLAT_SHARE * len(packed)]
    left = 256 - len(flat)
    rest = Image.fromarray(pixels[~np.isin(packed, flat)][np.newaxis])
    others = rest.quantize(left, method=Image.Quantize.FASTOCTREE).getpalette()[: 3 * left]
    palette = Image.new("P", (1, 1))
    palette.putpalette(
        [*np.stack([flat >> 16, flat >> 8 & 255, flat & 255], axis=1).ravel().tolist(), *others]
    )
    return picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


def show_png(png: bytes, *, alt: str) -> None:
    """Display PNG bytes with their text alternative.

    Raises
    ------
    ValueError
        If the text alternative is empty.
    """
    text = " ".join(alt.split())
    if not text:
        raise ValueError("Une figure a besoin d'un texte de remplacement : dites dans alt ce qu'elle montre.")
    data = {"image/png": base64.b64encode(png).decode("ascii"), "text/plain": text}
    display(data, raw=True, metadata={"image/png": {"alt": text}})
    display({"text/html": folded(text), "text/plain": f"Description de la figure : {text}"}, raw=True)


def folded(text: str) -> str:
    """Return the HTML of a text alternative that a click, or Enter, unfolds."""
    return f"<details><summary>Description de la figure</summary><p>{html.escape(text)}</p></details>"


def explore(
    draw: Callable[..., Figure],
    *,
    alt: str | Callable[..., str],
    labels: Mapping[str, str] | None = None,
    **choices: Sequence[Any] | Mapping[str, Any],
) -> None:
    """Let a learner change a value and see a figure again; with no kernel, show it for its default value.

    Parameters
    ----------
    draw : takes each choice by keyword, returns a figure. The default value of each argument is the one
        that the static face shows; without one, the first choice
    alt : text alternative of the figure: text where `{name}` stands for a value, or a function of the values
    labels : French label of each control; by default its name with spaces
    choices : for each argument of `draw`, a `range` (slider), a list or a mapping from label to value
        (radio buttons up to five choices, a drop-down list beyond)

    Raises
    ------
    ValueError
        If a default value is not among the choices.

    Examples
    --------
    >>> explore(histogram, alt="Histogramme des surfaces, seuil de {seuil} ha.", seuil=range(1, 11))
    """
    named = {name: (labels or {}).get(name, name.replace("_", " ").capitalize()) for name in choices}
    options = {name: _options(choice) for name, choice in choices.items()}
    chosen = {name: _default(draw, name, options[name]) for name in choices}

    def redraw(**values: object) -> None:
        text = alt(**values) if callable(alt) else alt.format(**values)
        show(draw(**values), alt=text)

    if static():
        redraw(**chosen)
        _say_static(named, options, chosen)
        return
    controls = {
        name: _control(named[name], choice, options[name], chosen[name]) for name, choice in choices.items()
    }
    panel = widgets.Box(list(controls.values()), layout=_wrapping())
    display(widgets.VBox([panel, widgets.interactive_output(redraw, controls)]))


def _options(choice: Sequence[Any] | Mapping[str, Any]) -> list[tuple[str, Any]]:
    if isinstance(choice, Mapping):
        return [(str(label), value) for label, value in choice.items()]
    return [(_french(value), value) for value in choice]


def _french(value: object) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return f"{value:g}".replace(".", ",") if isinstance(value, float) else str(value)


def _default(draw: Callable[..., Figure], name: str, options: list[tuple[str, Any]]) -> object:
    declared = inspect.signature(draw).parameters[name].default
    values = [value for _, value in options]
    if declared is inspect.Parameter.empty:
        return values[0]
    if declared not in values:
        raise ValueError(f"La valeur par défaut de {name}, {declared!r}, n'est pas parmi les choix {values}.")
    return declared


def _control(
    label: str, choice: Sequence[Any] | Mapping[str, Any], options: list[tuple[str, Any]], value: object
) -> widgets.Widget:
    shared = {
        "options": options,
        "value": value,
        "description": label,
        "style": {"description_width": "initial"},
        "layout": widgets.Layout(width="auto", min_width="16rem", max_width="100%", flex="1 1 16rem"),
    }
    if isinstance(choice, range):
        return widgets.SelectionSlider(continuous_update=False, **shared)
    if len(options) <= RADIO_LIMIT:
        return widgets.RadioButtons(**shared)
    return widgets.Dropdown(**shared)


def _wrapping() -> widgets.Layout:
    return widgets.Layout(display="flex", flex_flow="row wrap", grid_gap="0.5rem 1.5rem", width="100%")


def _say_static(
    named: Mapping[str, str], options: Mapping[str, list[tuple[str, Any]]], chosen: Mapping[str, Any]
) -> None:
    shown = ", ".join(
        f"{named[name]} = {next(label for label, value in options[name] if value == chosen[name])}"
        for name in chosen
    )
    text = (
        f"Figure pour {shown}. Pour changer de valeur, il faut un noyau Python actif : "
        "exécutez la cellule dans JupyterLab."
    )
    display({"text/html": f"<p><em>{html.escape(text)}</em></p>", "text/plain": text}, raw=True)
