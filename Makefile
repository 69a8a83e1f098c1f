# Everything needs only Python >= 3.10, git and GNU make 3.81 or newer; .venv is made on first use.

PYTHON ?= python3
ARGS ?=
BUDGET ?= 600
SEEDS ?= 1
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
SETTINGS := $(VENV)/share/jupyter/lab/settings

# Without an NVIDIA driver on Linux, PyTorch for the CPU saves a download of 3 GB.
# `make setup TORCH_INDEX=` takes it from pip's default index, TORCH_INDEX=https://... from another.
ifeq ($(origin TORCH_INDEX),undefined)
ifeq ($(shell uname -s),Linux)
ifeq ($(shell command -v nvidia-smi 2>/dev/null),)
TORCH_INDEX := https://download.pytorch.org/whl/cpu
endif
endif
endif

# torchvision must come from where torch comes from: builds of two kinds do not work together.
ONLY_THERE := env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null

NBVAL := --nbval-lax --nbval-current-env --nbval-cell-timeout=300
# Two processes with one thread each: these networks are too small to keep two threads busy.
# Notebooks and files stay whole, and the longest come first.
JOBS ?= 2
TWO := -n $(JOBS) --dist loadfile --no-loadscope-reorder --durations=10 --durations-min=5
PYTEST := OMP_NUM_THREADS=1 $(PY) -m pytest $(TWO)
LESSONS := $(wildcard notebooks/*.ipynb)
SOLUTIONS := $(wildcard exercises/solutions/*.ipynb)
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help lab setup test test-all test-slow test-lessons test-browser test-colab notebooks bench doctor clean

help:
	@echo "make lab        set up .venv on first use, then open the course in JupyterLab"
	@echo "make test       unit tests, and the solutions of all exercises (6 minutes on 2 cores)"
	@echo "make test-all   that, the slow tests, and all lessons (20 minutes)"
	@echo "make test-browser  every notebook in JupyterLab and Chromium, a few of them run;"
	@echo "                ARGS=--run-all runs each of them, ARGS='-k 00' only looks at lesson 00"
	@echo "make test-colab    every lesson and solution with the versions of Google Colab; ARGS=00 likewise"
	@echo "make notebooks  build the notebooks whose sources changed; ARGS=02 builds only those"
	@echo "make bench      race the course's DCGAN against published recipes (45 minutes on 2 cores);"
	@echo "                BUDGET=60 gives each 60 CPU seconds, SEEDS=3 runs each three times"
	@echo "make doctor     say whether this machine is ready for the course"
	@echo "make setup      set up .venv, nothing else"
	@echo "make clean      remove caches; .venv stays"

lab: $(READY)
	$(PY) -m jupyterlab $(AS_ROOT) --LabApp.default_url=/lab/tree/README.md $(ARGS)

test: $(READY)
	$(PYTEST) -m "not slow" $(NBVAL) $(SOLUTIONS) tests $(ARGS)

test-all: $(READY)
	$(PYTEST) $(NBVAL) $(LESSONS) $(SOLUTIONS) tests $(ARGS)

# What CI runs beside `make test`. Slow tests are many and short enough to be dealt out one by one.
test-slow: $(READY)
	$(PYTEST) --dist worksteal -m slow tests $(ARGS)

test-lessons: $(READY)
	$(PYTEST) $(NBVAL) $(LESSONS) $(ARGS)

# -s shows how far a notebook is; its pictures go to build/screenshots, or to SCREENSHOTS=folder.
test-browser: $(READY)
	@$(PY) -c "import playwright" 2>/dev/null || $(PY) -m pip install --editable ".[browser]" || \
	  echo "Playwright cannot be installed: the tests are skipped."
	$(PY) -m pytest -s tests/browser $(ARGS)

# Its environment is build/colab/venv: 1.5 GB, or 5 GB where PyTorch for the CPU cannot be had.
test-colab: $(READY)
	$(PY) -m tools.colab $(ARGS)

notebooks: $(READY)
	$(PY) -m tools.build $(ARGS)

# A thread that waits for another one shall not use CPU seconds.
bench: $(READY)
	OMP_WAIT_POLICY=PASSIVE $(PY) -m tools.bench $(BUDGET) $(SEEDS)

doctor: $(READY)
	$(PY) -m gan_lessons doctor

setup: $(READY)

$(READY): pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here. Install Python 3.10" \
	  "or newer from python.org, or name another one: make $(or $(MAKECMDGOALS),setup) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "$(PYTHON) is" \
	  "`$(PYTHON) -V 2>&1`, and the course needs 3.10 or newer: make $(or $(MAKECMDGOALS),setup) PYTHON=python3.12"; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "Python cannot make a virtual environment. On Debian and Ubuntu, python3-venv is missing."; exit 1; }
	@if [ -n "$(TORCH_INDEX)" ] && ! $(PY) -m pip show --quiet torch 2>/dev/null; then \
	  echo "Taking PyTorch from $(TORCH_INDEX)"; \
	  $(ONLY_THERE) $(PY) -m pip install --retries 0 --timeout 10 --index-url "$(TORCH_INDEX)" \
	    torch torchvision 2>/dev/null || \
	  echo "PyTorch cannot be had there: it comes from pip's default index instead (up to 3 GB)."; \
	fi
	$(PY) -m pip install --editable ".[all]"
	$(PY) -m ipykernel install --sys-prefix --name python3 --display-name "Python (GAN lessons)"
	@mkdir -p $(SETTINGS)
	@cp tools/jupyterlab.json $(SETTINGS)/overrides.json
	@touch $@

clean:
	rm -rf build dist *.egg-info .pytest_cache .ruff_cache
	find . -path ./$(VENV) -prune -o \
	  \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +
