"""Images and labels that a model can learn from, or a sentence in French that says why not."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geoatelier.learning.labels import UNKNOWN


def checked_image(image: NDArray, *, n_bands: int | None = None) -> NDArray:
    """Return an array of shape (n_bands, rows, columns) with no missing value.

    Raises
    ------
    ValueError
        If it has another shape, no pixel, another number of bands, or a value that is not finite.
    """
    image = np.asarray(image)
    if image.dtype.kind not in "biuf":
        raise ValueError(
            f"Une image est un tableau de nombres ; reçu : {image.dtype}. Lisez-la avec rasterio : "
            "rasterio.open(chemin).read()."
        )
    if image.ndim != 3:
        raise ValueError(
            "Une image doit avoir trois dimensions, bandes × lignes × colonnes, comme rasterio la lit ; "
            f"reçu : {_size(image)}."
        )
    if 0 in image.shape:
        raise ValueError(f"L'image est vide : {_size(image)}. Vérifiez la fenêtre que vous avez lue.")
    if n_bands is not None and len(image) != n_bands:
        raise ValueError(f"Il faut {n_bands} bandes, comme à l'entraînement ; cette image en a {len(image)}.")
    if image.dtype.kind == "f" and not np.isfinite(image).all():
        missing = int((~np.isfinite(image)).any(axis=0).sum())
        raise ValueError(f"{missing} pixel(s) de l'image sont vides ou infinis. Découpez l'image sans eux.")
    return image


def checked_pairs(
    images: Sequence[NDArray],
    labels: Sequence[NDArray],
    class_names: Sequence[str],
    window: int,
    *,
    n_bands: int | None = None,
) -> tuple[list[NDArray], list[NDArray[np.uint8]]]:
    """Return images and their labels, which stand on one another.

    Parameters
    ----------
    images : arrays of shape (n_bands, rows, columns)
    labels : arrays of shape (rows, columns), a code below the number of classes, or 255 where unknown
    window : smallest side of an image, in pixels
    n_bands : of every image; by default that of the first

    Raises
    ------
    ValueError
        If there is no image, or one that its labels do not fit, that is smaller than a window, has another
        number of bands, or codes that name no class.
    """
    if isinstance(images, np.ndarray) and images.ndim == 3:
        raise ValueError("Donnez une liste d'images, même pour une seule : [image], et [étiquettes].")
    images, labels = list(images), [np.asarray(labelled) for labelled in labels]
    if not images:
        raise ValueError("Aucune image d'entraînement : la liste est vide.")
    if len(images) != len(labels):
        raise ValueError(f"Il faut une étiquette par image : {len(images)} images, {len(labels)} étiquettes.")
    for rank, (image, labelled) in enumerate(zip(images, labels, strict=True), 1):
        try:
            images[rank - 1] = checked_image(image, n_bands=n_bands)
            _refuse_misfit(images[rank - 1], labelled, class_names, window)
        except ValueError as error:
            raise ValueError(f"Image {rank} : {error}") from None
        n_bands = len(images[rank - 1])
    return images, [labelled.astype("uint8") for labelled in labels]


def _refuse_misfit(image: NDArray, labels: NDArray, class_names: Sequence[str], window: int) -> None:
    if image.shape[1:] != labels.shape:
        raise ValueError(
            f"l'image et ses étiquettes ne se superposent pas : {_size(image[0])} pixels et {_size(labels)}. "
            "Dessinez les étiquettes sur la grille de l'image (out_shape et transform de rasterize)."
        )
    if min(labels.shape) < window:
        raise ValueError(f"{_size(labels)} pixels, moins qu'une fenêtre de {window}. Réduisez « window ».")
    codes = np.unique(labels)
    unknown = [code for code in codes.tolist() if code != UNKNOWN and code not in range(len(class_names))]
    if unknown:
        shown = ", ".join(f"{code:g}" for code in unknown[:5])
        raise ValueError(
            f"les étiquettes portent des codes sans classe : {shown}. Les codes vont de 0 à "
            f"{len(class_names) - 1} ({', '.join(class_names)}), 255 pour un pixel de classe inconnue."
        )


def _size(array: NDArray) -> str:
    return " × ".join(map(str, array.shape))
