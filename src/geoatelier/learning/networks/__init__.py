"""Two small torch networks: a temporal convolution for series of images, a U-Net for an orthophoto.

torch is imported here and nowhere else in the room: `geoatelier.learning` alone stays light.
"""

from geoatelier.learning.networks.image_map import map_image
from geoatelier.learning.networks.image_segmenter import ImageSegmenter
from geoatelier.learning.networks.model_card import ModelCard
from geoatelier.learning.networks.series_classifier import SeriesClassifier
from geoatelier.learning.networks.storage import load_network, save_network
from geoatelier.learning.networks.unet import UNet

__all__ = [
    "ImageSegmenter",
    "ModelCard",
    "SeriesClassifier",
    "UNet",
    "load_network",
    "map_image",
    "save_network",
]
