#!/bin/sh
# Puts the sources that the Cortex-M port is built from into DIRECTORY: Debian's MicroPython, and Mbed TLS for its AES.
# usage: get_source.sh DIRECTORY        afterwards DIRECTORY/micropython and DIRECTORY/mbedtls are the sources
set -eu
name=get_source
. "$(dirname "$0")/next_debian.sh"

[ $# -eq 1 ] || fail "usage: get_source.sh DIRECTORY"
target=$1
version=1.25

# The stamp is written last, so an interrupted run starts again.
if [ -e "$target/complete" ]; then
    cat "$target/complete"
    exit 0
fi

command -v apt-get >/dev/null 2>&1 || fail "needs Debian's apt-get"
command -v dpkg-source >/dev/null 2>&1 || fail "needs dpkg-source; run: sudo apt-get install dpkg-dev"
find_mirror
make_work_folder
mkdir -p "$work/packages" "$work/tree"

get() {
    apt_get deb-src update >"$work/log" 2>&1 || return 1
    (cd "$work/packages" && apt_get deb-src source --download-only micropython mbedtls) >>"$work/log" 2>&1 || return 1
    for package in micropython mbedtls; do
        # apt has checked the signatures on the way here.
        dpkg-source --no-check -x "$work/packages/${package}"_*.dsc "$work/tree/$package" >>"$work/log" 2>&1 || return 1
        basename "$work/packages/${package}"_*.dsc .dsc
    done >"$work/tree/complete"
    rm -f "$work"/tree/*.orig.tar.*
}

get || fail "could not get the sources from $mirror: $(grep -i -e "^E:" -e "error" "$work/log" | tail -n 1)"
grep -q "^micropython_$version" "$work/tree/complete" ||
    fail "the port is written for MicroPython $version, $mirror has $(head -n 1 "$work/tree/complete")"

rm -rf "$target"
mv "$work/tree" "$target"
cat "$target/complete"
