# Sourced by scripts that take packages of the next Debian release, signed, into a folder of ours. They set `name`
# first. apt's own state and the installed system stay as they are.

release=trixie
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail() {
    echo "$name: $1" >&2
    exit 1
}

# The mirror is the one that this machine already uses.
find_mirror() {
    [ -r "$keyring" ] || fail "needs the package debian-archive-keyring to check what it downloads"
    mirror=$(cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
        sed -n -e 's/^URIs:[[:space:]]*\([^[:space:]]*\).*/\1/p' \
            -e 's/^deb[[:space:]]\{1,\}\(\[[^]]*\][[:space:]]*\)\{0,1\}\([^[:space:]]*\).*/\2/p' |
        grep '/debian/\{0,1\}$' | head -n 1) || true
    [ -n "$mirror" ] || fail "finds no Debian mirror in /etc/apt"
}

# A passing folder $work beside $target, on the same disk, so that the result is moved there in one step.
make_work_folder() {
    parent=$(dirname "$target")
    mkdir -p "$parent"
    parent=$(cd "$parent" && pwd)
    target=$parent/$(basename "$target")
    work=$(mktemp -d "$parent/.$name.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' INT TERM
}

# apt_get KIND ARGUMENT...: apt-get with a state of its own under $work/apt and KIND (deb, deb-src) as its only source.
apt_get() {
    mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
    echo "$1 [signed-by=$keyring] $mirror $release main" >"$work/apt/release.list"
    shift
    apt-get -oDir::Etc::SourceList="$work/apt/release.list" -oDir::Etc::SourceParts=/dev/null \
        -oDir::State::Lists="$work/apt/lists" -oDir::Cache="$work/apt/cache" \
        -oAPT::Sandbox::User="$(id -un)" -oAcquire::Retries=2 -oAPT::Update::Error-Mode=any -q "$@"
}
