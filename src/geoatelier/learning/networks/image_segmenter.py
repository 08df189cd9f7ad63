"""Map the classes of an image with a small U-Net, trained on a few labelled images."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted
from torch import nn

from geoatelier.learning.image_inputs import checked_image, checked_pairs
from geoatelier.learning.labels import UNKNOWN
from geoatelier.learning.networks.image_windows import Tile, WindowSampler, class_counts, tiles
from geoatelier.learning.networks.reproducible import device_named, fixed_threads, reproducible
from geoatelier.learning.networks.unet import UNet
from geoatelier.learning.networks.weights import UNTRAINED, network_tensors, parameter_count, restored
from geoatelier.learning.settings import finite, refuse_counts_below, refuse_learning_rate

_WEIGHT_DECAY = 0.01
_TILE = 256


class ImageSegmenter(BaseEstimator):
    """Give a class to each pixel of an image with a small U-Net.

    It trains on square windows drawn in labelled images, half of them near a rare class, turned and mirrored
    at random. Bands are standardised by the training images.

    Parameters
    ----------
    class_names : name of each code, in order: at least two; the labels are their positions, 0, 1…
    epochs : how many times as many pixels are drawn as the training images hold
    width : channels of the U-Net at full resolution
    depth : how many times it halves the resolution
    window : side of a training window, in pixels
    batch_size : windows between two adjustments of the weights
    learning_rate : highest step; it rises, then falls (one cycle)
    balance : weight of a class in the loss, from 0 (each pixel weighs as much) to 1 (each class weighs as
        much, however rare)
    seed : of the first weights and of the windows
    device : `auto`, `cpu` or `cuda`

    Attributes
    ----------
    n_parameters_ : weights that training adjusts
    history_ : one entry an epoch, mean loss of `entraînement`, and of `validation` where it was given
    network_ : the torch module

    References
    ----------
    Ronneberger, Fischer, Brox (2015), arXiv:1505.04597. Smith (2018), arXiv:1803.09820, for the cycle.
    """

    def __init__(
        self,
        class_names: Sequence[str],
        *,
        epochs: int = 6,
        width: int = 8,
        depth: int = 2,
        window: int = 64,
        batch_size: int = 8,
        learning_rate: float = 2e-2,
        balance: float = 0.25,
        seed: int = 0,
        device: str = "auto",
    ) -> None:
        self.class_names = class_names
        self.epochs = epochs
        self.width = width
        self.depth = depth
        self.window = window
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.balance = balance
        self.seed = seed
        self.device = device

    def fit(
        self,
        images: Sequence[NDArray],
        labels: Sequence[NDArray],
        validation: tuple[Sequence[NDArray], Sequence[NDArray]] | None = None,
    ) -> Self:
        """Train on labelled images.

        Parameters
        ----------
        images : arrays of shape (n_bands, rows, columns), each at least as large as a window
        labels : arrays of shape (rows, columns), the code of the class of each pixel, 255 where unknown
        validation : images and labels of other ground, to follow the loss there; they teach nothing

        Raises
        ------
        ValueError
            If images and labels do not stand on one another, a value is missing, a code is unknown, a class
            has no pixel, an image is smaller than a window, or if a setting makes no sense.
        """
        self._refuse_settings()
        images, labels = checked_pairs(images, labels, self.class_names, self.window)
        counts = class_counts(labels, len(self.class_names))
        for name, count in zip(self.class_names, counts, strict=True):
            if count == 0:
                raise ValueError(
                    f"La classe « {name} » n'a aucun pixel d'entraînement : elle ne peut pas s'apprendre."
                )
        self.n_bands_ = len(images[0])
        self.mean_, self.scale_ = _mean_and_deviation(images)
        class_weights = (counts / counts.sum()) ** -self.balance
        known = None
        if validation is not None:
            if len(validation) != 2:
                raise ValueError("validation est une paire : (images, étiquettes).")
            known = checked_pairs(*validation, self.class_names, self.window, n_bands=self.n_bands_)
        self._train(images, labels, known, class_weights)
        return self

    def predict_proba(self, image: NDArray) -> NDArray[np.float32]:
        """Probability of each class at each pixel, array of shape (n_classes, rows, columns)."""
        image = self._readable(image)
        found = np.empty((len(self.class_names), *image.shape[1:]), dtype="float32")
        for tile, scores in self._scores(self._network_to_predict(), image):
            found[:, *tile.write] = scores.softmax(dim=0).cpu().numpy()
        return found

    def predict(self, image: NDArray) -> NDArray[np.uint8]:
        """Code of the most probable class of each pixel, array of shape (rows, columns)."""
        image = self._readable(image)
        found = np.empty(image.shape[1:], dtype="uint8")
        for tile, scores in self._scores(self._network_to_predict(), image):
            found[tile.write] = scores.argmax(dim=0).cpu().numpy()
        return found

    def state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        """Return all that training learnt: tensors by name, and the rest as plain values."""
        check_is_fitted(self, msg=UNTRAINED)
        tensors = {"mean": torch.from_numpy(self.mean_), "scale": torch.from_numpy(self.scale_)}
        return tensors | network_tensors(self.network_), {
            "classes": list(self.class_names),
            "n_bands": self.n_bands_,
            "history": self.history_,
        }

    def restore(self, tensors: Mapping[str, torch.Tensor], learnt: Mapping[str, Any]) -> Self:
        """Take back what `state` returned; RuntimeError if the tensors do not fit the network."""
        self.n_bands_, self.history_ = learnt["n_bands"], learnt["history"]
        self.mean_, self.scale_ = tensors["mean"].numpy(), tensors["scale"].numpy()
        self.network_ = restored(self._new_network(), tensors)
        self.n_parameters_ = parameter_count(self.network_)
        return self

    def _refuse_settings(self) -> None:
        if isinstance(self.class_names, str):
            raise ValueError(f'Donnez une liste de noms de classes : ("autre", "{self.class_names}").')
        if len(set(self.class_names)) < len(self.class_names):
            raise ValueError(f"Deux classes ont le même nom : {', '.join(map(str, self.class_names))}.")
        if len(self.class_names) < 2:
            raise ValueError("Il faut au moins deux classes : avec une seule, il n'y a rien à distinguer.")
        refuse_counts_below(1, epochs=self.epochs, width=self.width, batch_size=self.batch_size)
        refuse_counts_below(0, depth=self.depth)
        refuse_counts_below(2, window=self.window)
        refuse_learning_rate(self.learning_rate)
        if self.window % 2**self.depth:
            raise ValueError(
                f"Le côté d'une fenêtre, {self.window} pixels, doit se diviser par {2**self.depth} : le "
                f"réseau divise {self.depth} fois la résolution par deux."
            )
        if not 0 <= self.balance <= 1:
            raise ValueError(f"« balance » va de 0 à 1 ; {self.balance} n'y est pas.")

    def _readable(self, image: NDArray) -> NDArray:
        check_is_fitted(self, msg=UNTRAINED)
        return checked_image(image, n_bands=self.n_bands_)

    def _network_to_predict(self) -> UNet:
        return self.network_.to(device_named(self.device), memory_format=torch.channels_last).eval()

    def _standardised(self, windows: NDArray) -> torch.Tensor:
        """Standardise arrays of shape (n, n_bands, rows, columns)."""
        shift, scale = self.mean_[:, None, None], self.scale_[:, None, None]
        tensor = torch.from_numpy((windows.astype("float32") - shift) / scale)
        return tensor.contiguous(memory_format=torch.channels_last)

    def _scores(self, network: UNet, image: NDArray) -> Iterator[tuple[Tile, torch.Tensor]]:
        """Scores of each tile of an image, of shape (n_classes, rows, columns) of what the tile tells."""
        device = next(network.parameters()).device
        rows, columns = image.shape[1:]
        padding = [(0, -side % network.step) for side in (rows, columns)]
        padded = np.pad(image, [(0, 0), *padding], mode="edge")
        for tile in tiles((rows, columns), size=_TILE, margin=network.reach):
            read = tuple(slice(span.start, span.stop + -span.stop % network.step) for span in tile.read)
            with torch.inference_mode(), fixed_threads():
                scores = network(self._standardised(padded[:, *read][None]).to(device))[0]
            yield tile, scores[:, *tile.keep]

    def _new_network(self) -> UNet:
        return UNet(self.n_bands_, len(self.class_names), width=self.width, depth=self.depth)

    def _train(
        self,
        images: list[NDArray],
        labels: list[NDArray[np.uint8]],
        validation: tuple[list[NDArray], list[NDArray[np.uint8]]] | None,
        class_weights: NDArray[np.float64],
    ) -> None:
        device = device_named(self.device)
        sampler = WindowSampler(
            images, labels, n_classes=len(self.class_names), size=self.window, seed=self.seed
        )
        area = sum(labelled.size for labelled in labels)
        batches = max(1, round(area / (self.batch_size * self.window**2)))
        weights = torch.from_numpy(class_weights.astype("float32")).to(device)
        with reproducible(self.seed):
            network = self._new_network().to(device, memory_format=torch.channels_last)
            optimiser = torch.optim.AdamW(
                network.parameters(), lr=self.learning_rate, weight_decay=_WEIGHT_DECAY
            )
            schedule = torch.optim.lr_scheduler.OneCycleLR(
                optimiser, self.learning_rate, total_steps=self.epochs * batches
            )
            self.history_ = []
            for _ in range(self.epochs):
                network.train()
                losses = []
                for _ in range(batches):
                    windows, truth = sampler.draw(self.batch_size)
                    optimiser.zero_grad()
                    total, weight = _loss(network(self._standardised(windows).to(device)), truth, weights)
                    loss = total / weight
                    loss.backward()
                    optimiser.step()
                    schedule.step()
                    losses.append(finite(loss.item(), self.learning_rate))
                entry = {"entraînement": float(np.mean(losses))}
                if validation is not None:
                    entry["validation"] = self._validation_loss(network.eval(), *validation, weights)
                self.history_.append(entry)
        self.network_ = network.cpu().eval()
        self.n_parameters_ = parameter_count(network)

    def _validation_loss(
        self,
        network: UNet,
        images: Sequence[NDArray],
        labels: Sequence[NDArray[np.uint8]],
        weights: torch.Tensor,
    ) -> float:
        """Mean loss over whole images."""
        parts = [
            _loss(scores[None], labelled[tile.write][None], weights)
            for image, labelled in zip(images, labels, strict=True)
            for tile, scores in self._scores(network, image)
        ]
        return float(sum(total for total, _ in parts) / sum(weight for _, weight in parts))


def _loss(
    scores: torch.Tensor, truth: NDArray[np.uint8], weights: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Weighted cross-entropy summed over known pixels, and the sum of their weights.

    Parameters
    ----------
    scores : of shape (n, n_classes, rows, columns)
    truth : of shape (n, rows, columns)
    weights : of shape (n_classes,)
    """
    codes = torch.from_numpy(truth.astype("int64")).to(scores.device)
    total = nn.functional.cross_entropy(scores, codes, weights, ignore_index=UNKNOWN, reduction="sum")
    # Where nothing is known there is no loss, and nothing to divide it by.
    return total, weights[codes[codes != UNKNOWN]].sum().clamp(min=torch.finfo(weights.dtype).tiny)


def _mean_and_deviation(images: Sequence[NDArray]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and standard deviation of each band over all images, 1 where a band does not vary.

    Sums are taken without a copy of the images in real numbers, eight times as large.
    """
    pixels = sum(image[0].size for image in images)
    mean = sum(np.einsum("brc->b", image, dtype="float64") for image in images) / pixels
    squares = sum(np.einsum("brc,brc->b", image, image, dtype="float64") for image in images) / pixels
    deviation = np.sqrt(np.maximum(squares - mean**2, 0))
    return mean.astype("float32"), np.where(deviation > 0, deviation, 1).astype("float32")
