"""A small temporal convolution that tells classes apart on a series of images."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted
from torch import nn

from geoatelier.learning.networks.reproducible import device_named, fixed_threads, reproducible
from geoatelier.learning.networks.weights import UNTRAINED, network_tensors, parameter_count, restored
from geoatelier.learning.settings import (
    finite,
    refuse_counts_below,
    refuse_dropout,
    refuse_learning_rate,
)

_AT_ONCE = 4096
_WEIGHT_DECAY = 0.01


class TemporalConvolution(nn.Module):
    """Three convolutions along time, then a dense layer.

    Parameters
    ----------
    n_dates, n_bands, n_classes : of the series; one more channel tells which dates were seen
    width : channels of each convolution
    dropout : share of the values dropped while it trains, in [0, 1)

    References
    ----------
    Pelletier, Webb, Petitjean (2019), Temporal convolutional neural network for the classification of
    satellite image time series, Remote Sensing 11, 523.
    """

    def __init__(self, n_dates: int, n_bands: int, n_classes: int, *, width: int, dropout: float) -> None:
        super().__init__()
        channels = [n_bands + 1, width, width, width]
        self.convolutions = nn.Sequential(
            *(
                nn.Sequential(
                    nn.Conv1d(before, after, kernel_size=3, padding=1, bias=False),
                    nn.BatchNorm1d(after),
                    nn.ReLU(),
                    nn.Dropout(dropout),
                )
                for before, after in pairwise(channels)
            )
        )
        self.dense = nn.Sequential(
            nn.Flatten(),
            nn.Linear(width * n_dates, 2 * width, bias=False),
            nn.BatchNorm1d(2 * width),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(2 * width, n_classes),
        )

    def forward(self, series: torch.Tensor) -> torch.Tensor:
        """From (n, n_bands + 1, n_dates) to scores (n, n_classes)."""
        return self.dense(self.convolutions(series))


class SeriesClassifier(ClassifierMixin, BaseEstimator):
    """Classify series of images with a small temporal convolution, as any scikit-learn classifier.

    A date hidden by a cloud is written NaN: it is put at the mean, and the network is told that it was not
    seen. Values are standardised by the mean and the deviation of the training series, date by date and band
    by band.

    Parameters
    ----------
    epochs : passes over the training series
    width : channels of each convolution
    batch_size : series between two adjustments of the weights, 2 or more
    learning_rate : highest step; it rises, then falls (one cycle)
    dropout : share of the values dropped while it trains, in [0, 1)
    seed : of the first weights, of the order of the series and of what is dropped
    device : `auto`, `cpu` or `cuda`

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
    n_parameters_ : weights that training adjusts
    history_ : mean loss of each epoch
    network_ : the torch module

    References
    ----------
    Pelletier, Webb, Petitjean (2019), Remote Sensing 11, 523. Smith (2018), arXiv:1803.09820, for the cycle.

    Examples
    --------
    >>> X = table.to_numpy("float32").reshape(len(table), n_dates, n_bands)
    >>> cross_val_score(SeriesClassifier(), X, y, groups=parcels, cv=StratifiedGroupKFold(5))
    """

    def __init__(
        self,
        *,
        epochs: int = 20,
        width: int = 64,
        batch_size: int = 128,
        learning_rate: float = 3e-3,
        dropout: float = 0.2,
        seed: int = 0,
        device: str = "auto",
    ) -> None:
        self.epochs = epochs
        self.width = width
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.dropout = dropout
        self.seed = seed
        self.device = device

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train on series.

        Parameters
        ----------
        X : array of shape (n_samples, n_dates, n_bands), reflectances; NaN where a date was not seen
        y : array of shape (n_samples,), the class of each series

        Raises
        ------
        ValueError
            If the shapes do not agree, a series has no date that was seen, a value is infinite, a class is
            missing, or if there is only one class.
        """
        refuse_counts_below(1, epochs=self.epochs, width=self.width)
        refuse_counts_below(2, batch_size=self.batch_size)
        refuse_dropout(self.dropout)
        refuse_learning_rate(self.learning_rate)
        series = _series(X)
        self.classes_, codes = _classes(y, len(series))
        _, self.n_dates_, self.n_bands_ = series.shape
        seen = _seen(series)[..., None]
        counts = np.maximum(seen.sum(axis=0), 1)
        self.mean_ = (np.where(seen, series, 0).sum(axis=0) / counts).astype("float32")
        deviation = np.sqrt(np.where(seen, (series - self.mean_) ** 2, 0).sum(axis=0) / counts)
        self.scale_ = np.where(deviation > 0, deviation, 1).astype("float32")
        self._train(self._channels(series), torch.from_numpy(codes))
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Probability of each class, array of shape (n_samples, n_classes)."""
        check_is_fitted(self, msg=UNTRAINED)
        series = _series(X)
        if series.shape[1:] != (self.n_dates_, self.n_bands_):
            raise ValueError(
                f"Le réseau a appris sur {self.n_dates_} dates et {self.n_bands_} bandes ; ces séries ont "
                f"{series.shape[1]} dates et {series.shape[2]} bandes."
            )
        device = device_named(self.device)
        network = self.network_.to(device).eval()
        with torch.inference_mode(), fixed_threads():
            parts = [
                network(part.to(device)).softmax(dim=1).cpu()
                for part in self._channels(series).split(_AT_ONCE)
            ]
        return torch.cat(parts).numpy()

    def predict(self, X: ArrayLike) -> NDArray:
        """Most probable class, array of shape (n_samples,)."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]

    def state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        """Return all that training learnt: tensors by name, and the rest as plain values."""
        check_is_fitted(self, msg=UNTRAINED)
        tensors = {"mean": torch.from_numpy(self.mean_), "scale": torch.from_numpy(self.scale_)}
        return tensors | network_tensors(self.network_), {
            "classes": self.classes_.tolist(),
            "n_dates": self.n_dates_,
            "n_bands": self.n_bands_,
            "history": self.history_,
        }

    def restore(self, tensors: Mapping[str, torch.Tensor], learnt: Mapping[str, Any]) -> Self:
        """Take back what `state` returned; RuntimeError if the tensors do not fit the network."""
        self.classes_ = np.array(learnt["classes"])
        self.n_dates_, self.n_bands_ = learnt["n_dates"], learnt["n_bands"]
        self.history_ = learnt["history"]
        self.mean_, self.scale_ = tensors["mean"].numpy(), tensors["scale"].numpy()
        self.network_ = restored(self._new_network(), tensors)
        self.n_parameters_ = parameter_count(self.network_)
        return self

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.three_d_array = False, True
        tags.input_tags.allow_nan = True
        return tags

    def _channels(self, series: NDArray[np.float32]) -> torch.Tensor:
        """Standardised bands, then whether the date was seen: (n_samples, n_bands + 1, n_dates)."""
        seen = _seen(series)[..., None]
        values = np.where(seen, (series - self.mean_) / self.scale_, 0)
        channels = np.concatenate([values, seen], axis=2).transpose(0, 2, 1)
        return torch.from_numpy(np.ascontiguousarray(channels, dtype="float32"))

    def _train(self, channels: torch.Tensor, codes: torch.Tensor) -> None:
        device = device_named(self.device)
        channels, codes = channels.to(device), codes.to(device)
        batches = max(1, len(codes) // self.batch_size)
        with reproducible(self.seed) as generator:
            network = self._new_network().to(device).train()
            optimiser = torch.optim.AdamW(
                network.parameters(), lr=self.learning_rate, weight_decay=_WEIGHT_DECAY
            )
            schedule = torch.optim.lr_scheduler.OneCycleLR(
                optimiser, self.learning_rate, total_steps=self.epochs * batches
            )
            self.history_ = []
            for _ in range(self.epochs):
                losses = 0.0
                # Batches of equal size: the last one of a plain cut could hold a single series, and batch
                # normalisation has no deviation to divide by.
                for batch in torch.randperm(len(codes), generator=generator).tensor_split(batches):
                    optimiser.zero_grad()
                    loss = nn.functional.cross_entropy(network(channels[batch]), codes[batch])
                    loss.backward()
                    optimiser.step()
                    schedule.step()
                    losses += finite(loss.item(), self.learning_rate) * len(batch)
                self.history_.append(losses / len(codes))
        self.network_ = network.cpu().eval()
        self.n_parameters_ = parameter_count(network)

    def _new_network(self) -> TemporalConvolution:
        return TemporalConvolution(
            self.n_dates_, self.n_bands_, len(self.classes_), width=self.width, dropout=self.dropout
        )


def _series(X: ArrayLike) -> NDArray[np.float32]:
    """Series as float32, each with at least one date that was seen."""
    try:
        series = np.asarray(X, dtype="float32")
    except (TypeError, ValueError) as error:
        raise ValueError("Les séries doivent être des nombres, de même longueur.") from error
    if series.ndim != 3:
        raise ValueError(
            "Les séries doivent avoir trois dimensions, séries × dates × bandes ; "
            f"reçu : {series.ndim}, de taille {' × '.join(map(str, series.shape))}. "
            "Une table se replie avec table.to_numpy().reshape(len(table), dates, bandes)."
        )
    if 0 in series.shape:
        raise ValueError(f"Aucune valeur à lire : la taille est {' × '.join(map(str, series.shape))}.")
    if np.isinf(series).any():
        raise ValueError("Une valeur est infinie. Cherchez une division par zéro dans vos indices.")
    if unseen := int((~_seen(series)).all(axis=1).sum()):
        raise ValueError(
            f"{unseen} série(s) n'ont aucune date entièrement connue : rien à y lire. Retirez-les avant."
        )
    return series


def _seen(series: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Dates of which every band is known, array of shape (n_samples, n_dates)."""
    return ~np.isnan(series).any(axis=2)


def _classes(y: ArrayLike, count: int) -> tuple[NDArray, NDArray[np.int64]]:
    """Classes, and the position of each label among them."""
    labels = np.asarray(y)
    if labels.shape != (count,):
        raise ValueError(f"Il faut une classe par série : {count} séries, {labels.size} classes données.")
    if any(label is None or label != label for label in labels.tolist()):
        raise ValueError("Une classe manque (NaN ou None). Retirez ces séries, ou nommez leur classe.")
    classes, codes = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"Une seule classe (« {classes[0]} ») : il n'y a rien à distinguer.")
    return classes, codes
