#!/bin/sh
# Puts a MicroPython VM into DIRECTORY, from the next Debian release's packages, without root and without a compiler.
# The packages are only downloaded and unpacked; apt's own state and the installed system stay as they are.
# usage: install_micropython.sh DIRECTORY        afterwards DIRECTORY/micropython is the VM
set -eu

fail() {
    echo "install_micropython: $1" >&2
    exit 1
}

[ $# -eq 1 ] || fail "usage: install_micropython.sh DIRECTORY"
target=$1
release=trixie
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
question='import sys; print("%s %d.%d.%d" % ((sys.implementation[0],) + sys.implementation[1][:3]))'

if [ -x "$target/micropython" ] && version=$("$target/micropython" -c "$question" 2>/dev/null); then
    echo "$version"
    exit 0
fi

command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 ||
    fail "needs Debian's apt-get and dpkg-deb; elsewhere, name a MicroPython 1.25 in VAFA_MICROPYTHON"
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
work=$(mktemp -d "$parent/.micropython.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# unpack ARCHITECTURE: leaves the VM in $work/vm, or fails with the reason in $work/log.
unpack() {
    rm -rf "$work/apt" "$work/vm"
    mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/vm/root"
    echo "deb [signed-by=$keyring] $mirror $release main" >"$work/apt/release.list"
    set -- "$1" -oDir::Etc::SourceList="$work/apt/release.list" -oDir::Etc::SourceParts=/dev/null \
        -oDir::State::Lists="$work/apt/lists" -oDir::Cache="$work/apt/cache" \
        -oAPT::Sandbox::User="$(id -un)" -oAPT::Architecture="$1" -oAPT::Architectures="$1" -oAcquire::Retries=2 -oAPT::Update::Error-Mode=any
    architecture=$1
    shift
    apt-get "$@" -q update >"$work/log" 2>&1 || return 1
    (cd "$work/apt" && apt-get "$@" -q download \
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
