# The two commands a newcomer needs: `make demo` and `make test`. Both set up what is missing first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint bench clean setup voice

demo: setup voice
	$(BIN)/vehicle-agent demo

test: setup
	$(BIN)/python -m pytest

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: setup
	$(BIN)/vehicle-agent bench

setup: $(VENV)/.ready

# Made anew when what it was made from changes.
$(VENV)/.ready: pyproject.toml requirements.lock .ci/setup.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh .ci/setup.sh

# The speech model of the demo; without it (offline) the demo types what it would have spoken.
voice: setup
	@$(BIN)/vehicle-agent models install whisper-base || echo "No speech model: the demo will type instead of speaking."

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis var
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
