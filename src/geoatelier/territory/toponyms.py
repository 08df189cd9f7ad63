"""Invented names of streets, roads and hamlets, in the manner of Provence. None is a person's."""

TRADES = (
    "des Calfats", "des Cordiers", "des Tonneliers", "des Bourreliers", "des Vanniers", "des Lavandières",
    "des Ravaudeuses", "des Muletiers", "des Potiers", "des Saleurs", "des Rémouleurs", "des Charretiers",
    "des Gabelous", "des Tisserands", "des Rempailleurs", "des Chaufourniers", "des Fustiers",
    "des Sabotiers", "des Étameurs", "des Santonniers", "des Drapiers", "des Colporteurs",
    "des Bouscatiers", "des Magnanarelles",
)  # fmt: skip
SIGHTS = (
    "du Four-Vieux", "du Puits-Salé", "du Lavoir", "de la Fontaine-Moussue", "du Vieux-Pressoir",
    "de l'Horloge", "du Portalet", "de la Poterne", "du Grand-Couvert", "du Cadran", "de la Glacière",
    "du Moulin-d'Huile", "de la Citerne", "du Tambour", "du Mûrier", "du Micocoulier", "du Figuier",
    "de la Treille", "du Grenadier", "du Jujubier", "de l'Androne", "du Barri", "du Soustet",
    "de la Tour-Penchée", "du Chat-qui-Veille", "de l'Âne-Gris", "du Pilon", "de la Banaste", "du Cantoun",
    "de la Bugade", "du Relarg", "du Bon-Repaus", "de la Cigale-Muette", "de la Sieste", "du Courant-d'Air",
    "de l'Ombre-Longue", "du Balcon", "de la Sardine",
)  # fmt: skip
SEA = (
    "des Sardiniers", "du Grand-Large", "de la Rascasse", "des Oursins", "du Levant", "de la Tramontane",
    "des Thoniers", "de la Girelle", "du Pointu", "des Tartanes", "de l'Ancre-Perdue", "des Filets-Bleus",
    "du Labech", "des Goélands", "du Calfatage", "de la Capitainerie", "du Fanal", "des Gréements",
    "de la Bourrasque", "des Palangrotes",
)  # fmt: skip
GROUND = (
    "des Amandiers", "de la Bastide-Blanche", "du Mas-Perdu", "des Cigales", "de la Garrigue",
    "des Chênes-Verts", "des Pins-Penchés", "de la Draille", "des Genêts", "des Bories", "des Oliviers",
    "de la Font-Fraîche", "du Vallon-Bleu", "de Baume-Noire", "des Romarins", "du Safre", "de la Sarriette",
    "des Câpriers", "du Plan-de-l'Aze", "de Cante-Grillet", "de Passe-Temps", "de Tourne-Cabre",
    "de Mange-Figue", "de Vire-Soulèu", "de Roque-Ronde", "de la Grand-Vigne", "des Aspres", "des Claux",
    "de l'Ubac", "de l'Adret", "de la Lauze", "des Faïsses", "du Rastoubas", "de la Combe-Sèche",
    "des Espinasses", "de Pierre-Plantée", "du Cros", "des Agrunelles", "de la Nerthe-Basse", "des Argeras",
    "du Pas-de-la-Chèvre", "de l'Aire-Neuve", "des Lentisques", "de la Sansouire", "des Micocouliers",
    "du Bau-Rouge", "de la Crau-Petite", "des Farigoules", "de Font-Clare", "du Coulet", "des Arbousiers",
    "de la Mourre", "des Cades", "du Gour", "de Cabre-Morte", "des Piboules", "de la Tuilière",
    "du Jas-Neuf", "des Clapiers", "de la Roubine", "du Rocher-Troué", "des Ginestes", "de Bramafan",
    "de Costebelle", "des Eissarts", "du Defens", "de Tire-Langue", "des Bancaus", "de la Ferrage",
    "de Soulèu-Levant", "du Mourvèdre", "de la Clairette", "des Muscats", "du Grès", "de Rompe-Talon",
    "des Cabanons",
)  # fmt: skip
HAMLETS = (
    "Les Escaravaï", "La Bastide-Rousse", "Font-Pelouse", "Les Bancaous", "Le Jas-de-Miette",
    "Les Quatre-Vents", "Campagne-Basse", "La Sauzette", "Les Ferrages", "Peire-Longue", "Le Plan-de-Cabre",
    "Les Mouissonnes", "La Calanquette", "Val-Cigalou", "Les Terres-Mortes", "Le Pesquier", "Riou-Sec",
    "Les Aubagnes", "Le Clos-Pitchoun", "La Pinède-Haute", "Les Salettes", "Bois-Flotté",
)  # fmt: skip
FARMS = (
    "Mas de la Lune", "Mas Coucourde", "Mas des Grillons", "Bastide du Mistral", "Mas Aigue-Belle",
    "Mas de la Pie", "Jas de l'Ouest", "Mas Trébuche", "Mas de la Cabre", "Bastide des Ormes",
    "Mas Plan-Plan", "Mas de l'Escargot", "Mas du Bout-du-Monde", "Mas Pèbre-d'Ail", "Mas des Trois-Figues",
    "Mas Tranquillou", "Bastide Belle-Ombre", "Mas Virevent", "Mas de la Truffe", "Mas Gros-Caillou",
    "Jas des Combes", "Mas du Lézard", "Mas Soulié-Bas", "Mas de la Restanque", "Mas Tourdre",
    "Bastide du Levant", "Mas des Abeilles", "Mas Piéu-Piéu", "Mas de la Baume", "Mas Sans-Souci",
    "Mas des Cyprès", "Mas des Pignes", "Mas de l'Aire", "Mas Ventoulet",
)  # fmt: skip
SQUARE, MARKET = "Place de l'Église", "Place du Marché"
RING, BREAKWATER = "Tour de Ville", "Jetée du Grand-Large"
