#!/bin/bash
# reprise stat: sums that can be counted by hand.
. "$(dirname "$0")/lib.sh"

# json FILTER TRACE: one line of what stat tells.
_json() {
    reprise stat --json "$2"
    ok
    jq -c "$1" out >answer || fail "stat does not print JSON that jq can read"
}

_answer_is() {
    [ "$(cat answer)" = "$1" ] || fail "it tells '$(cat answer)', expected '$1'"
}

stat_counts_calls_errors_and_bytes() {
    record_to t dd if=/dev/zero of=copy bs=100 count=7 status=none
    _json '.by.file[] | select(.name | endswith("/copy")) | [.bytes_in, .bytes_out, .errors]' t
    _answer_is '[0,700,0]'
    _json '.by.file[] | select(.name == "/dev/zero") | .bytes_in' t
    _answer_is '700'
    _json '.total.calls == ([.by.syscall[].calls] | add)' t
    _answer_is true
    _json '.total.total_ns == ([.by.process[].total_ns] | add)' t
    _answer_is true
    _json '[.by.syscall[] | select(.name == "exit_group") | .calls, .unfinished]' t
    _answer_is '[1,1]'
}

stat_agrees_with_strace_about_the_number_of_calls() {
    command -v strace >/dev/null || skip "strace is not installed"
    strace -o strace.out -- ls / >/dev/null 2>strace.err || skip "strace does not work here"
    record_to t ls /
    # Calls that do not depend on the vDSO, on time or on randomness.
    for call in openat read mmap close getdents64 write; do
        [ "$(jq -nr --arg c "$call" --slurpfile t \
            <("$REPRISE" stat --json t) '[$t[0].by.syscall[] | select(.name == $c).calls] | add // 0')" = \
            "$(grep -c "^$call(" strace.out)" ] || fail "it counts other $call calls than strace"
    done
}

stat_sums_up_by_process() {
    record_to t sh -c 'head -c 1000 /dev/zero | cat >copy; true'
    _json '[.by.process[] | select(.argv[0] == "cat") | .bytes_out] | add' t
    _answer_is 1000
    _json '[.by.process[] | select(.argv[0] == "head") | .bytes_out] | add' t
    _answer_is 1000
    _json '[.by.process[].process] | length == (unique | length)' t
    _answer_is true
}

stat_sums_up_by_peer() {
    [ -x /usr/bin/python3 ] || skip "python3 is not installed"
    cat >talk.py <<'END'
import socket, threading
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
end, _ = server.accept()
client.sendall(b"x" * 1234)
got = 0
while got < 1234:
    got += len(end.recv(4096))
end.sendall(b"y" * 99)
assert len(client.recv(4096)) == 99
print(server.getsockname()[1])
END
    record_to t /usr/bin/python3 -I talk.py
    local port
    port=$(cat out)
    _json ".by.peer[] | select(.name == \"127.0.0.1:$port\") | [.bytes_in, .bytes_out]" t
    _answer_is '[99,1234]'
    _json "[.by.peer[] | select(.name != \"127.0.0.1:$port\") | .bytes_in, .bytes_out]" t
    _answer_is '[1234,99]'
}

stat_tells_cost_and_size() {
    record_to t sh -c 'ls / >/dev/null'
    _json '.cost.stops > 100 and .cost.recorder_memory > 1000000 and (.cost.recorder_user_ns + .cost.recorder_system_ns | type) == "number"' t
    _answer_is true
    # Rounding apart, the causes are the whole file.
    _json '([.by.size[].stored] | add) as $n | .size - $n | . >= 0 and . < 500' t
    _answer_is true
    reprise stat t
    ok
    out_has '^recorder .* of processor time'
    out_has 'mapped file /.*libc'
    out_has ' total$'
}

# 2000 calls of dd, and some hundred to start it.
most_calls_are_recorded_without_a_stop_unless_the_code_must_stay() {
    grep -q '^Seccomp:[[:space:]]*0' /proc/self/status || skip "calls stop under a filter"
    machine_has seccomp-stops || skip "each call stops where seccomp cannot stop some"
    record_to t dd if=/dev/zero of=/dev/null bs=1 count=1000 status=none
    _json '.cost.stops < 1000' t
    _answer_is true
    reprise replay t
    ok
    rm t
    reprise record --no-patch -o t -- dd if=/dev/zero of=/dev/null bs=1 count=1000 status=none
    ok
    _json '.cost.stops > 4000' t
    _answer_is true
    reprise replay t
    ok
}

# 80000 reads, whether they trap at first or are rewritten from the start.
loops_that_read_time_stamps_are_recorded_without_stops() {
    local machine
    for machine in "" -tsc-trap; do
        REPRISE_MACHINE=$machine reprise record --force -o t -- \
            "$PROGRAMS/time_stamps_are_read_in_loops"
        ok
        _json '.cost.stops < 4000' t
        _answer_is true
        reprise replay t
        ok
    done
}

stat_sorts_and_cuts() {
    record_to t ls /
    reprise stat --by=syscall --sort=name t
    ok
    grep -E '^ *[0-9.]+ .*  [a-z_0-9]+$' out | awk '{print $NF}' | grep -v '^total$' >names
    [ -s names ] || fail "no rows"
    sort -c names || fail "not sorted by name"
    reprise stat --by=syscall --sort=calls --top=3 t
    ok
    out_has '\([0-9]+ more\)$'
    [ "$(grep -cE '^ *[0-9.]+ .*  [a-z_0-9]+$' out)" = 4 ] || fail "not three rows and the total"
    _json '[.by.syscall[].total_ns] | . == (sort | reverse)' t
    _answer_is true
}

stat_refuses_what_it_does_not_know() {
    record_to t true
    reprise stat --by=colour t
    refused 125
    err_has 'syscall, file, peer, process, size'
    reprise stat --sort=colour t
    refused 125
    reprise stat --top=-1 t
    refused 125
    reprise stat --top=x t
    refused 125
    reprise stat t t
    refused 125
}

stat_of_a_torn_trace_says_so() {
    record_to t sh -c 'ls / >/dev/null; ls /usr >/dev/null'
    head -c $(($(stat -c %s t) - 3000)) t >"cut"
    reprise stat cut
    ok
    err_has 'torn'
    out_has 'does not tell what its recording took'
    _json .torn cut
    _answer_is true
}

stat_survives_names_that_are_no_text() {
    printf 'x' >"$(printf 'new\nline \377 \033[31m')"
    # shellcheck disable=SC2016 # for the other shell
    record_to t sh -c 'cat new*'
    reprise stat --by=file t
    ok
    out_lacks "$(printf '\033')"
    out_has 'new\\nline \\xff'
    _json '[.by.file[].name | select(test("new\nline"))] | length' t
    _answer_is 1
}

stat_ends_quietly_when_its_reader_goes() {
    record_to t ls /
    run bash -c '"$0" stat --by=all --top=0 t | true; exit "${PIPESTATUS[0]}"' "$REPRISE"
    ok
    err_is ""
    run bash -c '"$0" stat t >/dev/full' "$REPRISE"
    refused 125
}

run_test "$@"
