#!/bin/sh
# Makes the virtual environment and installs the project in it: environment.sh PYTHON VENV run|dev
set -eu
python=$1 venv=$2 kind=$3

fail() {
    echo "setup: $1" >&2
    exit 1
}

command -v "$python" >/dev/null 2>&1 || python=python3
command -v "$python" >/dev/null 2>&1 ||
    fail "no Python found; install it with: apt-get install python3 python3-venv"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or newer is needed, $("$python" --version) was found; name another with: make PYTHON=/path/to/python3.11"

if [ ! -x "$venv/bin/python" ]; then
    echo "setup: making the virtual environment" >&2
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        [ "$(id -u)" = 0 ] || fail "Python's venv module is missing; run: sudo apt-get install python3-venv"
        { apt-get update && apt-get install -y --no-install-recommends python3-venv; } >/dev/null 2>&1 ||
            fail "python3-venv cannot be installed; is the network there?"
    fi
    "$python" -m venv "$venv" || fail "the virtual environment cannot be made in $venv"
fi

case $kind in
    run) extras=fast,firmware ;;
    *) extras=dev ;;
esac
echo "setup: installing packages (a minute on the first run)" >&2
log=$venv/install-$kind.log
"$venv/bin/python" -m pip install --disable-pip-version-check --quiet -e ".[$extras]" >"$log" 2>&1 ||
    fail "packages cannot be installed; is the network there? pip says: $(grep -i error "$log" | tail -n 1) (all of it: $log)"
touch "$venv/.installed-$kind"
