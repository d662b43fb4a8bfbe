#!/bin/bash
# table_is_asked.sh SOURCES: what a call is and does is told by its row in syscalls/. Numbers of calls
# stand nowhere else but where calls are made, and those are not compared with.
set -eu
cd "$1"

# Where calls are made, by the C library's names. All others take them from task/made_calls.h.
made='base/clock.h
confine/capabilities.c
confine/close_from.c
confine/landlock.c
confine/reader_filter.c
task/call_filter.c
task/cpu_guard.c
task/foreign_fd.c
task/machine_trial.c
task/made_calls.h
vdso/vdso.c'

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

mapfile -t sources < <(find . -path ./tests -prune -o -path ./syscalls -prune -o -path './build*' -prune \
    -o -name '*.[chS]' -print -o -name '*.inc' -print | sed 's|^\./||' | grep -vxF "$made" | sort)
[ "${#sources[@]}" -gt 300 ] || {
    echo "only ${#sources[@]} files were found" >&2
    exit 1
}

none_of '\b(SYS_|__NR_)[a-z]' 'Ask the row of the call (syscalls/syscalls.h) instead of:' "${sources[@]}"
# But the replayer knows no rows: of a call that it is about to make it knows by number what it does.
mapfile -t rest < <(printf '%s\n' "${sources[@]}" | grep -vxF replayer/real_call.c)
none_of '(==|!=) *NR_|\bcase NR_|\bNR_[A-Z0-9_]+ *(==|!=)' 'A number of a call is compared:' "${rest[@]}"
none_of '\bnr *(==|!=) *[1-9]|syscall_(row|traits)\([0-9]' 'A number of a call, without its name:' "${sources[@]}"
none_of '\bstrcmp\([a-z>.-]*row->name' 'A call is told by its name:' "${sources[@]}"
none_of 'switch \(\((int|unsigned|size_t)\) ?[a-z>.-]*(->|\.)?(kind|body_case)\)' \
    'A cast hides kinds from the compiler:' "${sources[@]}"
