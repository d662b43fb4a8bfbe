#!/bin/bash
# replayer_choke_points.sh SOURCES: what can make a replayed task run a call, write into it or set its
# registers is used in one file of the replayer's each, which checks what a trace wants.
set -eu
cd "$1"

# only_in FILES WORDS
only_in() {
    local found
    found=$(grep -lwE "$2" ./*.c ./*.h | sort | tr '\n' ' ')
    [ "$found" = "${1:+$1 }" ] || {
        echo "'$2' is used in '$found', not in '${1:-none}' alone" >&2
        exit 1
    }
}

only_in ./real_call.c 'TRACEE_CONT'
only_in "" 'TRACEE_STEP|TRACEE_SYSCALL|PTRACE_CONT|PTRACE_SINGLESTEP|PTRACE_SYSCALL|tracee_run_syscall|tracee_leave_call'
only_in ./task_memory.c 'tracee_write|tracee_write_user|code_stop_set|PTRACE_POKEDATA|PTRACE_POKETEXT|process_vm_writev'
only_in './real_call.c ./task_run.c' 'tracee_set_regs|PTRACE_SETREGS|PTRACE_SETREGSET'
