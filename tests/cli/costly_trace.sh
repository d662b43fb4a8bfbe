#!/bin/bash
# Small traces whose replay would take as much of the machine as there is (costly.c): it keeps within its
# budgets, and says which one is used up. Nothing of this depends on time: the budgets are small,
# and what is asked for is beyond any machine.
. "$(dirname "$0")/lib.sh"
: "${COSTLY:?}"

# _make HOW: the trace t, which is small.
_make() {
    "$COSTLY" "$1" t || fail "cannot make a trace"
    [ "$(stat -c %s t)" -le 1100000 ] || fail "the trace is large by itself"
}

# _is_stopped WORDS OPTION: the message of the last replay names the event, the budget and the option.
_is_stopped() {
    refused 125
    err_has "^reprise: event [0-9]+ of stream 1: the replay was stopped, since it would $1; .*replay --$2 allows more"
}

# _is_kept_within_memory HOW: no process of it got far beyond the budget of 64 MiB.
_is_kept_within_memory() {
    _make "$1"
    reprise replay --memory=64M t
    _is_stopped 'take more than 64 MiB of memory' memory=SIZE
    local peak
    peak=$(sed -n 2p "$work/report")
    [ "$peak" -lt 1048576 ] || fail "it has taken $peak KiB"
}

memory_that_the_program_touches_has_a_bound() {
    local how
    for how in touch-private touch-nameless touch-object touch-moved; do
        _is_kept_within_memory $how
    done
}

page_tables_have_a_bound() {
    _is_kept_within_memory read-far
}

zeros_that_are_written_have_a_bound() {
    local how
    for how in zeros-to-task zeros-to-task-by-parts zeros-to-object; do
        _is_kept_within_memory $how
    done
}

mapped_files_have_a_bound_as_they_inflate() {
    _is_kept_within_memory blob
    _is_kept_within_memory blobs
}

# What was closed is mapped all the same.
mapped_files_have_a_bound_where_few_can_be_open() {
    _make blobs
    run bash -c 'ulimit -n 24 && exec "$0" replay --memory=256M t' "$REPRISE"
    _is_stopped 'take more than 256 MiB of memory' memory=SIZE
}

shared_memory_in_no_page_table_has_a_bound() {
    local how
    for how in hidden-by-advice hidden-by-mappings hidden-by-exits; do
        _make $how
        reprise replay --memory=256M t # it wants a gigabyte
        _is_stopped 'take more than 256 MiB of memory' memory=SIZE
    done
}

shared_memory_that_is_gone_does_not_count() {
    _make shared-in-turn
    reprise replay --memory=256M t
    ok
    err_is ""
}

what_is_handed_to_a_call_has_a_bound() {
    _is_kept_within_memory hashed
}

what_the_kernel_keeps_of_mappings_has_a_bound() {
    _is_kept_within_memory mappings
}

tasks_have_a_bound() {
    local how
    for how in forks unborn first-tasks; do
        _make $how
        reprise replay --tasks=40 t
        _is_stopped 'have more than 40 tasks at the same time' tasks=NUMBER
    done
}

tasks_have_a_bound_unless_told() {
    _make first-tasks
    run bash -c 'ulimit -u 4000 && exec "$0" replay t' "$REPRISE"
    _is_stopped 'have more than 2000 tasks at the same time' tasks=NUMBER
}

output_has_a_bound() {
    _make output
    reprise replay --output=3000000 t
    _is_stopped 'show more than 2929 KiB of the program.s output' output=SIZE
    [ "$(stat -c %s out)" = 3000000 ] || fail "$(stat -c %s out) bytes were shown"
    reprise replay -q --output=1K t # nothing is shown
    err_lacks 'the replay was stopped'
}

a_program_that_reserves_terabytes_replays_in_little_memory() {
    _make reserve
    reprise replay --memory=64M t
    ok
    err_is ""
}

memory_that_forks_share_counts_once() {
    _make shared-by-forks
    reprise replay --memory=256M t # 101 processes that have 32 MiB
    ok
    err_is ""
}

files_that_are_no_longer_mapped_do_not_count() {
    _make blobs-in-turn
    local n
    for n in 24 1000; do # closed and open
        run bash -c 'ulimit -n $1 && exec "$0" replay --memory=128M t' "$REPRISE" $n
        ok
        err_is ""
    done
}

a_stack_grows_in_few_steps() {
    _make stack
    reprise replay --stats t
    ok
    local calls
    calls=$(sed -n 's/.*, \([0-9]*\) executed$/\1/p' "$work/err")
    [ "$calls" -lt 100 ] || fail "$calls calls were executed"
}

a_program_that_comes_to_no_event_is_given_up() {
    _make endless
    reprise replay --patience=1 t
    refused 122
    err_has 'without coming to its next event, .*--patience=SECONDS'
}

without_proc_memory_has_a_bound() {
    local how root=$work/root
    mkdir "$root"
    cp "$REPRISE" "$root/reprise"
    chroot "$root" /reprise --version >/dev/null 2>&1 || skip "there can be no other root here"
    for how in touch-private touch-object zeros-to-task; do
        _make $how
        cp t "$root/t"
        run chroot "$root" /reprise replay --memory=64M /t
        _is_stopped 'take more than 64 MiB of memory .*' memory=SIZE
    done
}

# What is made of a trace is bounded as a whole: it does not matter by what it is used up.
what_reading_takes_has_a_bound() {
    _make long-names # more than a gigabyte
    local command
    for command in stat "export --html page" "diff t"; do
        run bash -c 'ulimit -d 400000 && exec "$@"' - "$REPRISE" $command t
        expect "exited $([ "$command" = "diff t" ] && echo 2 || echo 125)"
        err_is_prefixed
        err_has 'memory'
    done
}

what_reading_takes_has_a_bound_unless_told() {
    _make long-names
    mkfifo fifo
    "$REPRISE" dump --json t >fifo 2>err &
    local reader=$! tries=0 most
    exec 3<fifo # which is not read: it waits
    while [ $((tries++)) -lt 600 ]; do
        most=$(sed -n 's/^Max data size *\([0-9]*\) .*/\1/p' "/proc/$reader/limits")
        [ -z "$most" ] || break
        sleep 0.1
    done
    kill "$reader"
    exec 3<&-
    [ -n "$most" ] || fail "it may take any amount of memory"
    local available=$(($(sed -n 's/^MemTotal: *\([0-9]*\) .*/\1/p' /proc/meminfo) * 1024))
    [ "$most" -lt "$available" ] || fail "it may take $most bytes"
}

sizes_are_checked() {
    local bad
    for bad in "" 0 -1 1X 1KB 1.5G 99999999999T; do
        reprise replay --memory="$bad" t
        refused 125
        err_has '^reprise: --memory takes a number of bytes'
    done
    for bad in "" 0 -1 x 5000000; do
        reprise replay --tasks="$bad" t
        refused 125
        err_has '^reprise: --tasks takes a number from 1 to 4194304'
    done
}

budgets_that_suffice_change_nothing() {
    record_to t sh -c "$random_output"
    cp out whole
    reprise replay --memory=1T --output=1k --tasks=100 t
    ok
    same out whole
}

run_test "$@"
