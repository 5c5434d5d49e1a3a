# Needs Python 3.11, git and make; everything else it fetches itself (CONTRIBUTING.md).
PYTHON := $(shell for python in python3.11 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && echo $$python && break; done)
SET_UP = $(if $(PYTHON),$(PYTHON) -m comanda.bootstrap,$(error Comanda needs Python 3.11 and finds none on PATH. \
	On Debian 12: apt-get install python3.11 python3.11-venv. With pyenv: pyenv install 3.11))
RUN := .venv/bin
# Comanda is many processes: without it each would compile all of Python's sources again, for seconds.
unexport PYTHONDONTWRITEBYTECODE
PRODUCT := actions backend bot comanda console kernel nlu office
CODE := $(PRODUCT) bench tests
# `make test ARGS="-k cart"` passes options on.
ARGS ?=

.PHONY: help up test test-fast check format train bench storm bench-nlu faults mutants sbom screenshots clean

help:
	@echo 'make up           start everything: shop, chat, API, console'
	@echo 'make test         the whole suite; make test-fast: without Rasa and browser, under two minutes'
	@echo 'make check        style, types, import rules, security, lock file; make format: mend the style'
	@echo 'make train        the model, if it is not current'
	@echo 'make bench        how fast it is, from one run'
	@echo 'make storm        kills, full disks, lost answers for ten minutes; then everything must be explained'
	@echo 'make bench-nlu  how well the pipeline learns public benchmarks (NLU_BENCHMARKS: their folder)'
	@echo 'make faults       write docs/faults.md: what must not break, which test shows it, its last figure'
	@echo 'make mutants      take each guard away once; a test must notice (docs/guards.md)'
	@echo 'make sbom         what is installed, as CycloneDX, in artifacts/'
	@echo 'make screenshots  make the pictures of the documentation again'
	@echo 'make clean        remove what was built; keeps the data in .comanda'

up:
	@$(SET_UP) app rasa --of 7
	@exec $(RUN)/comanda up --steps-done 3

test:
	@$(SET_UP) app rasa
	@$(RUN)/comanda train
	@$(RUN)/python -m comanda.browser
	@exec $(RUN)/pytest -n 2 $(ARGS)

test-fast:
	@$(SET_UP) app
	@exec $(RUN)/pytest -n 2 -m 'not rasa and not browser and not chaos' $(ARGS)

check:
	@$(SET_UP) app
	$(RUN)/ruff check $(wildcard $(CODE))
	$(RUN)/ruff format --check $(wildcard $(CODE))
	$(RUN)/mypy
	$(RUN)/lint-imports
	$(RUN)/python -m tests.house_rules
	@out=$$($(RUN)/pytest --collect-only -qq 2>&1) || { echo "$$out" | tail -30; exit 1; }
	$(RUN)/bandit --quiet --recursive --severity-level medium $(PRODUCT)
	@$(PYTHON) -m comanda.bootstrap --check-lock

format:
	@$(SET_UP) app
	$(RUN)/ruff check --fix $(wildcard $(CODE))
	$(RUN)/ruff format $(wildcard $(CODE))

train:
	@$(SET_UP) app rasa
	@exec $(RUN)/comanda train

bench:
	@$(SET_UP) app rasa
	@$(RUN)/comanda train
	@exec $(RUN)/python -m bench $(ARGS)

storm:
	@$(SET_UP) app $(if $(findstring --assistant,$(ARGS)),rasa)
	@exec $(RUN)/python -m bench.storm $(ARGS)

bench-nlu:
	@$(SET_UP) app rasa
	@exec .venv-rasa/bin/python -m bench.nlu_benchmarks $(ARGS)

faults:
	@$(SET_UP) app
	@$(RUN)/python -m tests.faults

mutants:
	@$(SET_UP) app
	@exec $(RUN)/python -m tests.mutants $(ARGS)

sbom:
	@$(PYTHON) -m comanda.bootstrap --sbom artifacts

screenshots:
	@$(SET_UP) app rasa
	@$(RUN)/comanda train
	@exec $(RUN)/python -m comanda.screenshots

clean:
	rm -rf .venv .venv-rasa .comanda/tools models .rasa artifacts
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
