#!/bin/sh
# Puts the sources that the Cortex-M port is built from into DIRECTORY: Debian's MicroPython, and Mbed TLS for its AES.
# The sources come from the next Debian release, signed; apt's own state and the installed system stay as they are.
# usage: get_source.sh DIRECTORY        afterwards DIRECTORY/micropython and DIRECTORY/mbedtls are the sources
set -eu

fail() {
    echo "get_source: $1" >&2
    exit 1
}

[ $# -eq 1 ] || fail "usage: get_source.sh DIRECTORY"
target=$1
release=trixie
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
version=1.25

# The stamp is written last, so an interrupted run starts again.
if [ -e "$target/complete" ]; then
    cat "$target/complete"
    exit 0
fi

command -v apt-get >/dev/null 2>&1 || fail "needs Debian's apt-get"
command -v dpkg-source >/dev/null 2>&1 || fail "needs dpkg-source; run: sudo apt-get install dpkg-dev"
[ -r "$keyring" ] || fail "needs the package debian-archive-keyring to check what it downloads"

# The mirror is the one this machine already uses.
mirror=$(cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    sed -n -e 's/^URIs:[[:space:]]*\([^[:space:]]*\).*/\1/p' \
        -e 's/^deb[[:space:]]\{1,\}\(\[[^]]*\][[:space:]]*\)\{0,1\}\([^[:space:]]*\).*/\2/p' |
    grep '/debian/\{0,1\}$' | head -n 1) || true
[ -n "$mirror" ] || fail "finds no Debian mirror in /etc/apt"

parent=$(dirname "$target")
mkdir -p "$parent"
parent=$(cd "$parent" && pwd)
target=$parent/$(basename "$target")
work=$(mktemp -d "$parent/.source.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/packages" "$work/tree"
echo "deb-src [signed-by=$keyring] $mirror $release main" >"$work/apt/release.list"
set -- -oDir::Etc::SourceList="$work/apt/release.list" -oDir::Etc::SourceParts=/dev/null \
    -oDir::State::Lists="$work/apt/lists" -oDir::Cache="$work/apt/cache" \
    -oAPT::Sandbox::User="$(id -un)" -oAcquire::Retries=2 -oAPT::Update::Error-Mode=any

get() {
    apt-get "$@" -q update >"$work/log" 2>&1 || return 1
    (cd "$work/packages" && apt-get "$@" -q source --download-only micropython mbedtls) >>"$work/log" 2>&1 || return 1
    for package in micropython mbedtls; do
        # apt has checked the signatures on the way here.
        dpkg-source --no-check -x "$work/packages/${package}"_*.dsc "$work/tree/$package" >>"$work/log" 2>&1 || return 1
        basename "$work/packages/${package}"_*.dsc .dsc
    done >"$work/tree/complete"
    rm -f "$work"/tree/*.orig.tar.*
}

get "$@" || fail "could not get the sources from $mirror: $(grep -i -e "^E:" -e "error" "$work/log" | tail -n 1)"
grep -q "^micropython_$version" "$work/tree/complete" ||
    fail "the port is written for MicroPython $version, $mirror has $(head -n 1 "$work/tree/complete")"

rm -rf "$target"
mv "$work/tree" "$target"
cat "$target/complete"
