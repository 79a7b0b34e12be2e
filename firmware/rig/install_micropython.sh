#!/bin/sh
# Puts a MicroPython VM into DIRECTORY, from the next Debian release's packages, without root and without a compiler.
# The packages are only downloaded and unpacked; apt's own state and the installed system stay as they are.
# usage: install_micropython.sh DIRECTORY        afterwards DIRECTORY/micropython is the VM
set -eu
name=install_micropython
. "$(dirname "$0")/next_debian.sh"

[ $# -eq 1 ] || fail "usage: install_micropython.sh DIRECTORY"
target=$1
question='import sys; print("%s %d.%d.%d" % ((sys.implementation[0],) + sys.implementation[1][:3]))'

if [ -x "$target/micropython" ] && version=$("$target/micropython" -c "$question" 2>/dev/null); then
    echo "$version"
    exit 0
fi

command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 ||
    fail "needs Debian's apt-get and dpkg-deb; elsewhere, name a MicroPython 1.25 in VAFA_MICROPYTHON"
find_mirror
make_work_folder

# unpack ARCHITECTURE: leaves the VM in $work/vm, or fails with the reason in $work/log.
unpack() {
    rm -rf "$work/apt" "$work/vm"
    mkdir -p "$work/apt" "$work/vm/root"
    architecture=$1
    set -- -oAPT::Architecture="$1" -oAPT::Architectures="$1"
    apt_get deb "$@" update >"$work/log" 2>&1 || return 1
    (cd "$work/apt" && apt_get deb "$@" download \
        micropython libc6 libffi8 libmbedcrypto16 libmbedtls21 libmbedx509-7) >>"$work/log" 2>&1 || return 1
    for package in "$work"/apt/*.deb; do
        dpkg-deb -x "$package" "$work/vm/root" >>"$work/log" 2>&1 || return 1
    done
    loader=$(cd "$work/vm/root" && find . -name 'ld-linux*.so*' ! -type d | sort | head -n 1)
    library=$(cd "$work/vm/root" && find . -name 'libc.so.6' | sort | head -n 1)
    [ -n "$loader" ] && [ -n "$library" ] || return 1
    cat >"$work/vm/micropython" <<WRAPPER
#!/bin/sh
root=\$(dirname "\$(readlink -f "\$0")")/root
exec "\$root/$loader" --library-path "\$root/$(dirname "$library")" "\$root/usr/bin/micropython" "\$@"
WRAPPER
    chmod 755 "$work/vm/micropython"
    version=$("$work/vm/micropython" -c "$question" 2>>"$work/log") || return 1
    echo "unpacked micropython for $architecture" >>"$work/log"
}

# 32-bit first: its words, and so its heap figures, are those of a terminal's processor.
unpack i386 || unpack "$(dpkg --print-architecture)" ||
    fail "could not get MicroPython from $mirror: $(grep "^E:" "$work/log" | tail -n 1)"

rm -rf "$target"
mv "$work/vm" "$target"
echo "$version"
