#!/bin/bash
# Traces that were made to do harm (craft.c): a replay executes no call of theirs, says that they are
# damaged, and leaves nothing behind.
. "$(dirname "$0")/lib.sh"
: "${CRAFT:?}"

# _touches_nothing HOW: the replay ends by itself, and the directory that it should make is not there.
_touches_nothing() {
    "$CRAFT" "$1" t || fail "cannot make a trace"
    reprise replay t
    absent made
    err_is_prefixed
}

a_crafted_trace_without_malice_replays() {
    _touches_nothing good
    ok
    err_is ""
}

a_step_executes_no_call() {
    _touches_nothing step
    refused 122
    err_has 'a single step expected, but system call 83 came'
}

run_test "$@"
