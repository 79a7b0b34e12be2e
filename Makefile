# Every target sets up what it needs first and does nothing twice.
PYTHON ?= python3.11
VENV := .venv
VM := .rig/micropython/micropython
# Every process started later would compile all it imports.
unexport PYTHONDONTWRITEBYTECODE
CORE := $(shell find protocol switch -name "*.pyx" -o -name "*.pxd")
BUILT_FROM := pyproject.toml setup.py $(CORE) tools/setup/environment.sh

.PHONY: run test test-long test-power-cuts lint bench benchmarks fuzz soak setup setup-dev clean

run: setup
	@$(VENV)/bin/vafa up $(if $(ONCE),--once) $(ARGS)

# One more than the cores that it is meant for: tests wait for processes half of their time.
WORKERS ?= 3
test: setup-dev
	@TMPDIR=$$(sh tools/setup/scratch.sh) $(VENV)/bin/pytest -n $(WORKERS) --dist worksteal $(ARGS)

# The same with eighty times as many examples, histories, seeds and lives; FACTOR=0.1 for a quick look.
FACTOR ?= 20
test-long: setup-dev
	@TMPDIR=$$(sh tools/setup/scratch.sh) VAFA_TEST_EXAMPLES=$(FACTOR) $(VENV)/bin/pytest -n $(WORKERS) --dist worksteal $(ARGS)

test-cortex: setup-dev
	@sh firmware/rig/install_cortex_tools.sh $(VENV)
	@sh firmware/rig/get_source.sh .rig/src >/dev/null
	@$(VENV)/bin/pytest tests/cortex -p no:xdist --no-header -q $(ARGS)

# Our card in the virtual reader of a real PC/SC service: wants root, for the service's socket is in /run.
test-card: setup-dev
	@sh firmware/rig/install_card_tools.sh $(VENV)
	@$(VENV)/bin/pytest tests/card_reader -p no:xdist --no-header -q $(ARGS)

# Power cuts, full and broken disks on real file systems: wants root, for it mounts them.
test-power: setup-dev
	@unshare --mount $(VENV)/bin/pytest tests/switch/power -p no:xdist --no-header -q $(ARGS)

# Power cuts of the terminal's journal: so many places of a shop's day, each cut twice more while it recovers.
CUTS ?= 10000
test-power-cuts: setup-dev
	@CUTS=$(CUTS) $(VENV)/bin/pytest tests/firmware/test_terminal_power_cuts.py -p no:xdist --no-header -q $(ARGS)

lint: setup-dev
	@sh tools/setup/lint.sh $(VENV)/bin

# The contenders of `vafa bench`, one by one.
bench: setup-dev
	@$(VENV)/bin/pytest tests/benchmarks -p no:xdist --benchmark-only --benchmark-columns=median,min,ops --benchmark-sort=name $(ARGS)

# Writes docs/benchmarks.md from what this machine measures; one section: ARGS='--only host-api'.
benchmarks: setup-dev
	@$(VENV)/bin/python -m tools.bench.page docs/benchmarks.md $(ARGS)

RUNS ?= 1000000
fuzz: setup-dev
	@$(VENV)/bin/python -m pip install --disable-pip-version-check --quiet 'atheris>=3,<4'
	@mkdir -p build/fuzz
	@$(VENV)/bin/python tests/fuzz/fuzz_codec.py build/fuzz tests/fuzz/corpus -runs=$(RUNS) -max_len=600 -artifact_prefix=build/ $(ARGS)

# Simulated worlds, seed by seed. For hours: make soak SEEDS=0..10000000 ARGS='--minutes 480'
SEEDS ?= 0..9999
soak: setup
	@$(VENV)/bin/vafa sim soak --seeds $(SEEDS) $(ARGS)

setup: $(VENV)/.installed-run $(VM)
	@$(VENV)/bin/python -m simulator.firmware_image >/dev/null

setup-dev: compiler $(VENV)/.installed-dev $(VM)
	@$(VENV)/bin/python -m simulator.firmware_image >/dev/null
	@sh tools/setup/postgresql.sh
	@sh tools/setup/mosquitto.sh
	@sh tools/setup/chromium.sh
	@sh tools/setup/node.sh
	@sh tools/setup/prometheus.sh

.PHONY: compiler
compiler:
	@sh tools/setup/compiler.sh

$(VENV)/.installed-run: $(BUILT_FROM)
	@sh tools/setup/environment.sh "$(PYTHON)" $(VENV) run

$(VENV)/.installed-dev: $(BUILT_FROM) | compiler
	@sh tools/setup/environment.sh "$(PYTHON)" $(VENV) dev

$(VM): firmware/rig/install_micropython.sh firmware/rig/next_debian.sh
	@sh firmware/rig/install_micropython.sh .rig/micropython
	@touch $@

clean:
	rm -rf $(VENV) .rig var build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks
	find protocol switch -name "*.so" -delete
	for source in $(filter %.pyx,$(CORE)); do rm -f "$${source%.pyx}.c"; done
