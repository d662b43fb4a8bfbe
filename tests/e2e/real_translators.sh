#!/bin/bash
# Programs that translate other programs, to run them or to have them run. See cases.sh for the
# options.
sysroot=$(rustc --print sysroot 2>/dev/null) # before HOME changes, by which rustup finds it
. "$(dirname "$0")/cases.sh"
sources=$here/sources

# valgrind reads code as data and executes what it makes of it.
build_leaks() {
    need valgrind gcc
    gcc -g -O0 -pthread -o leaks "$sources/leaks.c" || fail "does not compile"
    expect="exited 3"
}

# Around each of valgrind's thousands of calls --paranoid compares all of its memory, which is 20 MiB
# without a tool, and more with memcheck.
case_valgrind_of_threads() {
    build_leaks
    if is_paranoid; then
        LIMIT=600
        record_and_replay valgrind --tool=none ./leaks
    else
        record_and_replay valgrind --leak-check=full ./leaks
        grep -q "ERROR SUMMARY: [1-9]" "$work/record.err" || fail "valgrind found no error"
    fi
}

case_valgrind_counts_instructions() {
    build_leaks
    record_and_replay sh -c \
        'valgrind --tool=callgrind --callgrind-out-file=out ./leaks; status=$?; cat out; exit $status'
    grep -q ") work$" "$work/record.out" || fail "callgrind counted nothing"
}

# The dynamic linker, libc's functions for vectors and cpuid, all of it translated.
case_valgrind_of_a_child() {
    build_leaks
    expect="exited 0"
    ! is_paranoid || LIMIT=600
    record_and_replay valgrind $(is_paranoid && echo --tool=none) --trace-children=yes sh -c './leaks; test $? = 3 && date +%N'
}

case_rustc_compiles_threads() {
    local rustc=$sysroot/bin/rustc
    [ -x "$rustc" ] || rustc=/usr/bin/rustc
    [ -x "$rustc" ] || skip "rustc is not installed"
    expect="exited 6"
    record_and_replay sh -c "$rustc --edition 2021 -O -o threads '$sources/threads.rs' && ./threads"
}

run_case "$1"
