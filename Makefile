# Every target sets up what it needs first and does nothing twice.
PYTHON ?= python3.11
VENV := .venv
VM := .rig/micropython/micropython

.PHONY: run test lint bench setup setup-dev clean

run: setup
	@$(VENV)/bin/vafa up $(if $(ONCE),--once) $(ARGS)

test: setup-dev
	@$(VENV)/bin/pytest -n 2 --dist loadgroup $(ARGS)

lint: setup-dev
	@sh tools/setup/lint.sh $(VENV)/bin

bench: setup-dev
	@$(VENV)/bin/pytest tests/benchmarks -p no:xdist --benchmark-only --benchmark-columns=median,min,ops --benchmark-sort=name $(ARGS)

setup: $(VENV)/.installed-run $(VM)

setup-dev: $(VENV)/.installed-dev $(VM)
	@sh tools/setup/postgresql.sh

$(VENV)/.installed-run: pyproject.toml tools/setup/environment.sh
	@sh tools/setup/environment.sh "$(PYTHON)" $(VENV) run

$(VENV)/.installed-dev: pyproject.toml tools/setup/environment.sh
	@sh tools/setup/environment.sh "$(PYTHON)" $(VENV) dev

$(VM): firmware/rig/install_micropython.sh
	@sh firmware/rig/install_micropython.sh .rig/micropython
	@touch $@

clean:
	rm -rf $(VENV) .rig var build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks
