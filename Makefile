# GéoAtelier : « make » montre les commandes. Rien d'autre à installer que Python (3.11 ou plus récent) et make.
# The recipes stay within POSIX sh and GNU make 3.81 (the one of macOS).

VENV := .venv
PYTHON_OF_VENV := $(VENV)/bin/python
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(PYTHON_OF_VENV) -m pip install --quiet --no-input

# One stamp for each thing that was installed: while it is newer than what it was made from, nothing is done.
# Its name holds the folder's own path, so that a folder renamed or copied elsewhere is installed again.
HERE := $(shell printf %s "$(CURDIR)" | cksum | cut -d ' ' -f 1)
READY := $(VENV)/ready-$(HERE)
READY_TO_TEST := $(VENV)/ready-to-test-$(HERE)
SOURCES := pyproject.toml constraints.txt requirements-torch.txt jupyter/geoatelier.json

# The first Python that is recent enough; « make lab PYTHON=/chemin/de/python » imposes one.
PYTHON ?= $(shell for python in python3.11 python3 python3.12 python3.13 python3.14 python; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	command -v $$python; break; fi; done)

.DEFAULT_GOAL := help
.PHONY: help lab check test lint build table territory picture bench bench-quality bench-memory bench-crosscheck bench-learning constraints clean

help: ## montre cette liste
	@awk -F ' ## ' '/^[a-z-]+:.* ## / { sub(/:.*/, "", $$1); printf "  make %-16s %s\n", $$1, $$2 }' Makefile

lab: $(READY) ## installe ce qui manque, vérifie la machine et ouvre JupyterLab
	@$(PYTHON_OF_VENV) -m geoatelier.lab

check: $(READY) ## vérifie la machine, sans rien ouvrir
	@$(PYTHON_OF_VENV) -m geoatelier.preflight

test: $(READY_TO_TEST) ## installe ce qui manque et passe tous les tests, réseau coupé
	@$(PYTHON_OF_VENV) tests/offline.py pytest -n 2 --dist loadgroup --no-loadscope-reorder

lint: $(READY_TO_TEST) ## vérifie l'écriture du code
	@$(PYTHON_OF_VENV) -m ruff check .
	@$(PYTHON_OF_VENV) -m ruff format --check .

build: $(READY_TO_TEST) ## refait carnets, exercices et solutions depuis lessons/
	@$(PYTHON_OF_VENV) -m geoatelier.cli build

table: $(READY_TO_TEST) ## refait dans les README la table des leçons et les liens de lancement
	@$(PYTHON_OF_VENV) -m geoatelier.cli table
	@$(PYTHON_OF_VENV) -m geoatelier.settings

territory: $(READY_TO_TEST) ## refait data/, l'île de la Galéjade, depuis sa graine
	@$(PYTHON_OF_VENV) -m geoatelier.cli territory

picture: $(READY) ## refait l'image des README depuis data/
	@$(PYTHON_OF_VENV) -m geoatelier.portrait

bench: $(READY_TO_TEST) ## mesure chaque carnet : secondes, Mo au plus haut, Wh estimés
	@$(PYTHON_OF_VENV) -m geoatelier.bench

bench-quality: $(READY_TO_TEST) ## mesure les contrôles sur un million de polygones aux défauts connus
	@$(PYTHON_OF_VENV) -m geoatelier.bench_quality

bench-memory: $(READY_TO_TEST) ## contrôle une couche plus grosse que la mémoire qui lui est laissée (Linux)
	@$(PYTHON_OF_VENV) -m geoatelier.bench_memory

bench-crosscheck: $(READY_TO_TEST) ## compare la validité et les recouvrements à SpatiaLite et à Clipper, s'ils sont installés
	@$(PYTHON_OF_VENV) -m geoatelier.bench_crosscheck

bench-learning: $(READY_TO_TEST) ## mesure les modèles, puis des cartes d'un à cent millions de pixels
	@$(PYTHON_OF_VENV) -m geoatelier.bench_learning

constraints: $(READY_TO_TEST) ## refait constraints.txt depuis pyproject.toml (UPGRADE=--upgrade : versions récentes)
	@$(PIP) uv
	@$(PYTHON_OF_VENV) -m uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --extra dev \
		--no-annotate --no-header $(UPGRADE) --output-file constraints.txt
	@sed -i.bak -E '/^(cuda|nvidia-[^m]|triton)/d' constraints.txt && rm constraints.txt.bak

clean: ## retire ce que make a installé et les fichiers de travail
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .hypothesis src/geoatelier.egg-info
	find . -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf

# The virtual environment. One whose Python is gone (an upgrade, a removed version) is made afresh.
$(PYTHON_OF_VENV):
	@test -n "$(PYTHON)" || { \
		echo "Python 3.11 ou plus récent est introuvable. Installez-le, puis relancez la commande."; exit 1; }
	@echo "1/4  Environnement Python dans $(VENV), avec $(PYTHON)"
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo "L'environnement n'a pas pu être créé. Sous Debian ou Ubuntu : sudo apt install python3-venv"; exit 1; }

# torch has its own call: its index (torch without CUDA, 4 GB lighter) is asked for torch alone, and asked
# once only, so that a network that closes it costs a second and not a minute; the usual build then comes.
$(READY): $(PYTHON_OF_VENV) $(SOURCES)
	@echo "2/4  PyTorch, sans carte graphique (200 Mo environ)"
	@PIP_RETRIES=0 $(PIP) -c constraints.txt -r requirements-torch.txt || $(NO_INSTALL)
	@test ! -d $(VENV)/lib/python3.*/site-packages/nvidia || \
		echo "     La version sans carte graphique n'a pas pu être atteinte : la version complète est installée."
	@echo "3/4  Les autres bibliothèques (250 Mo environ ; quelques minutes selon le réseau)"
	@$(PIP) -c constraints.txt -e . || $(NO_INSTALL)
	@echo "4/4  Premier chargement des bibliothèques"
	@$(PYTHON_OF_VENV) -m geoatelier.preflight
	@touch $@

$(READY_TO_TEST): $(READY)
	@echo "Outils d'écriture et de test"
	@$(PIP) -c constraints.txt -e '.[dev]' || $(NO_INSTALL)
	@touch $@

NO_INSTALL = { echo "L'installation s'est arrêtée. Vérifiez le réseau (le mandataire : variable HTTPS_PROXY), \
	puis relancez la commande : elle reprend où elle en était."; exit 1; }
