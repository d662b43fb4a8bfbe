#!/bin/bash
# clock_steps.sh LIBRARY PROGRAM ARGS...: records, replays and lists while the time of day jumps by
# years at each call. Only the name and the date of a trace may depend on it.
. "$(dirname "$0")/lib.sh"

library=$1
shift
record_options=()
export LD_PRELOAD=$library
record_and_replay "$@"
"$REPRISE" check "$work/trace.reprise" >"$work/check.out" 2>&1 || {
    show "check" "$work/check.out"
    fail "check fails when the clock jumps"
}
"$REPRISE" info "$work/trace.reprise" >"$work/info.out" 2>&1 || fail "info fails when the clock jumps"
