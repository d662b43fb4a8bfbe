#!/bin/bash
# Real programs and language runtimes of many threads. See cases.sh for the options.
. "$(dirname "$0")/cases.sh"
sources=$here/sources

case_xz_with_two_threads() {
    need xz
    head -c 3000000 /dev/urandom | base64 -w 0 >data
    record_and_replay sh -c 'xz -T2 -1 --block-size=1MiB -k data && xz -lv data.xz && xz -T2 -dc data.xz | cmp - data && sha256sum data.xz'
}

case_pigz_with_four_threads() {
    need pigz
    head -c 3000000 /dev/urandom | base64 -w 0 >data
    record_and_replay sh -c 'pigz -p4 -k data && pigz -lv data.gz && pigz -p4 -dc data.gz | cmp - data && sha256sum data.gz'
}

case_python_threads() {
    need_python
    record_and_replay "$python" "$sources/threads.py"
}

case_python_asyncio() {
    need_python
    record_and_replay "$python" "$sources/coroutines.py"
}

case_python_multiprocessing_with_pools() {
    need_python
    record_and_replay "$python" "$sources/processes.py" fork $(is_paranoid || echo spawn forkserver)
}

case_rust_threads() {
    [ -x /usr/bin/rustc ] || skip "rustc is not installed"
    /usr/bin/rustc --edition 2021 -O -o threads "$sources/threads.rs" || fail "does not compile"
    expect="exited 6"
    record_and_replay ./threads
}

# build_go NAME: a static program.
build_go() {
    [ -x /usr/bin/go ] || skip "go is not installed"
    GOCACHE=$work/tmp GOPATH=$work/tmp GO111MODULE=off CGO_ENABLED=0 GOFLAGS="" \
        /usr/bin/go build -o "$1" "$sources/$1.go" || fail "does not compile"
    rm -rf "${work:?}/tmp" && mkdir "$work/tmp"
}

case_go_channels_timers_and_collector() {
    build_go goroutines
    expect="exited 7"
    record_and_replay ./goroutines calm
}

case_go_loops_that_are_preempted() {
    build_go goroutines
    expect="exited 7"
    record_and_replay ./goroutines
}

case_node_workers_timers_and_files() {
    [ -x /usr/bin/node ] || skip "node is not installed"
    expect="exited 8"
    record_and_replay /usr/bin/node --expose-gc "$sources/workers.js"
}

# Collectors differ in how their threads wait for each other.
java_thread_pool() {
    need javac java
    javac -d . "$sources/ThreadPool.java" || fail "does not compile"
    expect="exited 9"
    record_and_replay java -Xmx48m "$1" ThreadPool
}

case_java_thread_pool() {
    java_thread_pool -XX:+UseG1GC
}

case_java_thread_pool_with_one_collecting_thread() {
    java_thread_pool -XX:+UseSerialGC
}

case_strace_of_threads() {
    need strace gcc
    gcc -g -O0 -pthread -o threads "$sources/threads.c" || fail "does not compile"
    expect="exited 9"
    record_and_replay strace -f -tt ./threads
}

case_gdb_of_threads() {
    need gdb gcc
    # watchpoints that never hit would be of no use to gdb without reprise, either
    local hardware=0
    machine_has watchpoints && hardware=1
    gcc -g -O0 -pthread -o threads "$sources/threads.c" || fail "does not compile"
    record_and_replay gdb -nx -q -batch -ex 'set confirm off' -ex 'set debuginfod enabled off' \
        -ex "set can-use-hw-watchpoints $hardware" -ex 'break add' -ex run -ex 'info threads' \
        -ex 'thread apply all backtrace' -ex continue \
        -ex next -ex 'info threads' -ex delete -ex 'watch total' -ex continue -ex delete \
        -ex continue threads
}

run_case "$1"
