"""The picture of the README: the island as a satellite sees it, and as farmers declare it."""

import sys
from io import BytesIO
from pathlib import Path

import folium
import matplotlib.image as mpimg
import matplotlib.pyplot as plt

from geoatelier import datasets, maps

PICTURE = Path("images/galejade.png")
SUMMER = "2025-06-18"


def draw(path: Path) -> None:
    """Draw the island twice, side by side, into a PNG.

    Parameters
    ----------
    path : where to write; its folder is made if need be
    """
    figure, (seen, declared) = plt.subplots(
        1, 2, figsize=(15, 5.6), width_ratios=(1, 1.22), layout="constrained"
    )
    maps.plot_raster(datasets.image(SUMMER), title="Ce que voit le satellite, le 18 juin", ax=seen)
    declared.imshow(mpimg.imread(BytesIO(_crops().to_png())))
    declared.set_title("Ce que déclarent les exploitants")
    for axes in (seen, declared):
        axes.set_axis_off()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80)
    plt.close(figure)


def _crops() -> maps.OfflineMap:
    parcels = datasets.layer("parcelles_agricoles")
    m = maps.base_map(parcels)
    folium.GeoJson(
        parcels, style_function=lambda parcel: maps.crop_style(parcel["properties"]["code_cultu"])
    ).add_to(m)
    maps.legend("Cultures", maps.crop_styles()).add_to(m)
    return m


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE)
