# The two commands a newcomer needs: `make demo` and `make test`. Both set up what is missing first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint coverage mutants fuzz bench clean setup voice llama

demo: setup voice
	$(BIN)/vehicle-agent demo

# In two processes, as much of a test is waiting for a car; file by file, in their order.
test: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# Every line and branch of the safety logic.
coverage: setup
	$(BIN)/python -m pytest tests/unit/safety tests/contracts/test_safety_spec.py \
	    --cov=state_machines --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

# Every small change of the safety logic must make a test fail; about half an hour.
mutants: setup
	cd tests && nice -n 15 ../$(BIN)/python -m mutation --jobs 2 --write

# A million malformed inputs for everything that parses; about an hour.
fuzz: setup
	cd tests && nice -n 15 ../$(BIN)/python -m fuzz --inputs 1000000 --seed 1

bench: setup
	$(BIN)/vehicle-agent bench

setup: $(VENV)/.ready

# Made anew when what it was made from changes.
$(VENV)/.ready: pyproject.toml requirements.lock .ci/setup.sh .ci/build_llama.py .ci/llama.cmake
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh .ci/setup.sh

# Compiles llama-cpp-python anew, as after a move to another computer, and tries it out.
llama: setup
	$(BIN)/python .ci/build_llama.py $(BIN)/python --anew
	$(BIN)/python -m vehicle_agent.planning.trial

# The speech model of the demo; without it (offline) the demo types what it would have spoken.
voice: setup
	@$(BIN)/vehicle-agent models install whisper-base || echo "No speech model: the demo will type instead of speaking."

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis var
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
