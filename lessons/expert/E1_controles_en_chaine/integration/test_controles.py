"""Essais de nos contrôles, sur de petites parcelles dont nous connaissons la réponse.

À lancer ainsi : python -m unittest test_controles
"""

import unittest

import geopandas as gpd
from controles import longueur_sur_route
from shapely import LineString, Polygon, box

ROUTES = gpd.GeoDataFrame(geometry=[LineString([(x, -5), (x, 15)]) for x in (5, 7, 20)], crs=2154)


def metres(contour: Polygon | None) -> float:
    """Mètres de route dans une seule parcelle."""
    return longueur_sur_route(gpd.GeoDataFrame(geometry=[contour], crs=2154), ROUTES)[0]


class LongueurSurRoute(unittest.TestCase):
    """Ce que promet `longueur_sur_route`, un cas par promesse."""

    def test_deux_routes_s_additionnent(self) -> None:
        self.assertEqual(metres(box(0, 0, 10, 10)), 20)

    def test_une_route_qui_longe_le_bord_ne_compte_pas(self) -> None:
        self.assertEqual(metres(box(20, 0, 30, 10)), 0)

    def test_une_parcelle_loin_des_routes_a_zero_metre(self) -> None:
        self.assertEqual(metres(box(40, 0, 50, 10)), 0)

    def test_un_contour_qui_se_recoupe_est_mesure_quand_meme(self) -> None:
        self.assertGreater(metres(Polygon([(0, 0), (12, 10), (12, 0), (0, 10)])), 0)

    def test_une_parcelle_sans_contour_a_zero_metre(self) -> None:
        self.assertEqual(metres(None), 0)
