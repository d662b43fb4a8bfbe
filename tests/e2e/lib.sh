# shellcheck shell=bash
# What the end-to-end tests share: a work directory of their own, one way to fail, one way to skip,
# and record_and_replay. To be sourced by bash. Needs in the environment:
#   REPRISE   the program under test
#   BOUNDED   the helper that runs a program within a time and reports how it ended
# Heeds:
#   REPLAYS   how many times to replay each trace (3)
#   piped     set: the recorded program's stdout is a pipe, not a file
#   LIMIT     seconds that each recording and each replay may take (20)
#   KEEP      set: the work directory stays, and its name is printed
set -u
: "${REPRISE:?the reprise program to test}" "${BOUNDED:?the helper built from bounded.c}"
: "${REPLAYS:=3}" "${LIMIT:=20}"
. "${BASH_SOURCE%/*}/../machine.sh"
declare -a record_options # may be set before or after
export LC_ALL=C.UTF-8
CPUS_SEEN=$(nproc)
export CPUS_SEEN

work=$(mktemp -d "${TMPDIR:-/tmp}/reprise-e2e-XXXXXX") || exit 1
mkdir "$work/record" "$work/tmp" "$work/empty"
export TMPDIR=$work/tmp REPRISE_TRACE_DIR=$work/traces

clean_up() {
    if [ -n "${KEEP:-}" ]; then
        echo "kept $work" >&2
    else
        cd / && rm -rf "$work"
    fi
}
trap clean_up EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

skip() {
    echo "skip: $*"
    exit 77
}

need() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || skip "$tool is not installed"
    done
}

# show NAME FILE: the beginning of what a stream held, for the reader of a failed test.
show() {
    [ -s "$2" ] || return 0
    echo "--- $1" >&2
    head -c 3000 "$2" | cat -v >&2
}

# same WHAT EXPECTED ACTUAL: byte for byte, or the test fails and shows where.
same() {
    cmp -s "$2" "$3" && return 0
    cmp "$2" "$3" >&2
    diff -a "$2" "$3" | head -n 12 | cut -c 1-300 | cat -v >&2
    show "stderr of replay" "$work/replay.err"
    fail "$1 differs"
}

# record_program ARGS...: records into $work/trace.reprise. stdin is the file $stdin; the options
# in the array record_options go to reprise. Leaves stdout, stderr and status in $work/record.*.
# With $piped, stdout is a pipe whose reader takes its time.
# A line of reprise itself is a failure unless it matches $warns.
record_program() {
    cd "$work/record" || exit 1
    local command=("$BOUNDED" "$LIMIT" "$work/record.report" "$REPRISE" record "${record_options[@]}"
        -o "$work/trace.reprise" -- "$@")
    if [ -n "${piped:-}" ]; then
        "${command[@]}" <"${stdin:-/dev/null}" 2>"$work/record.stderr" |
            { sleep 0.3 && cat >"$work/record.out"; }
    else
        "${command[@]}" <"${stdin:-/dev/null}" >"$work/record.out" 2>"$work/record.stderr"
    fi
    head -n 1 "$work/record.report" >"$work/record.status"
    sed -e '/^reprise: /d' "$work/record.stderr" >"$work/record.err"
    if grep -a '^reprise: ' "$work/record.stderr" |
        grep -a -v -E -e "${warns:-^nothing}" >"$work/warnings"; then
        cat "$work/warnings" >&2
        show "stderr of the recording" "$work/record.err"
        fail "reprise complained while recording ($(cat "$work/record.status"))"
    fi
}

# run_unrecorded ARGS...: leaves stdout, stderr and status in $work/native.*.
run_unrecorded() {
    cd "$work/record" || exit 1
    "$BOUNDED" "$LIMIT" "$work/native.report" "$@" \
        <"${stdin:-/dev/null}" >"$work/native.out" 2>"$work/native.err"
    head -n 1 "$work/native.report" >"$work/native.status"
}

# replay_trace NAME: replays $work/trace.reprise in an empty directory, without stdin, by the command
# in the array replay_command.
replay_command=("$REPRISE" replay "$work/trace.reprise")
replay_trace() {
    cd "$work/empty" || exit 1
    "$BOUNDED" "$LIMIT" "$work/replay.report" "${replay_command[@]}" \
        </dev/null >"$work/replay.out" 2>"$work/replay.err"
    head -n 1 "$work/replay.report" >"$work/replay.status"
    same "exit status of replay $1" "$work/record.status" "$work/replay.status"
    same "stdout of replay $1" "$work/record.out" "$work/replay.out"
    same "stderr of replay $1" "$work/record.err" "$work/replay.err"
}

# record_or_skip ARGS...: as above. $expect is the status wanted ("exited 0"). A program that exits
# with 77 skips the test with its own reason, if it does so unrecorded too.
record_or_skip() {
    record_program "$@"
    if [ "$(cat "$work/record.status")" = "exited 77" ]; then
        cat "$work/record.out"
        [ -z "${REPRISE_MACHINE:-}" ] || exit 77 # unrecorded it has what was taken away
        run_unrecorded "$@"
        [ "$(cat "$work/native.status")" = "exited 77" ] && exit 77
        fail "recorded, the program lacks what it has unrecorded"
    fi
    if [ "$(cat "$work/record.status")" != "${expect:-exited 0}" ]; then
        show "stdout of the recording" "$work/record.out"
        show "stderr of the recording" "$work/record.err"
        fail "recorded: $(cat "$work/record.status"), expected: ${expect:-exited 0}"
    fi
}

# record_and_replay ARGS...: as above, and REPLAYS replays.
record_and_replay() {
    record_or_skip "$@"
    # Nothing that the recording read or wrote is there when it is replayed.
    [ -n "${KEEP:-}" ] || rm -rf "$work/record" "$work/tmp"
    local i
    for ((i = 1; i <= REPLAYS; i++)); do
        replay_trace "$i"
    done
}
