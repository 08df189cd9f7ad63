"""Small images of roofs and pools, and a network small enough to learn them in a second."""

import numpy as np

from geoatelier.learning.networks import ImageSegmenter

NAMES = ("sol", "toit", "piscine")


def made_image(side=64, seed=0):
    """Orange roofs and small blue pools on a green ground, and the code of each."""
    rng = np.random.default_rng(seed)
    labels = np.zeros((side, side), "uint8")
    for code, size, count in ((1, 10, side // 8), (2, 5, side // 10)):
        for row, column in rng.integers(0, side - size, (count, 2)):
            labels[row : row + size, column : column + size] = code
    colours = np.array([(90, 120, 60), (200, 120, 80), (80, 180, 210)])
    image = colours[labels].transpose(2, 0, 1) + rng.normal(0, 12, (3, side, side))
    return image.clip(1, 255).astype("uint8"), labels


def segmenter(**settings):
    small = {"epochs": 1, "width": 4, "depth": 1, "window": 32, "batch_size": 2, "learning_rate": 0.02}
    return ImageSegmenter(**{"class_names": NAMES} | small | settings)
