#!/bin/bash
# `reprise diff`: of each flaky program the true cause is named first; runs that do the same are the
# same; bad input. Needs FLAKY, the directory of the programs of tests/flaky, and DYING, reprise with a
# library for symbols that dies (dying_symbols.c).
# shellcheck source=tests/cli/lib.sh
. "$(dirname -- "$0")/lib.sh"
: "${FLAKY:?}" "${DYING:?}"
command -v jq >/dev/null || skip "there is no jq"

# _record_run FILE PROGRAM ARGS...: a recording whose program may fail.
_record_run() {
    local file=$1
    shift
    run "$REPRISE" record -o "$file" --force -- "$@"
    err_is ""
}

# _record_pass FILE PROGRAM..., _record_fail FILE PROGRAM...
_record_pass() {
    _record_run "$@"
    expect "exited 0"
}

_record_fail() {
    _record_run "$@"
    expect "exited 1"
}

# _record_until STATUS FILE PROGRAM: chance decides, a half each time.
_record_until() {
    local status=$1 i
    shift
    for ((i = 0; i < 64; i++)); do
        _record_run "$@"
        [ "$ended" = "exited $status" ] && return
    done
    fail "$2 never exited with $status"
}

# _compare: pass.reprise against fail.reprise, as JSON in $work/out.
_compare() {
    reprise diff --json pass.reprise fail.reprise "$@"
    expect "exited 1"
    err_is ""
}

# _first PATH: of the first difference in input, in the last output.
_first() {
    jq -r ".input[0]$1" out
}

# _cause_is KIND OBJECT: the first difference in input is of that kind, about that object (a regular
# expression).
_cause_is() {
    [ "$(_first .kind)" = "$1" ] || fail "the kind is '$(_first .kind)', not '$1'"
    _first .object | grep -qE -- "$2" || fail "the object is '$(_first .object)', not '$2'"
}

# _behaviour_has TEXT: both texts of the first difference in behaviour, one after the other.
_behaviour_has() {
    jq -r '.behaviour | .reference_text, .shown_text' out | grep -qF -- "$1" ||
        fail "the behaviour lacks '$1'"
}

_verdict_differs() {
    _behaviour_has "all is well"
    _behaviour_has "something is wrong"
}

# ---- causes ----

diff_names_the_race() {
    mkfifo go0 go1 done0 done1
    exec 3<>go0 4<>go1 5<>done0 6<>done1
    (printf g >&3 && read -rN1 <&5 && printf g >&4 && read -rN1 <&6) &
    _record_pass pass.reprise "$FLAKY/race"
    wait
    (printf g >&4 && read -rN1 <&6 && printf g >&3 && read -rN1 <&5) &
    _record_fail fail.reprise "$FLAKY/race"
    wait
    _compare
    _cause_is timing-or-order "order of threads"
    _first .reference.text | grep -q 'read(' || fail "not the threads' reads"
    [ "$(_first .reference.tid)" != "$(_first .reference_instead.tid)" ] || fail "one thread"
    _verdict_differs
}

diff_names_the_time() {
    _record_until 0 pass.reprise "$FLAKY/time_of_day"
    _record_until 1 fail.reprise "$FLAKY/time_of_day"
    _compare
    _cause_is time ".*"
    _first .shown.text | grep -q 'clock_gettime(' || fail "not the reading of the clock"
    _verdict_differs
}

diff_names_the_random_seed() {
    _record_until 0 pass.reprise "$FLAKY/random_seed"
    _record_until 1 fail.reprise "$FLAKY/random_seed"
    _compare
    _cause_is random ".*"
    _first .shown.text | grep -q 'getrandom(.*, 4, ' || fail "not the seed"
    _verdict_differs
}

diff_names_the_missing_file() {
    echo colour=blue >settings.conf
    _record_pass pass.reprise "$FLAKY/missing_file"
    rm settings.conf
    _record_fail fail.reprise "$FLAKY/missing_file"
    _compare
    _cause_is missing-file "/settings\.conf$"
    [ "$(_first .shown.result)" = -2 ] || fail "the result is $(_first .shown.result)"
}

diff_names_the_file_that_differs() {
    echo welcome >banner.txt
    echo "1 2 3" >input.txt
    _record_pass pass.reprise "$FLAKY/different_data"
    echo "1 2 13" >input.txt
    _record_fail fail.reprise "$FLAKY/different_data"
    _compare
    _cause_is "different-data" "/input\.txt$"
    _verdict_differs
}

diff_names_the_short_read() {
    mkfifo records
    exec 3<>records
    printf 0123456789abcdef >&3
    _record_pass pass.reprise "$FLAKY/short_read"
    printf 01234567 >&3
    _record_fail fail.reprise "$FLAKY/short_read"
    _compare
    _cause_is short-read "/records$"
    [ "$(_first .reference.result) $(_first .shown.result)" = "16 8" ] || fail "other results"
    [ "$(_first .bytes.first_difference)" = 8 ] || fail "the bytes differ elsewhere"
    _verdict_differs
}

diff_names_the_signal() {
    mkfifo work ready
    exec 3<>work 4<>ready
    (read -r _ <&4 && printf w >&3) &
    _record_pass pass.reprise "$FLAKY/signal_comes"
    wait
    # The first byte is still there: the program does not read it.
    exec 3>&- && rm work && mkfifo work && exec 3<>work
    (read -r pid <&4 && kill -USR1 "$pid") &
    _record_fail fail.reprise "$FLAKY/signal_comes"
    wait
    _compare
    _cause_is signal "^SIGUSR1$"
    _verdict_differs
}

diff_names_the_signal_that_killed() {
    mkfifo work ready
    exec 3<>work 4<>ready
    (read -r _ <&4 && printf w >&3) &
    _record_pass pass.reprise "$FLAKY/killed"
    wait
    (read -r pid <&4 && kill -KILL "$pid") &
    _record_run fail.reprise "$FLAKY/killed"
    expect "killed 9"
    wait
    _compare
    _cause_is signal "^SIGKILL$"
}

diff_names_the_variable() {
    _record_pass pass.reprise "$FLAKY/environment_variable"
    FLAKY_MODE=strict _record_fail fail.reprise "$FLAKY/environment_variable"
    _compare
    _cause_is environment "^FLAKY_MODE$"
    _first .shown_text | grep -q 'FLAKY_MODE=strict' || fail "its value is not told"
    _verdict_differs
}

diff_names_the_order_of_the_directory() {
    local files
    files=$(mktemp -d /dev/shm/reprise-diff-XXXXXX) || skip "there is no /dev/shm"
    ln -s "$files/plugins" plugins
    mkdir "$files/plugins"
    touch "$files/plugins/second" "$files/plugins/first"
    run "$FLAKY/directory_order"
    local one=$ended
    rm -r "$files/plugins"
    mkdir "$files/plugins"
    touch "$files/plugins/first" "$files/plugins/second"
    run "$FLAKY/directory_order"
    if [ "$one $ended" != "exited 0 exited 1" ]; then
        rm -r "$files"
        skip "this file system does not list the newest file first"
    fi
    _record_fail fail.reprise "$FLAKY/directory_order"
    rm -r "$files/plugins"
    mkdir "$files/plugins"
    touch "$files/plugins/second" "$files/plugins/first"
    _record_pass pass.reprise "$FLAKY/directory_order"
    rm -r "$files"
    _compare
    _cause_is directory-order "/plugins"
    _first .shown.text | grep -q 'getdents64(' || fail "not the listing"
    _verdict_differs
}

diff_names_the_port_in_use() {
    mkfifo hold
    "$FLAKY/hold_port" <hold >held &
    local holder=$!
    exec 3>hold
    until grep -q held held; do sleep 0.05; done
    _record_fail fail.reprise "$FLAKY/port_in_use"
    exec 3>&-
    wait "$holder"
    _record_pass pass.reprise "$FLAKY/port_in_use"
    _compare
    _cause_is error "$(cat port)"
    [ "$(_first .shown.result)" = -98 ] || fail "the result is $(_first .shown.result)"
    _first .shown.text | grep -q 'bind(' || fail "not the call of bind"
}

diff_names_the_leap_of_the_clock() {
    _record_pass pass.reprise "$FLAKY/clock_leap"
    run "$FLAKY/set_back_clock" "$REPRISE" record -o fail.reprise --force -- "$FLAKY/clock_leap"
    [ "$ended" != "exited 77" ] || skip "the kernel does not let us answer for it"
    expect "exited 1"
    reprise replay fail.reprise # under a filter that others set no call escapes the recorder
    expect "exited 1"
    _compare
    _cause_is time ".*"
    _first .shown.text | grep -q 'clock_gettime(' || fail "not the reading of the clock"
    [ "$(_first .why)" = precedes ] || fail "a leap is no ordinary time"
    _verdict_differs
}

diff_names_the_full_disk() {
    mkdir disk
    # shellcheck disable=SC2016 # for the inner shell
    in_mount_namespace 'mount -t tmpfs -o size=1m none disk &&
        "$REPRISE" record -o pass.reprise -- "$FLAKY/full_disk"'
    expect "exited 0"
    # shellcheck disable=SC2016
    in_mount_namespace 'mount -t tmpfs -o size=32k none disk &&
        "$REPRISE" record -o fail.reprise -- "$FLAKY/full_disk"'
    expect "exited 1"
    _compare
    _cause_is error "/disk/report$"
    [ "$(_first .shown.result)" = -28 ] || fail "the result is $(_first .shown.result)"
}

diff_names_the_slow_peer() {
    mkfifo answer
    exec 3<>answer
    printf a >&3
    _record_pass pass.reprise "$FLAKY/slow_peer"
    _record_fail fail.reprise "$FLAKY/slow_peer"
    _compare
    _cause_is timing-or-order "answer"
    [ "$(_first .reference.result) $(_first .shown.result)" = "1 0" ] || fail "other results"
    _behaviour_has "read("
}

# ---- several runs ----

diff_learns_noise_from_passing_runs() {
    local i
    echo "1 2 3" >input.txt
    for i in 1 2 3; do
        echo "welcome $i" >banner.txt
        _record_pass "p$i.reprise" "$FLAKY/different_data"
    done
    echo "1 2 13" >input.txt
    for i in 4 5; do
        echo "welcome $i" >banner.txt
        _record_fail "f$i.reprise" "$FLAKY/different_data"
    done
    reprise diff --json p1.reprise f4.reprise
    expect "exited 1"
    _cause_is different-data "/banner\.txt$" # two runs cannot tell
    reprise diff --json --pass p1.reprise p2.reprise p3.reprise --fail f4.reprise f5.reprise
    expect "exited 1"
    _cause_is different-data "/input\.txt$"
    [ "$(_first .failing_runs)" = 2 ] || fail "not in both failing runs"
    [ "$(jq '.noise > 0' out)" = true ] || fail "no noise"
}

# ---- the same ----

# _same_twice PROGRAM...: two recordings differ in nothing, nor does one from itself.
_same_twice() {
    mkdir -p here && cd here # which holds the same both times
    _record_run ../a.reprise "$@"
    _record_run ../b.reprise "$@"
    cd ..
    reprise diff a.reprise b.reprise
    ok
    out_has "and nothing else differs"
    reprise diff a.reprise a.reprise
    ok
    out_lacks "^Ignored"
}

diff_of_a_trace_with_itself_is_empty_and_of_two_is_the_same() {
    mkdir -p here/names && touch here/names/a here/names/b
    _same_twice ls -l names
    _same_twice sh -c 'echo one | cat | tr o 0; sleep 0.01; id -u >/dev/null'
    _same_twice sh -c 'f=$(mktemp); echo hello >"$f"; cat "$f"; rm "$f"; kill -0 $$'
    _same_twice "$FLAKY/missing_file"
}

diff_of_two_runs_of_python_is_the_same() {
    command -v python3 >/dev/null || skip "there is no python3"
    local python # itself: what it is started by may be scripts with pipes, whose reads vary
    python=$(python3 -c 'import sys; print(sys.executable)')
    _same_twice "$python" -c 'import json, os; print(json.dumps([1, 2, 3])); print(os.getpid() > 0)'
}

# ---- forms ----

diff_tells_it_in_all_forms() {
    echo colour=blue >settings.conf
    _record_pass pass.reprise "$FLAKY/missing_file"
    rm settings.conf
    _record_fail fail.reprise "$FLAKY/missing_file"
    reprise diff pass.reprise fail.reprise
    expect "exited 1"
    out_has "^pass.reprise exited with 0; fail.reprise exited with 1\.$"
    out_has "^First difference in input: missing file: .*/settings.conf$"
    out_has "^    - openat\(.*= 3"
    out_has "^    \+ openat\(.*= -1 ENOENT"
    out_has "libc.*\+0x[0-9a-f]+ \("
    out_has "^First difference in behaviour"
    out_lacks $'\033'
    reprise diff --show-ignored pass.reprise fail.reprise
    out_has "^  address  "
    reprise diff --html page.html pass.reprise fail.reprise
    expect "exited 1"
    grep -q 'missing file: .*/settings.conf</h2>' page.html || fail "the page lacks the cause"
    ! grep -qE '(src|href)=' page.html || fail "the page loads something"
    run script -qec "TERM=xterm $REPRISE diff pass.reprise fail.reprise" /dev/null
    out_has $'\033\\[7m'
    run env NO_COLOR=1 script -qec "TERM=xterm $REPRISE diff pass.reprise fail.reprise" /dev/null
    out_lacks $'\033'
}

diff_ignores_less_when_told() {
    _record_pass a.reprise "$FLAKY/clock_leap"
    _record_pass b.reprise "$FLAKY/clock_leap"
    reprise diff a.reprise b.reprise
    ok
    reprise diff --strict=time,random --json a.reprise b.reprise
    expect "exited 1"
    jq -e '[.differences[].lines[].shown.text | select(. != null) | select(test("clock_gettime"))] |
        length > 0' out >/dev/null || fail "the times are not told"
}

# ---- bad input ----

diff_refuses_what_it_cannot_compare() {
    _record_pass a.reprise true
    reprise diff a.reprise
    refused 2
    reprise diff --pass a.reprise
    refused 2
    reprise diff a.reprise --pass a.reprise --fail a.reprise
    refused 2
    reprise diff a.reprise nowhere.reprise
    refused 2
    reprise diff --strict=nonsense a.reprise a.reprise
    refused 2
    err_has "nonsense"
    head -c 1000 /dev/urandom >bad.reprise
    reprise diff a.reprise bad.reprise
    refused 2
    reprise diff --no-such-option a.reprise a.reprise
    refused 2
}

diff_of_unrelated_programs_says_so() {
    _record_pass a.reprise date
    _record_run b.reprise python3 -c 'print(1)'
    reprise diff a.reprise b.reprise
    expect "exited 1"
    out_has "unrelated programs"
    [ "$(wc -l <out)" -lt 10 ] || fail "it goes on and on"
}

diff_of_a_torn_trace_says_so() {
    _record_pass a.reprise ls /
    head -c $(($(stat -c %s a.reprise) - 100)) a.reprise >torn.reprise
    reprise diff a.reprise torn.reprise
    out_has "torn.*the trace is torn"
}

diff_ends_quietly_when_its_reader_goes() {
    _record_pass a.reprise ls /
    _record_run b.reprise sh -c 'ls /nowhere 2>/dev/null'
    run bash -c '"$REPRISE" diff --show-ignored a.reprise b.reprise | :'
    err_is ""
}

# ---- size ----

# _compare_ten_million STATUS [EVERY | count]: a long trace against another one, in little memory.
# _two_runs_of_a_file: they differ in a file, which the program opens by code of libc.
_two_runs_of_a_file() {
    echo one >file
    _record_pass pass.reprise sh -c 'read -r x <file; [ "$x" = one ]'
    echo two >file
    _record_fail fail.reprise sh -c 'read -r x <file; [ "$x" = one ]'
}

# _dies_by HOW WHY: what reads symbols dies, and the comparison tells what it tells without them.
_dies_by() {
    _two_runs_of_a_file
    run "$DYING" diff pass.reprise fail.reprise
    expect "exited 1"
    err_is ""
    mv out without
    DIE_BY=$1 run "$DYING" diff pass.reprise fail.reprise
    expect "exited 1"
    same out without
    err_is_prefixed
    err_has "^reprise: warning: pass.reprise: symbols of /[^ ]* could not be read: what reads it $2"
}

diff_goes_on_when_what_reads_symbols_faults() {
    _dies_by fault 'was killed by signal 4 '
}

diff_goes_on_when_what_reads_symbols_makes_a_call() {
    _dies_by call 'made a call that it may not make'
}

diff_goes_on_when_what_reads_symbols_is_killed() {
    _two_runs_of_a_file
    DIE_BY=hang "$DYING" diff pass.reprise fail.reprise >out 2>err &
    local diff=$! tries=0 status=0
    while kill -0 $diff 2>/dev/null && [ $((tries++)) -lt 600 ]; do
        kill -9 $(ps -o pid= --ppid $diff) 2>null || sleep 0.1
    done
    wait $diff || status=$?
    [ "$status" = 1 ] || fail "it ended with $status"
    err_is_prefixed
    err_has 'symbols of /[^ ]* could not be read: what reads it was killed by signal 9 '
    out_has 'fail.reprise exited with 1'
}

what_reads_symbols_opens_no_file() {
    _two_runs_of_a_file
    DIE_BY=openly run "$DYING" diff pass.reprise fail.reprise
    expect "exited 1"
    err_is ""
    out_lacks stolen
    out_has ' at libc\.so\.6\+0x'
}

where_nothing_can_be_confined_no_symbols_are_read() {
    run "$FORBID" ptrace true
    [ "$ended" != "exited 77" ] || skip "no filter can be set here"
    _two_runs_of_a_file
    run "$FORBID" seccomp "$DYING" diff pass.reprise fail.reprise
    expect "exited 1"
    out_has ' at libc\.so\.6\+0x'
    err_has 'what reads it cannot be confined here: Operation not permitted'
    [ "$(grep -c confined err)" = 2 ] || fail "each trace should be told once"
}

_compare_ten_million() {
    local status=$1
    shift
    command -v prlimit >/dev/null || skip "there is no prlimit (package util-linux)"
    "$MAKE_TRACE" a.reprise 1000000 || fail "make_trace failed"
    "$MAKE_TRACE" b.reprise 1000000 "$@" || fail "make_trace failed"
    LIMIT=900 run prlimit --as=536870912 "$REPRISE" diff a.reprise b.reprise
    expect "exited $status"
    err_is ""
    out_has "^- passed a.reprise: exited with 0, 100[0-9]+ events"
}

diff_of_ten_million_events_takes_little_memory() {
    _compare_ten_million 0
    out_has "and nothing else differs"
}

diff_of_ten_million_events_that_differ_takes_little_memory() {
    _compare_ten_million 1 100
    out_has "1 changed; 10000 times like this"
    out_has '^    \+ write\(.*"y", 1\) = 1$'
}

diff_of_ten_million_events_of_unrelated_programs_takes_little_memory() {
    _compare_ten_million 1 count
    out_has "unrelated programs"
}

run_test "$@"
