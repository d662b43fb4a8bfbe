#!/bin/bash
# Traces that _cannot be read, or not to their end: a clear message from every command, never a
# crash and never a hang.
. "$(dirname "$0")/lib.sh"

# _unreadable FILE REGEX [STATUS_OF_CHECK]: no command can do anything with it.
_unreadable() {
    for command in replay info "info --json" check; do
        # shellcheck disable=SC2086 # words
        reprise $command "$1"
        if [ "$command" = check ]; then
            refused "${3:-1}"
        else
            refused 125
        fi
        err_has "$2"
        out_is ""
    done
}

# _survives FILE: whatever each command says, it ends by itself, in one of the documented ways.
_survives() {
    for command in replay info "info --json" check ls; do
        # shellcheck disable=SC2086 # words
        if [ "$command" = ls ]; then
            mkdir -p dir
            cp "$1" dir/t.reprise
            REPRISE_TRACE_DIR=$work/dir reprise ls
        else
            reprise $command "$1"
        fi
        err_is_prefixed
        case "$command: $ended" in
        "replay: exited 0" | "replay: exited 12"[235]) ;;
        "check: exited 0" | "check: exited 1") ;;
        "info"*": exited 0" | "info"*": exited 125" | "ls: exited 0") ;;
        *) fail "$command of $1 $ended" ;;
        esac
    done
}

a_missing_trace_is_named() {
    _unreadable nothing 'nothing.*No such file' 125
    _unreadable ./no/such/trace 'no/such/trace.*No such file' 125
}

an_empty_trace_is_an_error() {
    : >t
    _unreadable ./t 't is empty'
}

a_directory_is_no_trace() {
    mkdir t
    _unreadable ./t 't is a directory' 125
}

a_device_or_fifo_is_no_trace() {
    _unreadable /dev/null 'regular file' 125
    mkfifo t
    _unreadable ./t 'regular file' 125
}

another_file_is_no_trace() {
    echo 'some text' >t
    _unreadable ./t 'not a reprise trace'
    _unreadable "$REPRISE" 'not a reprise trace'
    head -c 100000 /dev/zero >t
    _unreadable ./t 'not a reprise trace'
}

a_trace_of_another_user_is_refused() {
    record_to t true
    mkdir nobody
    cp t nobody/t
    chmod 0 nobody/t
    as_nobody true
    chown 0:0 nobody/t
    run env -C nobody setpriv --reuid=65534 --regid=65534 --clear-groups bin/reprise replay ./t
    refused 125
    err_has 't: Permission denied'
}

a_trace_of_a_newer_format_asks_for_a_newer_reprise() {
    record_to t true
    "$ALTER" version t newer
    _unreadable ./newer 'format 99.*newer'
}

a_trace_that_needs_another_cpu_names_the_feature() {
    record_to t true
    "$ALTER" cpu t other
    reprise replay other
    refused 125
    err_has 'CPU lacks [a-z0-9_]+, which the recorded program was offered \(recorded .* on '
    err_has 'replays on a CPU that has it; a recording with --cpu=[a-z0-9-]+ replays here'
    reprise check other
    refused 1
    err_has 'CPU lacks [a-z0-9_]+'
    reprise info other
    ok
}

# The altered event diverges; the altered machine has another vendor and lacked something.
a_divergence_tells_how_the_machines_differ() {
    record_to t true
    "$ALTER" event t other
    reprise replay other
    expect "exited 122"
    err_lacks 'vendor'
    "$ALTER" machine other alien
    REPRISE_MACHINE=-userfaultfd reprise replay alien
    expect "exited 122"
    err_has '^reprise: recorded on a machine without tsc-trap, breakpoints; this one lacks .*userfaultfd.*; vendors differ \(OtherVendors family 25, .* family [0-9]+\)'
    reprise info --json alien
    ok
    [ "$(jq -r .cpu.vendor out)" = OtherVendors ] || fail "info tells another vendor"
}

# Its loops end by a timer's signal alone, which comes after the point.
a_preemption_point_that_never_comes_is_not_looked_for_for_ever() {
    record_to t "$PROGRAMS/timer_against_compute_loops"
    "$ALTER" points t other
    reprise replay --patience=2 other
    expect "exited 122"
    err_has 'preempted at 0x[0-9a-f]+ when recorded, but came to no end in [0-9]+ s of processor time'
    err_has 'other pages of memory|memory'
    reprise replay --patience=0 other
    expect "exited 125"
    err_has 'takes 1 to [0-9]+ seconds'
}

a_divergence_on_another_vendors_CPU_names_what_may_differ_there() {
    local program=vendors_compute_in_different_ways
    record_to t "$PROGRAMS/$program"
    "$ALTER" event t other
    reprise replay other
    expect "exited 122"
    err_lacks 'fsin'
    "$ALTER" machine t alien
    reprise replay alien
    ok
    "$ALTER" machine other alien
    reprise replay alien
    expect "exited 122"
    err_has 'vendors differ \(OtherVendors family 25, .*\); 10 places in the program.s code compute what differs between vendors: rsqrtps, rcpss, fsin, fcos \(in '$program'\)'
}

a_trace_cut_anywhere_replays_up_to_there() {
    reprise record -o t sh -c 'echo one; echo two; ls /; exit 7'
    expect "exited 7"
    cp out whole
    local size cut
    size=$(stat -c %s t)
    for cut in 1 7 31 32 33 79 80 200 1000 $((size / 8)) $((size / 4)) $((size / 2)) \
        $((size * 3 / 4)) $((size - 3000)) $((size - 1000)) $((size - 57)) $((size - 56)) \
        $((size - 1)); do
        head -c "$cut" t >cut
        _survives cut
        reprise replay cut
        cmp -s -n "$(stat -c %s out)" out whole || fail "output of a trace cut at $cut differs"
        [ "$ended" != "exited 122" ] || fail "a trace cut at $cut diverges"
        [ "$ended" != "exited 0" ] || fail "a trace cut at $cut replays as if it were whole"
    done
}

a_flipped_byte_is_found() {
    reprise record -o t sh -c 'echo one; ls /; exit 7'
    expect "exited 7"
    local size at i
    size=$(stat -c %s t)
    for i in 0 3 8 9 13 24 31 32 40 50 64 79 80 90 $(seq $((size / 17)) $((size / 17)) "$size") \
        $((size - 500)) $((size - 100)) $((size - 56)) $((size - 40)) $((size - 1)); do
        at=$((i < size ? i : size - 1))
        cp t flipped
        printf '%b' "\\x$(printf '%02x' $((0x$(xxd -s "$at" -l 1 -p t) ^ 0x55)))" |
            dd of=flipped bs=1 seek="$at" conv=notrunc status=none
        cmp -s t flipped && fail "nothing was flipped"
        _survives flipped
        reprise check flipped
        [ "$ended" = "exited 1" ] || [ "$at" -ge $((size - 2000)) ] ||
            fail "check does not find the byte flipped at $at of $size"
        reprise replay flipped
        [ "$ended" != "exited 122" ] || fail "flipped at $at: taken for a divergence"
    done
}

garbage_after_the_end_is_survived() {
    record_to t echo hello
    cp t longer
    head -c 5000 /dev/urandom >>longer
    _survives longer
    cat t t >twice
    _survives twice
}

a_trace_with_a_hole_is_survived() {
    record_to t echo hello
    local size
    size=$(stat -c %s t)
    cp t hole
    dd if=/dev/zero of=hole bs=1 seek=$((size / 3)) count=$((size / 3)) conv=notrunc status=none
    _survives hole
    reprise check hole
    refused 1
}

# _replays_as_what_it_is FILE: `whole` is what the program wrote.
_replays_as_what_it_is() {
    reprise check "$1"
    local checked=$ended
    reprise replay "$1"
    case $ended in
    "exited 0")
        [ "$checked" = "exited 0" ] || fail "check of $1 $checked, yet it replays as a success"
        same out whole
        ;;
    "exited 123" | "exited 125")
        err_is_prefixed
        err_has 'damaged|is not a reprise trace|ends before|lacks|event'
        ;;
    *) fail "replay of $1 $ended" ;;
    esac
}

# _splice HOW WHAT N...: chunks N... of t, in that order.
_splice() {
    "$SPLICE" t spliced "$1" "${@:3}"
    _replays_as_what_it_is spliced
    [ "$1" = index ] || [ "$ended" != "exited 0" ] || fail "$2 and left as it is: a success"
}

a_spliced_trace_never_replays_as_a_success() {
    record_to t sh -c 'echo one; (echo two; ls /); { echo three; sleep 0.01; } & wait; echo four'
    cp out whole
    local all last i how
    mapfile -t all < <("$SPLICE" t - raw | awk '{ print NR - 1 }')
    last=$((${#all[@]} - 1))
    [ "$last" -ge 10 ] || fail "the trace has only $last chunks"
    "$SPLICE" t same raw "${all[@]}"
    same same t
    for how in raw index; do
        for i in "${all[@]}"; do
            _splice $how "chunk $i of $last cut out" "${all[@]:0:i}" "${all[@]:i+1}"
            _splice $how "chunk $i of $last doubled" "${all[@]:0:i}" "$i" "${all[@]:i}"
            [ "$i" -ge "$last" ] || _splice $how "chunk $i of $last swapped with the next" \
                "${all[@]:0:i}" $((i + 1)) "$i" "${all[@]:i+2}"
        done
    done
}

two_traces_in_one_never_replay_as_a_success() {
    record_to u sh -c 'echo five; ls /; echo six'
    record_to t sh -c 'echo one; (echo two; ls /); echo three'
    cp out whole
    local n i
    n=$("$SPLICE" t - raw | wc -l)
    for i in $(seq 1 $((n - 1))); do
        # shellcheck disable=SC2046 # words
        "$SPLICE" t head raw $(seq 0 $((i - 1)))
        # shellcheck disable=SC2046 # words
        "$SPLICE" t tail raw $(seq "$i" $((n - 1)))
        { cat head && tail -c +33 u; } >both
        _replays_as_what_it_is both
        [ "$ended" != "exited 0" ] || fail "$i chunks and another trace: a success"
        { cat u && tail -c +33 tail; } >both
        _replays_as_what_it_is both
        [ "$ended" != "exited 0" ] || fail "a trace and the last chunks from $i of another: a success"
    done
}

# Each event of a process's own is lost with its last chunk; the index agrees.
what_a_damaged_trace_has_lost_is_told() {
    record_to t sh -c 'echo one; (echo two); echo three'
    local kinds events
    mapfile -t kinds < <("$SPLICE" t - raw)
    for events in "${!kinds[@]}"; do
        [ "${kinds[events]}" != 2 ] || break
    done
    local last=$((${#kinds[@]} - 1))
    # shellcheck disable=SC2046 # words
    "$SPLICE" t cut index $(seq 0 $((events - 1))) $(seq $((events + 1)) "$last")
    reprise replay cut
    refused 125
    err_has 'events were replayed, up to [0-9.]+ s of the recording; [0-9]+ events are lost'
    reprise check cut
    refused 1
    err_has 'holds [0-9]+ of the [0-9]+ events that were recorded'
}

# Numbers of kinds of chunks (format/chunk.h).
blob=3 name=4 index=6 end=7

a_doubled_chunk_is_damage_whatever_the_index_says() {
    record_to t sh -c 'echo one; (echo two; ls /); echo three'
    local kinds all i doubled=0
    mapfile -t kinds < <("$SPLICE" t - raw)
    mapfile -t all < <(seq 0 $((${#kinds[@]} - 1)))
    for i in "${all[@]}"; do
        case ${kinds[i]} in
        "$index" | "$end") continue ;; # made anew
        "$name") continue ;;           # may occur twice (doc/FORMAT.md)
        esac
        "$SPLICE" t twice index "${all[@]:0:i}" "$i" "${all[@]:i}"
        reprise check twice
        [ "$ended" = "exited 1" ] || fail "check of chunk $i, kind ${kinds[i]}, doubled $ended"
        reprise replay twice
        [ "$ended" = "exited 125" ] || fail "replay of chunk $i, kind ${kinds[i]}, doubled $ended"
        err_has damaged
        doubled=$((doubled + 1))
    done
    [ "$doubled" -ge 5 ] || fail "the trace has only $doubled chunks"
}

# _reads HOW: what each command makes of the file spliced, in which something was changed. `told`: it
# is damage to all of them; `seen`: to those that would show something else than of t.
_reads() {
    local command
    for command in info "stat --json" dump "dump --json" "export --perfetto=shown"; do
        rm -f shown
        # shellcheck disable=SC2086 # words
        reprise $command spliced
        if [ "$1" = told ] || [ "$ended" != "exited 0" ]; then
            refused 125
            err_has 'damaged'
        else
            case $command in
            dump*) same out "${command/ /}" ;;
            stat*) [ "$(jq -c .events out)" = "$(jq -c .events stat)" ] || fail "stat tells another number" ;;
            export*) same shown export ;;
            esac
        fi
    done
    reprise diff t spliced
    if [ "$1" = told ] || [ "$ended" != "exited 0" ]; then
        refused 2
        err_has 'damaged'
    fi
}

damage_is_told_by_all_that_read_a_trace() {
    command -v jq >/dev/null || skip "there is no jq"
    record_to t sh -c 'echo one; (echo two); echo three'
    local kinds all i last kind
    mapfile -t kinds < <("$SPLICE" t - raw)
    mapfile -t all < <(seq 0 $((${#kinds[@]} - 1)))
    last=$((${#kinds[@]} - 1))
    "$REPRISE" dump t >dump
    "$REPRISE" dump --json t >dump--json
    "$REPRISE" stat --json t >stat
    "$REPRISE" export --perfetto=export t >null 2>&1
    for kind in 1 2 3 4 5 6; do # of each the first one
        for i in "${all[@]}"; do
            [ "${kinds[i]}" != $kind ] || break
        done
        "$SPLICE" t spliced raw "${all[@]:0:i}" "${all[@]:i+1}"
        _reads told
        "$SPLICE" t spliced raw "${all[@]:0:i}" "$i" "${all[@]:i}"
        _reads told
        "$SPLICE" t spliced index "${all[@]:0:i}" "${all[@]:i+1}"
        _reads seen
        "$SPLICE" t spliced index "${all[@]:0:i}" "$i" "${all[@]:i}"
        _reads seen
    done
    [ "$last" -ge 8 ] || fail "the trace has only $last chunks"
}

a_blob_that_is_missing_is_told_with_what_is_lost() {
    record_to t sh -c 'echo one; (echo two; ls /); echo three'
    local kinds kept=() i
    mapfile -t kinds < <("$SPLICE" t - raw)
    for i in "${!kinds[@]}"; do
        case ${kinds[i]} in
        "$blob" | "$name") ;;
        *) kept+=("$i") ;;
        esac
    done
    "$SPLICE" t without index "${kept[@]}"
    reprise replay without
    refused 125
    err_has 'is damaged: it lacks a blob that an event names'
    err_has '[0-9]+ events were replayed, up to [0-9.]+ s of the recording; [0-9]+ events are lost'
}

run_test "$@"
