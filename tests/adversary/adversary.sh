#!/bin/bash
# The adversary, bounded; and that it sees what it is to see, with replays that were weakened.
. "$(dirname "$0")/../cli/lib.sh"
: "${ADVERSARY:?}" "${TINY:?}" "${CRAFT:?}"

# _attack OPTIONS AND TRACES...: a run of the adversary.
_attack() {
    [ -x "$ADVERSARY" ] || fail "there is no adversary"
    run "$ADVERSARY" "$@"
}

# _sees REGEX OPTIONS AND TRACE...: something is found.
_sees() {
    local regex=$1
    shift
    _attack --as-is --limit=200 "$@"
    [ "$ended" = "exited 1" ] || fail "$*: it $ended, and should have found something"
    grep -aqE "FOUND.*$regex" out err || fail "$*: it found something else than '$regex'"
}

_craft() {
    local how
    for how in "$@"; do
        "$CRAFT" "$how" "$how" || fail "cannot make a trace"
    done
}

_needs_watched_calls() {
    _craft good
    _attack --as-is good
    ! grep -q 'calls are not watched' out || skip "$(cat out)"
}

_needs_root_of_its_own() {
    _craft good
    _attack --as-is good
    ! grep -q 'files outside of a directory are not watched' out || skip "$(cat out)"
}

changed_traces_touch_nothing() {
    bash "$(dirname "${BASH_SOURCE[0]}")/specimens.sh" specimens
    _attack --seed="${SEED:-$RANDOM}" --count=100000 --seconds="${SECONDS_OF_ATTACK:-15}" specimens/*
    cat out
    ok
}

changed_traces_touch_nothing_without_emulation() {
    bash "$(dirname "${BASH_SOURCE[0]}")/specimens.sh" specimens
    _attack --without=emulation --seed="${SEED:-$RANDOM}" --count=100000 \
        --seconds="${SECONDS_OF_ATTACK:-7}" specimens/*
    cat out
    ok
}

changed_traces_are_read() {
    bash "$(dirname "${BASH_SOURCE[0]}")/specimens.sh" specimens
    _attack --read --seed="${SEED:-$RANDOM}" --count=100000000 \
        --seconds="${SECONDS_OF_ATTACK:-7}" specimens/*
    cat out
    ok
}

specimens_replay_as_they_are() {
    bash "$(dirname "${BASH_SOURCE[0]}")/specimens.sh" specimens
    _attack --as-is specimens/tiny-* specimens/craft-good specimens/craft-ops
    ok
    out_has ': ([0-9]+) to their end, 0 torn, 0 diverged, 0 damaged, 0 refused'
}

traces_that_were_made_by_hand_touch_nothing() {
    local how
    for how in good ops outlive step poke frame call birth exit fetch trap breakpoint map code \
        segment-exec segment-poke segment-signal advice vsyscall; do
        _craft $how
        _attack --as-is $how
        ok
        _attack --as-is --without=emulation $how
        ok
        _attack --as-is --without=sandbox $how
        ok
    done
}

a_call_that_is_carried_out_is_seen() {
    _needs_watched_calls
    _craft step call birth
    _sees 'call 83 ' --without=emulation,sandbox step
    _sees 'call 39 ' --without=emulation,sandbox call
    _sees 'call 57 ' --without=emulation,sandbox birth
}

a_file_that_is_made_is_seen() {
    _craft step
    # Landlock stands behind the sandbox, where it is.
    REPRISE_MACHINE=-landlock _sees 'the file made was made' --without=emulation,sandbox --blind step
}

a_process_that_stays_is_seen() {
    _needs_root_of_its_own # to be let run for some seconds
    _craft outlive
    _sees 'processes are left' --without=emulation,sandbox --blind outlive
    _needs_watched_calls
    _sees 'call 56 ' --without=emulation,sandbox outlive
}

a_call_of_the_replayer_that_it_has_no_need_of_is_seen() {
    _needs_watched_calls
    _sees 'the replayer dies by signal 31' --without=manners good
}

a_replayer_that_crashes_is_seen() {
    _craft good
    _sees 'the replayer dies by signal 4' --without=life good
}

a_replay_that_hangs_is_seen() {
    _craft good
    _sees 'nobody runs' --without=waking good
}

memory_and_processes_are_counted() {
    _craft endless
    _sees 'more memory than it may' --memory=0 endless
    _sees 'more processes than it may' --tasks=0 endless
}

a_trace_that_computes_is_ended() {
    _craft endless
    _attack --as-is --limit=200 endless
    ok
    out_has '1 ended as they compute on'
}

a_trial_is_made_again_by_its_number() {
    bash "$(dirname "${BASH_SOURCE[0]}")/specimens.sh" specimens
    _attack --show --seed=3 --from=10 --count=6 specimens/*
    grep -aE '^[a-zA-Z]+ 13 ' out >first || fail "there is no trial 13"
    _attack --show --seed=3 --from=13 --count=1 specimens/*
    grep -aE '^[a-zA-Z]+ 13 ' out >again || fail "there is no trial 13"
    same first again
}

run_test "$@"
