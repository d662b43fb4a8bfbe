#!/bin/bash
# Programs that _cannot be recorded: a clear message, the exit status that a shell would give, and no
# trace.
. "$(dirname "$0")/lib.sh"

# _cannot STATUS REGEX PROGRAM ARGS...
_cannot() {
    local status=$1 message=$2
    shift 2
    reprise record "$@"
    refused "$status"
    err_has "$message"
    out_is ""
    [ -z "$(ls -A traces)" ] || fail "something is left: $(ls -A traces)"
}

# _elf_head CLASS TYPE MACHINE: the first 64 bytes of an ELF file, and some more.
_elf_head() {
    printf '\177ELF'
    printf '%b' "\\x0$1\\x01\\x01"
    head -c 9 /dev/zero
    printf '%b' "\\x0$2\\x00\\x$3\\x00\\x01\\x00\\x00\\x00"
    head -c 4000 /dev/zero
}

_executable() {
    cat >"$1"
    chmod +x "$1"
}

a_missing_program_exits_with_127() {
    _cannot 127 'no-such-program' no-such-program
    _cannot 127 '\./missing' ./missing
    _cannot 127 '/no/such/program' /no/such/program
    _cannot 127 . ''
    run env PATH=/nowhere "$REPRISE" record ls
    refused 127
    err_has ls
}

a_program_that_is_not_executable_exits_with_126() {
    echo 'echo hello' >plain
    _cannot 126 'plain.*[Pp]ermission denied' ./plain
    mkdir dir
    _cannot 126 'dir.*directory' ./dir
    _cannot 126 '' /
    touch empty
    chmod +x empty
    _cannot 126 empty ./empty
}

a_program_below_a_file_exits_with_126() {
    echo file >file
    _cannot 126 'Not a directory' ./file/program
}

a_program_found_in_PATH_but_not_executable_exits_with_126() {
    mkdir bin
    echo nothing >bin/tool
    PATH=$work/bin:$PATH _cannot 126 tool tool
}

a_script_without_its_interpreter_exits_with_126() {
    printf '#!/no/such/interpreter\necho hello\n' | _executable script
    _cannot 126 '/no/such/interpreter' ./script
    printf '#!\necho hello\n' | _executable script
    _cannot 126 'script.*interpreter' ./script
}

a_script_without_interpreter_line_exits_with_126() {
    echo 'echo hello' | _executable script
    _cannot 126 'script' ./script
}

a_file_that_is_no_program_exits_with_126() {
    head -c 5000 /dev/urandom | sed '1s/^/x/' | _executable noise
    _cannot 126 noise ./noise
}

a_32_bit_program_exits_with_126() {
    _elf_head 1 2 03 | _executable program
    _cannot 126 '32-bit' ./program
}

an_x32_program_exits_with_126() {
    _elf_head 1 2 3e | _executable program
    _cannot 126 'x32' ./program
}

a_program_for_another_cpu_exits_with_126() {
    _elf_head 2 2 b7 | _executable program
    _cannot 126 'another kind of CPU|aarch64|foreign' ./program
}

a_truncated_program_exits_with_126() {
    head -c 20 "$(type -P true)" | _executable program
    _cannot 126 program ./program
    head -c 300 "$(type -P true)" | _executable program
    _cannot 126 program ./program
}

a_program_whose_loader_is_missing_exits_with_126() {
    sed 's,/lib64/ld-linux-x86-64,/lib64/no-linux-x86-64,' "$(type -P true)" | _executable program
    run ./program
    [ "$ended" != "exited 0" ] || skip "this true needs no loader"
    _cannot 126 program ./program
}

where_ptrace_is_forbidden_the_remedy_is_told() {
    run "$FORBID" ptrace true
    [ "$ended" != "exited 77" ] || skip "no seccomp filter can be set"
    run "$FORBID" ptrace "$REPRISE" record sh -c 'echo ran >ran'
    refused 125
    err_has 'ptrace'
    err_has 'seccomp'
    absent ran
    [ -z "$(ls -A traces)" ] || fail "something is left: $(ls -A traces)"
}

a_program_that_is_traced_already_is_refused() {
    command -v strace >/dev/null || skip "strace is not installed"
    run strace -f -o strace.out "$REPRISE" record sh -c 'echo ran >ran'
    refused 125
    err_has 'traced already'
    absent ran
}

run_test "$@"
