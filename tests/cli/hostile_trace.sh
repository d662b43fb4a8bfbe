#!/bin/bash
# Traces that were made to do harm (craft.c): a replay executes no call of theirs, says that they are
# damaged, and leaves nothing behind.
. "$(dirname "$0")/lib.sh"
: "${CRAFT:?}" "${UNEMULATED:?}"

# _touches_nothing HOW: the replay ends by itself, and the directory that it should make is not there.
_touches_nothing() {
    "$CRAFT" "$1" t || fail "cannot make a trace"
    reprise replay t
    absent made
    err_is_prefixed
}

# _is_damaged HOW REGEX
_is_damaged() {
    _touches_nothing "$1"
    refused 125
    err_has "damaged trace: $2"
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

a_preemption_point_at_a_call_executes_no_call() {
    _touches_nothing point
    ok
    err_is ""
    local how
    for how in point-registers point-memory point-code; do
        for REPRISE_MACHINE in "" -breakpoints; do
            export REPRISE_MACHINE
            _touches_nothing $how
            refused 122
            err_has 'preempted at 0x400000 when recorded, but came to syscall 83'
        done
    done
}

no_event_writes_where_replay_keeps_its_own() {
    local how
    for how in poke frame call birth exit fetch trap; do
        _is_damaged $how 'event [0-9]+ of stream 1: .*0x2a0000000000.* replay'
    done
}

nothing_is_mapped_or_watched_where_replay_keeps_its_own() {
    _touches_nothing map
    refused 125
    err_has 'uses the address 0x2a0000000000 that replay needs'
    _is_damaged breakpoint 'event [0-9]+ of stream 1: .*0x2a0000000000.* replay'
}

the_code_of_the_replay_is_not_executed_for_a_trace() {
    _is_damaged code 'event [0-9]+ of stream 1: .*0x2a0000000000.* replay'
}

code_of_another_mode_is_not_executed() {
    local how
    for how in segment-exec segment-poke segment-signal; do
        _is_damaged $how 'event [0-9]+ of stream 1: .*64-bit'
    done
}

unknown_advice_is_not_given() {
    _is_damaged advice 'event [0-9]+ of stream 1: call 28 \(0x400000, 0x1000, 0x3, '
}

the_time_is_not_read_from_the_vsyscall_page() {
    grep -q vsyscall /proc/self/maps || skip "this kernel has no vsyscall page"
    _touches_nothing vsyscall
    refused 122
    err_has 'syscall 201 at 0xffffffffff600400 came'
}

a_point_that_meets_the_vsyscall_page_is_a_divergence() {
    grep -q vsyscall /proc/self/maps || skip "this kernel has no vsyscall page"
    _touches_nothing point-vsyscall
    refused 122
    err_has 'preempted at 0x400000 when recorded, but came to syscall 201'
}

without_emulation_the_sandbox_stops_each_call() {
    local how
    for how in good step point point-registers point-memory point-code poke frame call birth exit fetch trap breakpoint map code segment-exec \
        segment-poke segment-signal advice; do
        "$CRAFT" $how t || fail "cannot make a trace"
        run "$UNEMULATED" t
        expect "exited 1"
        absent made
        case $how in
        good | step | point* | call | birth) err_has 'event [0-9] of stream 1: .*call that its sandbox forbids' ;;
        esac
    done
}

behind_emulation_and_filter_landlock_keeps_files_out_of_reach() {
    machine_has landlock || skip "this kernel has no Landlock"
    "$CRAFT" step t || fail "cannot make a trace"
    UNFILTERED=1 REPRISE_MACHINE=-landlock run "$UNEMULATED" t
    exists made # so the call is made
    rmdir made
    UNFILTERED=1 run "$UNEMULATED" t
    absent made
}

# The child of the replay in which the file of `craft endless` is mapped.
_task_that_computes() {
    local pid
    for pid in $(ps -o pid= --ppid "$1"); do
        ! grep -qs '^00800000-00801000 ' "/proc/$pid/maps" || echo "$pid"
    done
}

no_descriptor_of_the_replay_is_in_a_task() {
    "$CRAFT" endless t || fail "cannot make a trace"
    "$REPRISE" replay t <t >out 2>err &
    local replay=$! task="" tries=0 fd
    while [ -z "$task" ] && [ $((tries++)) -lt 600 ]; do
        sleep 0.1
        task=$(_task_that_computes $replay)
    done
    [ -n "$task" ] || fail "there is no replayed task"
    for fd in "/proc/$task/fd/"*; do
        readlink "$fd"
    done | sed 's/[0-9]*\]$/]/; s/ (deleted)//' | sort >descriptors
    kill -9 $replay
    wait $replay 2>"$work/null" || true
    [ "$(cat descriptors)" = "/memfd:shared
socket:[]" ] || fail "it has $(cat descriptors)"
    tries=0
    while [ -e "/proc/$task" ] && [ $((tries++)) -lt 600 ]; do
        sleep 0.1
    done
    absent "/proc/$task"
}

# _has_no_rights PID
_has_no_rights() {
    local field
    for field in CapInh CapPrm CapEff CapAmb; do
        grep -q "^$field:[[:space:]]*0*$" "/proc/$1/status" || fail "$(grep "^$field:" "/proc/$1/status")"
    done
    grep -q '^NoNewPrivs:[[:space:]]*1$' "/proc/$1/status" || fail "it can gain rights"
    grep -qE '^Max core file size +[01] +[01] ' "/proc/$1/limits" || fail "it can dump core"
}

no_rights_are_left_in_a_replay() {
    local tries=0 task="" scope=/proc/sys/kernel/yama/ptrace_scope
    "$CRAFT" endless t || fail "cannot make a trace"
    "$REPRISE" replay t <t >out 2>err &
    local replay=$!
    while [ -z "$task" ] && [ $((tries++)) -lt 600 ]; do
        sleep 0.1
        task=$(_task_that_computes $replay)
    done
    [ -n "$task" ] || fail "there is no replayed task"
    trap 'kill -9 '$replay'; _clean_up' EXIT
    _has_no_rights "$task"
    grep -q '^Seccomp:[[:space:]]*2$' "/proc/$task/status" || fail "it has no filter"
    [ "$(cat $scope 2>/dev/null || echo 0)" -ge 2 ] || # then it needs one
        ! grep -q '^CapPrm:.*[1-9a-f]' "/proc/$replay/status" ||
        fail "the replay keeps $(grep '^CapPrm' "/proc/$replay/status")"
}

# Of the calls of the process itself, not of those that it tries the machine with.
rights_are_given_up_before_a_trace_is_read() {
    command -v strace >/dev/null || skip "strace is not installed"
    machine_has landlock || skip "this kernel has no Landlock"
    record_to t sh -c 'ls /; echo hello'
    local command before behind
    for command in replay info stat dump check "diff t"; do
        # shellcheck disable=SC2086 # words
        run strace -o calls -e trace=capset,landlock_restrict_self,open,openat,pread64 "$REPRISE" $command t
        ok
        before=$(sed -n '1,/^landlock_restrict_self(.*= 0$/p' calls)
        behind=$(sed '1,/^landlock_restrict_self(.*= 0$/d' calls)
        grep -q '^pread64(' <<<"$behind" || fail "$command: it reads the trace in another way"
        ! grep -q '^pread64(' <<<"$before" || fail "$command: it reads the trace first"
        grep -q '^capset(.*permitted=0,.*= 0$' <<<"$before" || fail "$command: it has capabilities left"
        ! grep -E '^open.*= [0-9]' <<<"$behind" | grep -vE '"/(proc|usr/lib/debug)/' >&2 || fail "$command opens files"
    done
}

where_no_sandbox_can_be_made_nothing_is_replayed() {
    run "$FORBID" ptrace true
    [ "$ended" != "exited 77" ] || skip "no filter can be set here"
    record_to t sh -c 'echo hello'
    run "$FORBID" seccomp "$REPRISE" replay t
    refused 125
    out_is ""
    err_has 'in a sandbox made by seccomp, which is not to be had here: Operation not permitted'
}

a_container_that_forbids_newer_calls_replays() {
    run "$FORBID" ptrace true
    [ "$ended" != "exited 77" ] || skip "no filter can be set here"
    record_to t sh -c 'ls / | sort; echo hello'
    cp out whole
    local call
    for call in close_range pidfd_getfd landlock capset; do
        run "$FORBID" $call "$REPRISE" replay t
        ok
        same out whole
    done
}

run_test "$@"
