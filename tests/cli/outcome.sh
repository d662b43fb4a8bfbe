#!/bin/bash
# How record and replay end, and what they say meanwhile.
. "$(dirname "$0")/lib.sh"

_both_end() {
    local want=$1
    shift
    reprise record -o t --force -- "$@"
    expect "$want"
    reprise replay t
    expect "$want"
}

exit_status_is_the_programs_own() {
    for status in 0 1 77 122 125 126 127 255; do
        _both_end "exited $status" sh -c "exit $status"
    done
}

fatal_signals_are_raised_again() {
    for signal in HUP INT QUIT ILL ABRT FPE KILL USR1 SEGV PIPE ALRM TERM SYS XCPU; do
        _both_end "killed $(kill -l $signal)" sh -c "kill -$signal \$\$"
    done
    _both_end "killed 35" sh -c 'kill -35 $$'
}

a_signal_raised_again_dumps_no_second_core() {
    ulimit -c unlimited
    _both_end "killed 6" sh -c 'kill -ABRT $$'
    ls -A | grep -i core | grep -v "$(cat /proc/sys/kernel/core_pattern)" >cores || true
    [ "$(wc -l <cores)" -le 1 ] || fail "more than the program's own core: $(cat cores)"
}

a_fatal_signal_that_was_blocked_is_raised_again() {
    run env --block-signal=TERM --ignore-signal=INT true || true
    [ "$ended" = "exited 0" ] || skip "this env _cannot block signals"
    run env --block-signal=TERM "$REPRISE" record -o t perl -e \
        'use POSIX; POSIX::sigprocmask(SIG_UNBLOCK, POSIX::SigSet->new(SIGTERM)); kill TERM => $$'
    expect "killed 15"
    run env --block-signal=TERM "$REPRISE" replay t
    expect "killed 15"
}

replay_repeats_the_output_and_nothing_else() {
    reprise record sh -c "$random_output; echo err >&2; exit 9"
    expect "exited 9"
    cp out recorded.out
    cp err recorded.err
    for _ in 1 2 3; do
        reprise replay
        expect "exited 9"
        same recorded.out out
        same recorded.err err
    done
}

record_says_where_the_trace_is_when_verbose() {
    reprise record -o t echo hello
    ok
    out_is hello
    err_is ""
    reprise record -v echo hello
    ok
    out_is hello
    err_has "^reprise: .*$work/traces/echo-0.reprise"
    err_is_prefixed
}

a_divergence_exits_with_122() {
    record_to t sh -c 'echo hello; cat /proc/self/stat >/dev/null'
    "$ALTER" event t altered
    reprise check altered
    ok
    reprise replay altered
    refused 122
    err_has 'event [0-9]+'
    err_has 'expected|recorded'
}

a_trace_without_its_end_exits_with_123() {
    reprise record -o t sh -c 'echo hello; exit 3'
    head -c $(($(stat -c %s t) - 200)) t >torn
    reprise replay torn
    expect "exited 123"
    err_has '^reprise: .*ends before the program did'
    err_is_prefixed
}

closed_standard_streams_stay_closed() {
    local program='exec 3>fds
        for fd in 0 1 2; do
            if [ -e /proc/$$/fd/$fd ]; then echo open >&3; else echo closed >&3; fi
        done'
    reprise record -o t sh -c "$program"
    ok
    [ "$(tr '\n' ' ' <fds)" = "open open open " ] || fail "streams are not there: $(cat fds)"
    run bash -c '"$@" <&- >&- 2>&-' - "$REPRISE" record -o u sh -c "$program"
    ok
    [ "$(tr '\n' ' ' <fds)" = "closed closed closed " ] || fail "streams are not closed: $(cat fds)"
    run bash -c '"$@" <&- >&- 2>&-' - "$REPRISE" replay u
    ok
    run bash -c '"$@" <&- >&- 2>&-' - "$REPRISE" replay t
    ok
}

stdin_goes_to_the_program_and_is_not_needed_again() {
    echo some input >input
    stdin=input reprise record -o t cat
    ok
    out_is 'some input'
    reprise replay t
    ok
    out_is 'some input'
}

replay_into_a_closed_pipe_ends() {
    record_to t sh -c 'i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done'
    run bash -c 'set -o pipefail; "$0" replay t | head -n 1' "$REPRISE"
    out_is 'line 0'
    expect "exited 141"
}

# until_file NAME: waits, for the time that a command may take.
_until_file() {
    local i
    for ((i = 0; i < LIMIT * 10; i++)); do
        [ ! -e "$1" ] || return 0
        sleep 0.1
    done
    fail "$1 does not come into being"
}

what_outlives_an_interrupted_recording_goes_on() {
    # The child of the program forks, executes, and catches a signal when the recorder has gone.
    "$REPRISE" record -o t -- sh -c '
        { trap "echo caught >caught" USR1
          echo $$ >parent; : >begun
          until [ -e "gone" ]; do sleep 0.1; done
          sh -c "kill -USR1 \$PPID"; cat /proc/self/stat >/dev/null && date >done.tmp
          mv done.tmp done; } & exit 3' </dev/null >out 2>err &
    local recorder=$! status=0
    _until_file begun
    while kill -0 "$(cat parent)" 2>/dev/null && [ "$(ps -o stat= -p "$(cat parent)" | cut -c 1)" != Z ]; do
        sleep 0.1
    done
    sleep 0.5 # the recorder learns of the end as well
    kill -INT "$recorder"
    wait "$recorder" || status=$?
    [ "$status" = 3 ] || fail "the recorder exited with status $status"
    : >gone
    _until_file done
    [ -s caught ] || fail "the signal was lost"
    err_has '^reprise: warning: interrupted'
    reprise replay --quiet t
    expect "exited 3"
}

run_test "$@"
