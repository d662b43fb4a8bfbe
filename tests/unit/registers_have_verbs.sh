#!/bin/bash
# registers_have_verbs.sh SOURCES: what a register means to calls and to the flow of control is told by
# task/regs.h, and the size of a page by base/page.h.
set -eu
cd "$1"

# Where registers are those of an instruction, or of code that is put into programs.
truly='recorder/call_stub.c
recorder/step_walk.c
recorder/stub_leave.c
replayer/check_stub.c
replayer/fast_stub.c
replayer/real_call.c
replayer/regs_check.c
task/machine_insn.c
task/memory_operand.c
task/regs.h
task/rep_span.c'

mapfile -t sources < <(find base code confine decode diff export format recorder replayer stat symbols syscalls \
    task tools vdso -name '*.[ch]' | sort)
[ "${#sources[@]}" -gt 300 ]
mapfile -t others < <(printf '%s\n' "${sources[@]}" | grep -vxF "$truly")

# none_of WORDS WHAT FILES...: names the lines that have such words.
none_of() {
    local words=$1 what=$2 found
    shift 2
    found=$(grep -nE "$words" "$@" || true)
    [ -z "$found" ] || {
        printf '%s\n%s\n' "$what" "$found" >&2
        exit 1
    }
}

name='orig_rax|rip|r[abcd]x|r[sd]i|r[sb]p|r8|r9|r1[0-5]|eflags|[cs]s|[fg]s_base'
none_of "REG_INDEX\(|regs(->|\.)($name)\b|(->|\.)(orig_rax|rip|r[abcd]x|r[sd]i|r[sb]p|r10|eflags)\b" \
    'Use the verbs of task/regs.h instead of:' "${others[@]}"
mapfile -t rest < <(printf '%s\n' "${sources[@]}" | grep -vxF base/page.h)
none_of '^# *define +[A-Z_]*PAGE +4096' 'Take the size of a page from base/page.h instead of:' "${rest[@]}"
