"""Two small torch networks: a temporal convolution for series of images, a U-Net for an orthophoto.

torch is imported here and nowhere else in the room: `geoatelier.learning` alone stays light.
"""

from geoatelier.learning.networks.series_classifier import SeriesClassifier

__all__ = ["SeriesClassifier"]
