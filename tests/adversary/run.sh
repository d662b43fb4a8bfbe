#!/bin/bash
# run.sh BUILD_DIR WORK_DIR [OPTION...]: replays changed traces for as long as you like (adversary.c
# has the options). Traces that something was found with are kept in WORK_DIR/found; a second run
# with the same WORK_DIR begins with the same specimens.
#
#   tests/adversary/run.sh build /tmp/adversary --seed=7 --count=100000
set -eu
build=$(cd "$1" && pwd) work=$2
shift 2
export REPRISE=$build/tools/reprise TINY=$build/tests/tiny CRAFT=$build/tests/cli_craft
bash "$(dirname "$0")/specimens.sh" "$work"
mkdir -p "$work/found"
cd "$work"
exec nice -n 19 "$build/tests/adversary" --keep=found "$@" craft-* tiny-*
