# shellcheck shell=bash
# What the benchmarks share: a work directory, medians, and rows of a table. To be sourced by bash.
# Needs in the environment: REPRISE, the program under test. Heeds: runs, how often each command
# runs.
here=$(cd "$(dirname "$0")" && pwd)
: "${REPRISE:?the reprise program}" "${runs:=5}"
export LC_ALL=C

work=$(mktemp -d "${TMPDIR:-/tmp}/reprise-bench-XXXXXX") || exit 1
export REPRISE_TRACE_DIR=$work/traces
trap 'cd / && rm -rf "$work"' EXIT
cd "$work" || exit 1

calc() {
    awk "BEGIN { printf \"$1\", $2 }"
}

median() {
    sort -g "$1" | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

wanted_status=0 # of the programs under test

# seconds FILE COMMAND...: appends the wall time of the command to the file.
seconds() {
    local file=$1 start end
    shift
    start=$EPOCHREALTIME
    "$@" >out 2>err </dev/null
    [ $? -eq "$wanted_status" ] || {
        echo "bench: this fails: $*" >&2
        head -n 5 err >&2
        return 1
    }
    end=$EPOCHREALTIME
    calc '%.6f\n' "$end - $start" >>"$file"
}

# peak COMMAND...: the greatest memory that the process itself had, in MiB; its children, which
# are the recorded program, do not count.
peak() {
    "$@" >out 2>err </dev/null &
    local pid=$! line most=0
    while kill -0 "$pid" 2>/dev/null; do
        line=$(grep VmHWM "/proc/$pid/status" 2>/dev/null) && most=${line//[!0-9]/}
        sleep 0.02
    done
    wait "$pid"
    calc '%.1f' "$most / 1024"
}

before_each() {
    :
}

# workload NAME WANTED COMMAND...: one row.
workload() {
    local name=$1 wanted=$2 i how
    shift 2
    rm -f native strace record replay
    before_each
    "$@" >/dev/null 2>&1 </dev/null # fills the caches
    for ((i = 0; i < runs; i++)); do
        before_each
        seconds native "$@" || return
        before_each
        seconds strace taskset -c 0 strace -f -o strace.out "$@" || return
        before_each
        seconds record "$REPRISE" record --force -o trace.reprise -- "$@" || return
        seconds replay "$REPRISE" replay trace.reprise || return
    done
    for how in native strace record replay; do
        printf -v "t_$how" '%s' "$(median "$how")"
    done
    before_each
    local m_record m_replay
    m_record=$(peak "$REPRISE" record --force -o trace.reprise -- "$@")
    m_replay=$(peak "$REPRISE" replay trace.reprise)
    # shellcheck disable=SC2154 # set by printf -v
    echo "| $name | $(calc %.3f "$t_native") s | $(calc %.2f "$t_strace / $t_native") |" \
        "$(calc %.2f "$t_record / $t_native") | $(calc %.2f "$t_replay / $t_native") |" \
        "$(calc %.2f "$t_record / $t_strace") | $(calc %.2f "$t_replay / $t_strace") |" \
        "$m_record | $m_replay | $wanted |"
}

# Above the rows.
table_head() {
    echo "$(uname -sr), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1);" \
        "median of $runs runs in turns; $("$REPRISE" --version | head -n 1)."
    echo
    echo "| program | alone | strace / alone | record / alone | replay / alone | record / strace |" \
        "replay / strace | recorder, MiB | replayer, MiB | wanted |"
    echo "|---|---|---|---|---|---|---|---|---|---|"
}
