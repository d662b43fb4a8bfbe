#!/bin/sh
# Installs what is missing, builds reprise into build/, records a program whose output differs on
# every run, and replays it twice: the three outputs must agree. For Debian and Ubuntu.
set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# shellcheck source=scripts/packages.sh
. "$top/scripts/packages.sh"

# shellcheck disable=SC2086 # a list
install_packages $packages_to_build || say "going on with what is there"

say "== building into $top/build"
cmake -S "$top" -B "$top/build" -DREPRISE_WERROR=OFF >/dev/null
cmake --build "$top/build" --parallel "$(nproc)" --target reprise

reprise=$top/build/tools/reprise
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export REPRISE_TRACE_DIR="$work/traces"
program='date +%N; od -An -N8 -tx8 /dev/urandom; echo "process $$"'

say
say "== this program prints something else every time:"
say "   sh -c '$program'"
for run in 1 2; do
    say "run $run, not recorded:"
    sh -c "$program"
done

say
say "== reprise record -- sh -c ..."
"$reprise" record -- sh -c "$program" | tee "$work/recorded"
for run in 1 2; do
    say "== reprise replay"
    "$reprise" replay | tee "$work/replayed.$run"
done

say
if ! [ -s "$work/recorded" ]; then
    say "FAILED: nothing was recorded" >&2
    exit 1
fi
for run in 1 2; do
    if ! cmp "$work/recorded" "$work/replayed.$run"; then
        say "FAILED: replay $run differs from the recording" >&2
        exit 1
    fi
done
say "The recording and both replays agree."
say "Now try:  $reprise record -- PROGRAM ARGS...   and   $reprise replay"
