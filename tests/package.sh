#!/bin/bash
# package.sh BUILD: what `cmake --install` and `cpack` make of a build records and replays, and holds
# what a user looks for.
set -eu
build=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/reprise-package-XXXXXX")
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# holds ROOT: a tree with the program, which works, and its manual, completion and licence.
holds() {
    local file
    for file in bin/reprise share/man/man1/reprise.1 share/bash-completion/completions/reprise \
        share/doc/reprise/LICENSE share/doc/reprise/CHANGELOG.md; do
        [ -s "$1/$file" ] || [ -s "$1/$file.gz" ] || fail "$file is not in $1"
    done
    "$1/bin/reprise" record -o "$work/t" --force -- sh -c 'echo installed; exit 3' >"$work/recorded" &&
        fail "the recorded program's status was lost"
    "$1/bin/reprise" replay "$work/t" >"$work/replayed" && fail "the replayed program's status was lost"
    echo installed | cmp - "$work/recorded"
    cmp "$work/recorded" "$work/replayed"
}

cmake --install "$build" --prefix "$work/prefix" >/dev/null
holds "$work/prefix"

if ! command -v dpkg-deb >/dev/null; then
    echo "skip: dpkg-deb is not installed; what was installed works"
    exit 77
fi
(cd "$build" && cpack -G DEB -B "$work" >"$work/log") || fail "cpack: $(cat "$work/log")"
deb=$(echo "$work"/reprise_*.deb)
dpkg-deb --field "$deb" Package Version Architecture Description
dpkg-deb --extract "$deb" "$work/root"
holds "$work/root/usr"
