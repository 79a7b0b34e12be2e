#!/bin/sh
# Makes sure that there is a PC/SC service with a virtual reader, and pyscard to speak to it: install_card_tools.sh VENV
# The service, the reader and the library's headers are Debian's; pyscard is built in the virtual environment VENV.
set -eu
venv=$1
packages="pcscd vsmartcard-vpcd libpcsclite-dev gcc"

fail() {
    echo "card: $1" >&2
    exit 1
}

there() {
    command -v pcscd >/dev/null 2>&1 && [ -e /usr/lib/pcsc/drivers/serial/libifdvpcd.so ]
}

has_pyscard() {
    "$venv/bin/python" -c 'import smartcard.System' 2>/dev/null
}

if ! there || { ! has_pyscard && [ ! -e /usr/include/PCSC/winscard.h ]; }; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 ||
        fail "PC/SC or its virtual reader is missing; run: sudo apt-get install --no-install-recommends $packages"
    echo "card: installing PC/SC and a virtual reader" >&2
    export DEBIAN_FRONTEND=noninteractive
    # The list of packages is words, to be split.
    # shellcheck disable=SC2086
    { apt-get update && apt-get install -y --no-install-recommends $packages; } >/dev/null 2>&1 && there ||
        fail "$packages cannot be installed; is the network there?"
fi
if ! has_pyscard; then
    # What the extra `card` asks for, without installing the project once more.
    requirement=$("$venv/bin/python" -c '
import tomllib
print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["card"])')
    "$venv/bin/python" -m pip install --disable-pip-version-check --quiet "$requirement" >/dev/null 2>&1 &&
        has_pyscard || fail "$requirement cannot be installed; is the network there?"
fi
