"""The whole territory, from a seed to a folder of files."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from geopandas import GeoDataFrame

from geoatelier.territory import files
from geoatelier.territory.cards import write_cards
from geoatelier.territory.catalogue import write_catalogue
from geoatelier.territory.cog import write_cog
from geoatelier.territory.cover import make_cover
from geoatelier.territory.defects import Delivery, make_delivery, write_delivery
from geoatelier.territory.farmland import make_farmland
from geoatelier.territory.geopackage import write_geopackage
from geoatelier.territory.imagery import Scene, make_series, write_series
from geoatelier.territory.orthophoto import Orthophoto, make_orthophoto, write_orthophoto, write_pools
from geoatelier.territory.sameness import same_content
from geoatelier.territory.settlement import make_settlement
from geoatelier.territory.terrain import make_terrain
from geoatelier.territory.world import CRS, SEED, Cover, Farmland, Settlement, Terrain

__all__ = ["Territory", "make_territory", "replacing", "same_content", "write_files", "write_territory"]

T = TypeVar("T")


@dataclass(frozen=True)
class Territory:
    """Everything that is published of the island."""

    terrain: Terrain
    settlement: Settlement
    farmland: Farmland
    cover: Cover
    series: list[Scene]
    orthophoto: Orthophoto
    delivery: Delivery

    def layers(self) -> dict[str, GeoDataFrame]:
        """Tables of the vector layers, by name."""
        return {
            "communes": self.settlement.communes,
            "batiments": self.settlement.buildings,
            "troncons_de_route": self.settlement.roads,
            "cours_d_eau": self.cover.streams,
            "parcelles_agricoles": self.farmland.parcels,
            "zones_de_vegetation": self.cover.vegetation,
            "occupation_du_sol": self.cover.land_cover,
            "adresses": self.settlement.addresses,
            "zone_incendiee": self.cover.burnt_area,
            "releves_terrain": self.cover.field_points,
        }


def write_territory(folder: Path, seed: int = SEED, say: Callable[[str], None] = print) -> None:
    """Make the island from its seed and write all its files, in place of those that the folder holds.

    The folder is replaced at the end, in one go: a run that stops on the way leaves it as it was.

    Parameters
    ----------
    folder : folder of the territory, such as `data`
    seed : the same seed gives the same content
    say : told, in French, what is done and in how many seconds
    """
    with replacing(folder) as fresh:
        territory = make_territory(seed, say)
        _timed("Écriture des fichiers", say, lambda: write_files(territory, fresh))
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    say(f"Territoire écrit dans {folder} ({_megabytes(size)}).")


def make_territory(seed: int, say: Callable[[str], None] = print) -> Territory:
    """Make the island, each part from the seed and from the parts before it."""
    terrain = _timed("Relief", say, lambda: make_terrain(seed))
    settlement = _timed("Communes, routes et bâtiments", say, lambda: make_settlement(terrain, seed))
    farmland = _timed("Parcelles agricoles", say, lambda: make_farmland(terrain, settlement, seed))
    cover = _timed(
        "Végétation et occupation du sol", say, lambda: make_cover(terrain, settlement, farmland, seed)
    )
    parts = terrain, settlement, farmland, cover
    series = _timed("Images de type Sentinel-2", say, lambda: make_series(*parts, seed))
    orthophoto = _timed("Orthophoto du port", say, lambda: make_orthophoto(*parts, seed))
    clean = farmland.parcels, settlement.buildings, settlement.addresses, cover.field_points
    delivery = _timed("Livraison abîmée et son registre", say, lambda: make_delivery(*clean, seed))
    return Territory(*parts, series, orthophoto, delivery)


def write_files(territory: Territory, folder: Path) -> None:
    """Write the files of the territory into an empty folder, then the catalogue and the cards."""
    write_geopackage(folder / files.GEOPACKAGE, territory.layers())
    terrain = territory.terrain
    write_cog(
        folder / files.ELEVATION,
        terrain.elevation,
        terrain.grid.transform,
        CRS,
        descriptions=("altitude",),
        units="m",
    )
    write_series(folder / files.SERIES, territory.series, terrain.grid)
    write_orthophoto(folder / files.ORTHOPHOTO, territory.orthophoto)
    write_pools(folder / files.POOLS, territory.orthophoto)
    write_delivery(territory.delivery, folder / files.DELIVERY)
    write_catalogue(folder)
    write_cards(folder)


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Give an empty folder to fill; it takes the place of `folder` if all goes well, and vanishes if not."""
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the folder, hence on the same disk: a rename does not copy.
    with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as work:
        fresh, old = Path(work) / "fresh", Path(work) / "old"
        fresh.mkdir()
        yield fresh
        if folder.exists():
            folder.rename(old)
        try:
            fresh.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise


def _timed(what: str, say: Callable[[str], None], make: Callable[[], T]) -> T:
    start = time.perf_counter()
    made = make()
    seconds = f"{time.perf_counter() - start:.1f}".replace(".", ",")
    say(f"{what} : {seconds} s")
    return made


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} Mo".replace(".", ",")
