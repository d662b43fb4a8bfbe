#!/bin/bash
# `reprise dump`: its lines, which of them, and bad input. Heeds besides lib.sh:
#   MANY_CALLS     a program that makes many different calls (tests/dump/many_calls.c)
#   MAKE_TRACE     makes a trace of ten times so many events as it is told
#   COMPARE        compares the lines of strace and of dump (tests/dump/compare.py)
. "$(dirname "$0")/lib.sh"

dump_agrees_with_strace_call_by_call() {
    command -v strace >/dev/null || skip "there is no strace (package strace)"
    command -v python3 >/dev/null || skip "there is no python3"
    strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
    mkdir w1 w2
    run env -C w1 strace -f -o "$work/strace.txt" "$MANY_CALLS"
    ok
    run env -C w2 "$REPRISE" record -o "$work/t" -- "$MANY_CALLS"
    ok
    reprise dump -o dump.txt t
    ok
    err_is ""
    run python3 "$COMPARE" strace.txt dump.txt
    ok
    out_has '^[0-9]+ calls of [12][0-9][0-9] kinds compared: [0-9] differ in known ways, 0 otherwise'
}

dump_decodes_what_a_shell_does() {
    run "$REPRISE" record -o t -- sh -c 'trap "echo caught" USR1; kill -USR1 $$; exit 3'
    expect "exited 3"
    reprise dump t
    ok
    out_has '^execve\("/[^"]*", \["sh", "-c", .*\], \[/\* [0-9]+ vars \*/\]\) = 0$'
    out_has '^kill\([0-9]+, SIGUSR1\) +(=|<unfinished)'
    out_has '^--- SIGUSR1 \{si_signo=SIGUSR1, si_code=SI_USER, si_pid=[0-9]+, si_uid=[0-9]+\} ---$'
    out_has '^write\(1, "caught\\n", 7\) += 7$'
    out_has '^exit_group\(3\) += \?$'
    [ "$(tail -n 1 out)" = "+++ exited with 3 +++" ] || fail "the last line is not the exit"
}

dump_splits_calls_that_interleave() {
    record_to t sh -c 'true & sleep 0.3; wait'
    reprise dump t
    ok
    out_has '^\[pid +[0-9]+\] wait4\(-1,  <unfinished \.\.\.>$'
    out_has '^(\[pid +[0-9]+\] )?<\.\.\. wait4 resumed>\[\{WIFEXITED\(s\) && WEXITSTATUS\(s\) == 0\}\], .*\) += [0-9]+$'
    # every half has its other half
    [ "$(grep -c '<unfinished' out)" = "$(grep -c 'resumed>' out)" ] || fail "halves without the other"
    reprise dump -p "$(sed -n 's/^\[pid *\([0-9]*\)\] wait4.*/\1/p' out | head -n 1)" t
    ok
    out_lacks '<unfinished'
}

dump_filters_by_call_class_regex_and_result() {
    run "$REPRISE" record -o t -- sh -c 'head -n 1 /nonexistent /etc/passwd 2>/dev/null; true'
    ok
    reprise dump -e openat t
    ok
    out_lacks '\bread\('
    out_has 'openat\('
    reprise dump -e 'trace=!/^(open|mmap)' t
    ok
    out_has 'read\('
    out_lacks '\b(openat|mmap)\('
    reprise dump -e %memory t
    ok
    out_has 'mmap\('
    out_lacks 'openat\('
    reprise dump -Z -e %file t
    ok
    out_has 'openat\(AT_FDCWD, "/nonexistent", O_RDONLY.*\) = -1 ENOENT \(No such file or directory\)$'
    out_lacks 'openat\(.* = [0-9]'
    reprise dump -e status=successful -e openat t
    ok
    out_lacks 'ENOENT'
    reprise dump -P /etc/passwd t
    ok
    out_has 'openat\(AT_FDCWD, "/etc/passwd"'
    out_has 'read\([0-9]+, "root:'
    out_lacks 'nonexistent'
}

dump_follows_descriptors() {
    record_to t bash -c 'cd /etc; exec 7<passwd; grep root <&7 | wc -c; exec 7<&-' >/dev/null
    reprise dump -y t
    ok
    out_has 'openat\(AT_FDCWD</etc>, "passwd", O_RDONLY.*\) += [0-9]+</etc/passwd>'
    out_has 'read\(0</etc/passwd>, '
    out_has 'write\(1<pipe:#[0-9]+>, "root:'
    out_has 'read\(0<pipe:#[0-9]+>, '
}

dump_shows_who_connects_where() {
    command -v python3 >/dev/null || skip "there is no python3"
    record_to t python3 -c 'import socket
s = socket.create_server(("127.0.0.1", 0))
c = socket.create_connection(s.getsockname())
a, _ = s.accept()
c.sendall(b"hello")
a.recv(10)'
    reprise dump -y -e %network t
    ok
    out_has 'connect\([0-9]+<TCP:\[#[0-9]+\]>, \{sa_family=AF_INET, sin_port=htons\([0-9]+\), sin_addr=inet_addr\("127\.0\.0\.1"\)\}, 16\) += 0'
    out_has 'accept4\(.*\) += [0-9]+<TCP:\[127\.0\.0\.1:[0-9]+->127\.0\.0\.1:[0-9]+\]>'
    out_has 'sendto\([0-9]+<TCP:\[.*->127\.0\.0\.1:[0-9]+\]>, "hello", 5, 0, NULL, 0\) += 5'
}

dump_shows_as_many_bytes_as_asked() {
    head -c 100000 /dev/zero | tr '\0' x >input
    record_to t sh -c 'dd if=input bs=100000 count=1 status=none | wc -c'
    reprise dump -s 5 -e read,write t
    ok
    out_has 'read\(0, "xxxxx"\.\.\., 100000\) += 100000'
    reprise dump -s 200000 -e read t
    ok
    out_has 'read\(0, "x{30000}'
    [ "$(grep -o 'read(0, "x*", 100000) *= 100000' out | tr -cd x | wc -c)" = 100000 ] ||
        fail "not all that was received is shown"
    reprise dump -s 200000 -e write t # what was sent is kept up to 4096 bytes
    ok
    out_has 'write\(1, "x{4096}"\.\.\., 100000\) += 100000'
    reprise dump -xx -s 3 -e read t
    ok
    out_has '"\\x78\\x78\\x78"\.\.\.'
}

dump_shows_times_numbers_and_constants_as_asked() {
    record_to t true
    reprise dump -ttt -T -n t
    ok
    out_has '^[0-9]{10}\.[0-9]{6} \[ 257\] openat\(.*\) += .* <[0-9]+\.[0-9]{6}>$'
    reprise dump -tt t
    ok
    out_has '^[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6} openat\('
    reprise dump -r t
    ok
    out_has '^     0\.[0-9]{6} openat\('
    reprise dump -X raw -e openat t
    ok
    out_has 'openat\(-100, "[^"]*", (0|0x80000)[,)]'
    reprise dump -X verbose -e openat t
    ok
    out_has '0x80000 /\* O_RDONLY\|O_CLOEXEC \*/'
    reprise dump -v -e %stat,newfstatat,fstat t
    ok
    out_has 'st_ino=[0-9]+'
}

dump_takes_a_range_of_events() {
    record_to t true
    reprise dump --events --internal t
    ok
    cp out all
    line=$(grep -m 1 'openat(' all)
    number=$(echo "$line" | awk '{print $1}')
    reprise dump --events --internal --range="$number-$number" t
    ok
    out_is "$line"
    reprise dump --range="$number" --events t
    ok
    out_is "$line"
    reprise dump --range=1000000- t
    ok
    out_is ""
}

dump_as_json_is_one_object_a_line() {
    command -v jq >/dev/null || skip "there is no jq (package jq)"
    run "$REPRISE" record -o t -- sh -c 'true; exit 3'
    expect "exited 3"
    reprise dump --json t
    ok
    cp out lines
    run jq -es 'length > 20 and all(.v == 1) and ([.[].event] == [range(1; length + 1)]) and
        (map(select(.kind == "exit" and .ended.exit == 3)) | length == 1) and
        (map(select(.call.name == "openat")) | length > 1) and
        (map(select(.call.name == "openat"))[0].call |
            .args[2].type == "OPEN_FLAGS" and (.args[1].value | test("^0x")) and
            (.in[0].bytes | @base64d | startswith("/"))) and
        (map(select(.call.errno == "ENOENT")) | length > 0)' lines
    ok
    [ "$(wc -l <lines)" = "$(jq -c . lines | wc -l)" ] || fail "not one object a line"
}

dump_refuses_what_it_does_not_know() {
    record_to t true
    for bad in "-e trace=nonsense" "-e trace=%nonsense" "-e trace=/(" "-e nonsense=1" "-X hex" "-s x" \
        "-s -1" "-p x" "--range=5-2" "--range=x" "-e status=odd" "-e signal=SIGODD" "-a x"; do
        # shellcheck disable=SC2086
        reprise dump $bad t
        refused 125
    done
    reprise dump t t
    refused 125
    reprise dump nonexistent
    refused 125
}

dump_writes_to_a_file_that_only_the_owner_reads() {
    record_to t true
    reprise dump -o o t
    ok
    out_is ""
    grep -qE '^[0-9]+ +execve\(' o || fail "no pids in the file"
    [ "$(stat -c %a o)" = 600 ] || fail "others may read it"
    reprise dump -o nonexistent/o t
    refused 125
    err_has 'nonexistent/o'
    cp t before
    reprise dump -o t t
    refused 125
    same t before
    run bash -c '"$0" dump t >/dev/full' "$REPRISE"
    refused 125
}

dump_ends_quietly_when_its_reader_goes() {
    record_to t find /usr/bin -name 'a*' >/dev/null
    run bash -c '"$0" dump t | head -n 1 >first; exit "${PIPESTATUS[0]}"' "$REPRISE"
    ok
    err_is ""
    run bash -c '"$0" dump --json t | true; exit "${PIPESTATUS[0]}"' "$REPRISE"
    ok
    err_is ""
}

dump_of_a_torn_trace_says_so() {
    record_to t ls /
    size=$(stat -c %s t)
    head -c $((size - 100)) t >torn
    reprise dump torn
    ok
    err_has '^reprise: warning: torn is torn: its end is missing$'
    out_has 'openat\('
    head -c 5 t >stump
    reprise dump stump
    refused 125
}

dump_follows_a_trace_that_grows() {
    "$REPRISE" record -o t -- sh -c 'echo one; sleep 2; echo two' >/dev/null 2>&1 &
    local recorder=$! i
    for ((i = 0; i < 200 && $(stat -c %s t 2>/dev/null || echo 0) < 100; i++)); do sleep 0.05; done
    reprise dump --follow -e write t
    ok
    wait "$recorder"
    cp out followed
    reprise dump -e write t
    ok
    grep '^write' out >expected # when another task was alive beside it is another matter
    grep -o 'write(1.*' followed >seen
    grep -o 'write(1.*' expected >wanted
    same seen wanted
}

dump_of_ten_million_events_takes_little_memory() {
    command -v prlimit >/dev/null || skip "there is no prlimit (package util-linux)"
    "$MAKE_TRACE" t 1000000 || fail "make_trace failed"
    LIMIT=900 run prlimit --as=536870912 "$REPRISE" dump -y -o /dev/null t
    ok
    LIMIT=900 run bash -c 'prlimit --as=536870912 "$0" dump -e getpid,read t | tail -n 1' "$REPRISE"
    ok
    LIMIT=900 run bash -c 'prlimit --as=536870912 "$0" dump --json --range 9990000- t | wc -l' "$REPRISE"
    ok
    out_has '^19[0-9][0-9][0-9]$'
}

run_test "$@"
