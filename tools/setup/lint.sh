#!/bin/sh
# Everything that can be said of the sources without running them: lint.sh BIN
set -eu
bin=$1
"$bin/ruff" check --quiet
"$bin/ruff" format --check --quiet
"$bin/python" -m tools.generators --check
"$bin/mypy" --no-error-summary
"$bin/python" firmware/rig/check_types.py --no-error-summary
"$bin/lint-imports" >/dev/null || "$bin/lint-imports"
