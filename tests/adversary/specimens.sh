#!/bin/bash
# specimens.sh DIR: records the tiny program and makes traces by hand, below DIR: what adversary
# begins with. Each is recorded on this machine as it is, and as one that can do little. Needs
# REPRISE, TINY and CRAFT in the environment.
set -eu
: "${REPRISE:?}" "${TINY:?}" "${CRAFT:?}"
mkdir -p "$1"
cd "$1"
for what in calls fork exec threads points signals traps memory shared traced; do
    for less in "" -all; do
        trace=tiny-$what$less
        [ ! -e "$trace" ] || continue
        REPRISE_MACHINE=$less "$REPRISE" record -o "$trace" -- "$TINY" $what >/dev/null
    done
done
for how in good ops step call trap vsyscall; do
    [ -e craft-$how ] || "$CRAFT" $how craft-$how
done
