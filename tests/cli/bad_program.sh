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

# _hidden MODE: ./hidden may be executed by nobody, and be read by its owner alone.
_hidden() {
    as_nobody true
    rm -f hidden
    cp "$(type -P echo)" hidden
    chmod "$1" hidden
}

a_program_that_may_not_be_read_is_refused_before_it_runs() {
    local mode
    LIMIT=20
    for mode in 0711 4111; do
        _hidden $mode
        as_nobody "$work/hidden" ran
        out_is ran
        as_nobody reprise record "$work/hidden" ran
        refused 126
        err_has 'cannot record .*hidden: .*not read'
        out_is ""
        absent nobody/traces/latest
        reprise record -o t --force -- ./hidden ran
        ok
        out_is ran
    done
    printf '#!%s\n' "$work/hidden" >script
    chmod 755 script
    as_nobody reprise record "$work/script"
    refused 126
    err_has 'cannot record .*script: .*interpreter.*not read'
}

a_program_that_may_not_be_read_is_refused_to_a_recorded_one() {
    LIMIT=20
    _hidden 4111
    printf '#!%s\n' "$work/hidden" >script
    chmod 755 script
    as_nobody reprise record -o t sh -c "$work/hidden ran; echo \$?; $work/script; echo \$?"
    ok
    out_is "126
126"
    err_has '^reprise: warning: .*hidden: this user may not read it.*EACCES'
    cp out whole
    as_nobody reprise replay ./t
    ok
    same out whole
}

# The loader is found by the kernel alone.
a_program_whose_loader_may_not_be_read_ends_the_recording() {
    LIMIT=20
    as_nobody true
    sed 's,/lib64/ld-linux-x86-64.so.2,./hidden\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00,' \
        "$(type -P echo)" >program
    cp /lib64/ld-linux-x86-64.so.2 nobody/hidden
    chmod 755 program
    as_nobody "$work/program" ran
    out_is ran
    run env -C nobody bash -c 'chown 0:0 hidden && chmod 711 hidden && exec "$@"' - \
        setpriv --reuid=65534 --regid=65534 --clear-groups \
        bin/reprise record -o t sh -c "echo before; $work/program"
    err_has '^reprise: warning: .*executes a program that this user may not read.*unrecorded'
    as_nobody reprise replay ./t
    expect "exited 123"
    out_is before
}

a_set_uid_program_without_its_rights_is_told() {
    as_nobody true
    cp "$(type -P id)" set-uid
    chmod 4755 set-uid
    as_nobody "$work/set-uid" -u
    out_is 0
    local warning='^reprise: warning: process [0-9]+ executes .*/set-uid, which is set-uid: .* rights'
    as_nobody reprise record "$work/set-uid" -u
    ok
    out_is 65534
    err_has "$warning"
    as_nobody reprise record sh -c "$work/set-uid -u; exec $work/set-uid -u"
    ok
    err_has "$warning"
    [ "$(wc -l <err)" = 1 ] || fail "it is told more than once"
    record_to t ./set-uid -u
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

# _replays_elsewhere PROGRAM RECORDED_ON MACHINES...: with the same output, what some machine lacks.
_replays_elsewhere() {
    local name=$1 recorded=$2 other
    shift 2
    REPRISE_MACHINE=$recorded reprise record -o t --force -- "$PROGRAMS/$name"
    ok
    cp out out.record
    for other in "$@"; do
        REPRISE_MACHINE=$other reprise replay t
        ok
        cmp out out.record >&2 || fail "$name, recorded without '$recorded', differs without '$other'"
    done
}

traces_of_rewritten_programs_replay_with_other_abilities() {
    local name untrapped=-tsc-trap,-cpuid-trap
    for name in debugger_sees_code_that_tells_of_the_machine \
        faults_and_int3_of_its_own_reach_the_program \
        handlers_lie_in_code_that_was_never_executed \
        instructions_forbidden_by_the_program_fault \
        memory_can_no_longer_be_made_executable \
        random_numbers_go_to_any_register \
        tasks_of_all_kinds_execute_fresh_code; do
        _replays_elsewhere $name "" $untrapped -all
        _replays_elsewhere $name $untrapped "" -all
        _replays_elsewhere $name -all "" $untrapped
    done
}

# Not where there are neither traps nor breakpoint registers: then an int3 of the replay's own stands
# in the code for the time that the program runs to it, and these look there.
traces_of_programs_that_read_their_code_replay_with_other_abilities() {
    local name untrapped=-tsc-trap,-cpuid-trap
    for name in code_is_patched_where_it_tells_of_the_machine \
        code_that_tells_of_the_machine_moves_and_goes; do
        _replays_elsewhere $name "" $untrapped
        _replays_elsewhere $name $untrapped "" -all
        _replays_elsewhere $name -all "" $untrapped
    done
}

run_test "$@"
