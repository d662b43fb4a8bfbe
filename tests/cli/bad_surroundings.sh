#!/bin/bash
# What happens around a recording: full disks, limits, signals to the recorder. The program must not
# suffer, and what was recorded must replay.
. "$(dirname "$0")/lib.sh"

# Prints numbered lines for a while, each with random bytes so that the trace _cannot be small.
chatter='i=0; while [ $i -lt 3000 ]; do echo line $i; head -c 2000 /dev/urandom >/dev/null
    i=$((i+1)); done; echo the end; exit 5'

# _is_beginning FILE WHOLE
_is_beginning() {
    cmp -n "$(stat -c %s "$1")" "$1" "$2" >&2 || fail "$1 is not a beginning of $2"
}

_torn_trace_replays() {
    reprise check "$1"
    ok
    out_has 'torn|ends before'
    reprise info "$1"
    ok
    reprise replay "$1"
    expect "exited 123"
    err_is_prefixed
}

a_full_disk_ends_the_recording_and_not_the_program() {
    export chatter
    in_mount_namespace 'mkdir full && mount -t tmpfs -o size=2m none full || exit 77
        "$REPRISE" record -o full/t -- sh -c "$chatter" >whole 2>warnings
        echo $? >status
        cp full/t t'
    [ "$ended" != "exited 77" ] || skip "no tmpfs can be mounted"
    ok
    [ "$(cat status)" = 5 ] || fail "the program ended with $(cat status): $(cat warnings)"
    [ "$(tail -n 1 whole)" = "the end" ] || fail "the program did not come to its end"
    [ "$(wc -l <whole)" = 3001 ] || fail "the program lost output"
    cp warnings err
    err_has '^reprise: warning: .*No space left'
    err_is_prefixed
    _torn_trace_replays t
    _is_beginning out whole
}

a_disk_full_from_the_start_is_an_error() {
    in_mount_namespace 'mkdir full && mount -t tmpfs -o size=4k none full || exit 77
        head -c 100000 /dev/zero >full/ballast 2>/dev/null
        exec "$REPRISE" record -o full/t -- echo hello'
    [ "$ended" != "exited 77" ] || skip "no tmpfs can be mounted"
    err_is_prefixed
    [ "$ended" = "exited 125" ] || [ "$ended" = "exited 0" ] || fail "it $ended"
    err_has 'No space left'
}

a_read_only_directory_is_an_error() {
    in_mount_namespace 'mkdir ro && mount --bind ro ro && mount -o remount,bind,ro ro || exit 77
        exec "$REPRISE" record -o ro/t -- echo hello'
    [ "$ended" != "exited 77" ] || skip "no read-only mount can be made"
    refused 125
    err_has 'ro/t.*Read-only'
    out_is ""
    in_mount_namespace 'mkdir -p ro && mount --bind ro ro && mount -o remount,bind,ro ro || exit 77
        REPRISE_TRACE_DIR=$PWD/ro/traces exec "$REPRISE" record -- echo hello'
    refused 125
    err_has 'Read-only'
    mkdir ro/traces
    in_mount_namespace 'mount --bind ro ro && mount -o remount,bind,ro ro || exit 77
        REPRISE_TRACE_DIR=$PWD/ro/traces exec "$REPRISE" record -- echo hello'
    refused 125
    err_has 'Read-only'
}

# _begin_recording PROGRAM...: in the background, into t; $recorder is its pid. Waits for "begun".
_begin_recording() {
    : >out
    "$REPRISE" record -o t --force -- "$@" >out 2>err </dev/null &
    recorder=$!
    local n=0
    until grep -q begun out; do
        sleep 0.05
        n=$((n + 1))
        [ $n -lt 200 ] || fail "the recording does not begin"
    done
}

# _end_recording: $status is how it ended, as the shell tells.
_end_recording() {
    status=0
    local n=0
    while kill -0 "$recorder" 2>/dev/null && [ "$(ps -o stat= -p "$recorder" | cut -c 1)" != Z ]; do
        sleep 0.1
        n=$((n + 1))
        [ $n -lt 200 ] || fail "the recorder does not end"
    done
    { wait "$recorder" || status=$?; } 2>/dev/null
}

a_killed_recorder_leaves_a_trace_up_to_its_last_flush() {
    _begin_recording sh -c 'echo begun; i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done'
    sleep 2.6
    kill -KILL "$recorder"
    _end_recording
    [ "$status" = 137 ] || fail "the recorder ended with $status"
    cp out whole
    _torn_trace_replays t
    _is_beginning out whole
    [ "$(wc -l <out)" -ge 10 ] || fail "more than a second is lost: $(wc -l <out) lines"
}

a_killed_recorder_leaves_no_program_behind() {
    _begin_recording sh -c 'echo $$ begun; exec sleep 300'
    local pid
    pid=$(cut -d ' ' -f 1 out)
    kill -KILL "$recorder"
    _end_recording
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        case $(ps -o stat= -p "$pid") in
        '' | Z*) return 0 ;; # gone, or only waiting for init
        esac
        sleep 0.1
    done
    kill -KILL "$pid"
    fail "the program lives on"
}

# _survivors: processes made from $work/$killed, which is a name of their own: what a replayed task
# was called with is gone with its memory, but not its name.
_survivors() {
    ps -eo pid=,stat=,comm= | awk -v name="$killed" '$3 == name && $2 !~ /^Z/ { print $1 }'
}

# _killed_early COMMAND ARGS...: killed at many moments of its first 60 ms, it leaves nothing.
_killed_early() {
    local i pid left
    killed=rp$$
    cp "$REPRISE" "$killed"
    for i in $(seq 1 120); do
        "./$killed" "$@" </dev/null >/dev/null 2>&1 &
        pid=$!
        sleep "0.0$(printf %02d $((i / 2)))"
        kill -KILL "$pid" 2>/dev/null || true
        { wait "$pid" || true; } 2>/dev/null
    done
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        left=$(_survivors)
        [ -n "$left" ] || return 0
        sleep 0.1
    done
    # shellcheck disable=SC2086 # pids
    kill -KILL $left
    fail "these live on: $left"
}

a_replay_killed_as_it_begins_leaves_no_process_behind() {
    record_to t sh -c 'echo begun; sleep 0.01'
    _killed_early replay t
}

a_recording_killed_as_it_begins_leaves_no_process_behind() {
    _killed_early record -o t --force true
}

signals_to_the_recorder_reach_the_program() {
    local signal
    for signal in TERM INT HUP QUIT; do
        _begin_recording perl -e '$| = 1; $SIG{$ARGV[0]} = sub { print "got $ARGV[0]\n"; exit 6 };
            print "begun\n"; sleep 1 while 1' $signal
        kill -$signal "$recorder"
        _end_recording
        [ "$status" = 6 ] || fail "SIG$signal: the recorder ended with $status"
        grep -q "got $signal" out || fail "SIG$signal did not reach the program"
        err_is ""
        cp out whole
        reprise replay t
        expect "exited 6"
        same out whole
    done
}

a_program_killed_by_a_signal_to_the_recorder_ends_the_recording() {
    local signal
    for signal in TERM HUP; do
        _begin_recording sh -c 'echo begun; exec sleep 300'
        kill -$signal "$recorder"
        _end_recording
        [ "$status" = $((128 + $(kill -l $signal))) ] || fail "the recorder ended with $status"
        reprise check t
        ok
        out_has whole
        reprise replay t
        expect "killed $(kill -l $signal)"
        out_is begun
    done
}

the_third_signal_ends_the_recording_and_not_the_program() {
    _begin_recording sh -c 'trap "" TERM; echo begun; until [ -e go ]; do sleep 0.1; done; : >went'
    for _ in 1 2 3; do
        kill -0 "$recorder" || fail "the recorder ended before the third signal"
        kill -TERM "$recorder"
        sleep 0.3
    done
    : >go
    _end_recording
    err_has 'interrupted'
    for _ in $(seq 50); do
        [ ! -e went ] || break
        sleep 0.1
    done
    exists went
    _torn_trace_replays t
    out_is begun
}

one_signal_that_ends_the_program_does_not_end_the_recording_of_the_rest() {
    for _ in $(seq 25); do
        _begin_recording sh -c '(sleep 0.1; echo late) & echo begun; exec sleep 300'
        kill -TERM "$recorder"
        _end_recording
        [ "$status" = 143 ] || fail "the recorder ended with $status"
        err_is ""
        out_has late
    done
    reprise replay t
    expect "killed 15"
    out_has late
}

a_trace_that_is_taken_away_meanwhile_is_told() {
    local how message
    for how in "rm t" "mv t moved" "truncate -s 1000 t" "truncate -s +1000 t"; do
        case $how in
        rm*) message='trace t was deleted while it was written' ;;
        mv*) message='trace t is there no more: it was moved away' ;;
        *) message='somebody else has cut or lengthened the trace' ;;
        esac
        reprise record -o t --force sh -c "echo one; sleep 1; $how; echo two; exit 3"
        expect "exited 3"
        err_has "^reprise: warning: .*$message"
        out_is "one
two"
        [ ! -e t ] || reprise replay t
        [ "$ended" != "exited 3" ] || [ ! -e t ] || fail "what is left after '$how' replays as a whole"
    done
    reprise replay moved
    expect "exited 3"
}

# The new trace has a name when its program runs, and not before.
force_leaves_nothing_but_traces_whenever_it_is_killed() {
    local i pid
    for i in $(seq 1 60); do
        echo old >t
        "$REPRISE" record -o t --force true </dev/null >/dev/null 2>&1 &
        pid=$!
        sleep "0.0$(printf %02d $((i / 2)))"
        kill -KILL "$pid" 2>/dev/null || true
        { wait "$pid" || true; } 2>/dev/null
        [ -z "$(ls | grep tmp)" ] || fail "killed after $((i / 2)) ms it leaves $(ls | grep tmp)"
        exists t
    done
}

# _limited LIMITS COMMAND...: runs it with ulimit options.
_limited() {
    local limits=$1
    shift
    run bash -c "ulimit $limits"' && exec "$@"' - "$@"
}

# Either the recording works, or it says why it _cannot and leaves nothing.
_works_or_says_why() {
    err_is_prefixed
    case $ended in
    "exited 0")
        cp out whole
        reprise replay t
        ok
        same out whole
        ;;
    "exited 125")
        [ -s err ] || fail "no message"
        absent t
        ;;
    *) fail "it $ended" ;;
    esac
    rm -f t
}

few_files_work_or_are_an_error() {
    local n
    for n in 4 6 8 10 12 16 20; do
        _limited "-n $n" "$REPRISE" record -o t -- sh -c "$random_output"
        _works_or_says_why
    done
    _limited "-n 20" "$REPRISE" record -o t -- sh -c "ulimit -n; $random_output"
    ok
    [ "$(head -n 1 out)" = 20 ] || fail "the program sees another limit"
}

# _replays_with_few_files FLAGS LIMITS...: a program that maps 40 files, each by a descriptor.
_replays_with_few_files() {
    local limits n flags=$1 files=()
    command -v python3 >/dev/null || skip "python3 is not installed"
    for n in $(seq 40); do
        cp "$(type -P true)" "file$n"
        files+=("file$n")
    done
    record_to t python3 -c "import mmap, os, sys
maps = [mmap.mmap(os.open(f, os.O_RDONLY), 0, mmap.$flags, mmap.PROT_READ) for f in sys.argv[1:]]
print(sum(m[1] for m in maps))" "${files[@]}"
    cp out whole
    shift
    for limits in "$@"; do
        _limited "$limits" "$REPRISE" replay t
        ok
        same out whole
    done
}

a_replay_needs_few_files() {
    _replays_with_few_files MAP_PRIVATE "-n 20" "-n 30" "-Sn 20"
    _replays_with_few_files MAP_SHARED "-Sn 20" # each is kept open: its content may change
    _limited "-n 20" "$REPRISE" replay t
    refused 125
    err_has 'Too many open files.*ulimit -n'
}

# A container's filter refuses calls before any filter of the recorder's could make them stop.
calls_that_a_filter_around_the_recorder_refuses_are_recorded() {
    run "$FORBID" getppid true
    [ "$ended" != "exited 77" ] || skip "no seccomp filter can be set: $(cat err)"
    local how program='print getppid(), "\n" for 1 .. 3' errors
    for how in getppid getppid-traced; do
        run "$FORBID" "$how" perl -e "$program"
        ok
        errors=$(cat out)
        [ "${errors:0:1}" = - ] || fail "the filter refuses nothing"
        run "$FORBID" "$how" "$REPRISE" record -o t --force -- perl -e "$program"
        ok
        out_is "$errors"
        reprise replay t
        ok
        out_is "$errors"
    done
}

little_address_space_works_or_is_an_error() {
    local kib
    for kib in 5000 10000 20000 50000 100000 300000 1000000; do
        _limited "-v $kib" true
        [ "$ended" = "exited 0" ] || continue
        _limited "-v $kib" "$REPRISE" --version
        [ "$ended" = "exited 0" ] || continue # the kernel could not even start it
        _limited "-v $kib" "$REPRISE" record -o t -- true
        _works_or_says_why
    done
}

a_file_size_limit_ends_the_recording_and_not_the_program() {
    _limited "-f 1500" "$REPRISE" record -o t -- sh -c "$chatter"
    expect "exited 5"
    [ "$(tail -n 1 out)" = "the end" ] || fail "the program did not come to its end"
    err_has '^reprise: warning: .*[Ff]ile too large'
    err_is_prefixed
    cp out whole
    _torn_trace_replays t
    _is_beginning out whole
}

processes_in_mid_call_outlive_the_recording() {
    local i
    for i in 1 2 3; do
        rm -f t
        _limited "-f 1800" "$REPRISE" record -o t -- "$PAIRS"
        ok
        out_is "8 of 8 came to their end"
        err_has 'unrecorded'
    done
}

# _goes_on_past_limits FROM STEP TO MODE...: whatever the size of the trace at which it ends.
_goes_on_past_limits() {
    local kib from=$1 step=$2 to=$3
    shift 3
    for kib in $(seq "$from" "$step" "$to"); do
        rm -f t
        _limited "-f $kib" "$REPRISE" record -o t -- "$ASLEEP" "$@"
        ok
        out_is "the end"
        err_has 'unrecorded'
    done
}

a_vfork_outlives_the_recording() {
    _goes_on_past_limits 2000 500 4000 vfork
}

threads_that_exec_outlive_the_recording() {
    _goes_on_past_limits 1500 50 3000 exec 12
}

a_stopped_process_is_still_so_after_the_recording() {
    _goes_on_past_limits 2000 1000 4000 stopped
}

calls_that_wait_outlive_the_recording() {
    _goes_on_past_limits 2000 1000 5000 calls
}

signals_that_are_on_their_way_outlive_the_recording() {
    _goes_on_past_limits 2000 250 4000 signals
}

# _goes_on_whatever MACHINE PROGRAM: recordings that end at any size of the trace.
_goes_on_whatever() {
    local kib
    export REPRISE_MACHINE=$1
    for kib in $(seq 900 300 4000); do
        rm -f t
        _limited "-f $kib" "$REPRISE" record -o t -- "$PROGRAMS/$2"
        ok
    done
    unset REPRISE_MACHINE
}

code_that_was_held_back_or_rewritten_outlives_the_recording() {
    _goes_on_whatever -all tasks_of_all_kinds_execute_fresh_code
    _goes_on_whatever -tsc-trap,-cpuid-trap tasks_of_all_kinds_execute_fresh_code
    _goes_on_whatever -tsc-trap,-cpuid-trap code_that_tells_of_the_machine_moves_and_goes
    _goes_on_whatever -tsc-trap,-cpuid-trap actions_and_masks_survive_instructions_that_trap
}

code_that_was_rewritten_outlives_an_interrupted_recording() {
    local delay status recorder machine
    for machine in -all -tsc-trap,-cpuid-trap; do
        for delay in 0.05 0.1 0.15 0.2 0.3 0.4 0.5; do
            REPRISE_MACHINE=$machine "$REPRISE" record -o t --force -- \
                "$PROGRAMS/tasks_of_all_kinds_execute_fresh_code" </dev/null >out 2>err &
            recorder=$!
            status=0
            sleep "$delay"
            kill -INT "$recorder" 2>/dev/null || true
            wait "$recorder" || status=$?
            [ "$status" = 0 ] || fail "after $delay s on $machine: status $status"
        done
    done
}

what_outlives_the_recording_does_so_on_a_machine_that_lacks_all() {
    export REPRISE_MACHINE=-all
    processes_in_mid_call_outlive_the_recording
    a_vfork_outlives_the_recording
    calls_that_wait_outlive_the_recording
    signals_that_are_on_their_way_outlive_the_recording
}

a_file_size_limit_of_nothing_is_an_error() {
    # through pipes, which have no size
    run bash -c 'set -o pipefail; (ulimit -f 0 && exec "$0" record -o t -- echo hello) 2>&1 | cat' \
        "$REPRISE"
    expect "exited 125"
    out_has '^reprise: .*[Ff]ile too large'
    absent t
}

the_program_still_gets_its_file_size_signal() {
    _limited "-f 8" "$REPRISE" record -o t -- sh -c 'head -c 100000 /dev/zero >big; kill -l $?'
    out_has XFSZ
}

a_user_without_rights_records_and_replays() {
    as_nobody reprise record sh -c "id -u; $random_output"
    ok
    [ "$(head -n 1 out)" = 65534 ] || fail "it did not run as nobody"
    cp out whole
    as_nobody reprise replay
    ok
    same out whole
    as_nobody reprise ls
    ok
    out_has '^sh-0 '
    as_nobody reprise record cat /etc/shadow
    expect "exited 1"
}

a_directory_without_write_permission_is_an_error() {
    as_nobody reprise record -o /t true
    refused 125
    err_has '/t: Permission denied'
}

a_recording_runs_in_a_directory_that_is_gone() {
    mkdir gone
    run bash -c 'cd gone && rmdir ../gone && exec "$@"' - "$REPRISE" record -o "$work/t" echo hello
    ok
    out_is hello
    reprise replay t
    ok
    out_is hello
    reprise info t
    ok
}

an_empty_environment_is_enough() {
    run env -i "$REPRISE" record -o t "$(command -v env)"
    ok
    out_is ""
    run env -i "$REPRISE" replay ./t
    ok
    out_is ""
}

run_test "$@"
