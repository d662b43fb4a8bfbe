#!/bin/bash
# bench.sh [-k RUNS] [-b BASE]: what recording and replaying cost, as ratios of one run on one
# machine, in a table of markdown.
#   -k RUNS  each command runs so often, in turns with the others; the median counts (5)
#   -b BASE  calls of dd at 1x of the table of growth (10000)
# Needs in the environment: REPRISE and COMPUTE, the programs under test (see the target "bench").
set -u
here=$(cd "$(dirname "$0")" && pwd)
: "${REPRISE:?the reprise program}" "${COMPUTE:?the program built from compute.c}"
runs=5 base=10000
while getopts k:b: option; do
    case $option in
    k) runs=$OPTARG ;;
    b) base=$OPTARG ;;
    *) exit 2 ;;
    esac
done
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

# seconds FILE COMMAND...: appends the wall time of the command to the file.
seconds() {
    local file=$1 start end
    shift
    start=$EPOCHREALTIME
    "$@" >out 2>err </dev/null || {
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

echo "$(uname -sr), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1);" \
    "median of $runs runs in turns; $("$REPRISE" --version | head -n 1)."
echo
echo "| program | alone | strace / alone | record / alone | replay / alone | record / strace |" \
    "replay / strace | recorder, MiB | replayer, MiB | wanted |"
echo "|---|---|---|---|---|---|---|---|---|---|"
workload '`dd bs=1 count=100000`' 'record / strace ≤ 1, replay / strace ≤ 0.6' \
    dd if=/dev/zero of=/dev/null bs=1 count=100000
"$here/../e2e/small_c_tree.sh" tree || exit 1
before_each() {
    rm -f tree/*.o tree/program
}
workload '`make`, 40 small C files' 'record ≤ 2.5, replay ≤ 1.5' make -C tree
before_each() {
    :
}
if [ -x /usr/bin/python3 ]; then
    workload '`python3 -c "import json, asyncio, http.client"`' 'record and replay ≤ 1.8' \
        /usr/bin/python3 -c 'import json, asyncio, http.client'
fi
workload 'pure computing' 'record and replay ≤ 1.05' "$COMPUTE"
echo
echo "The recorder's own memory is wanted below 64 MiB in all of these. \"strace\" is" \
    "\`taskset -c 0 strace -f -o FILE\`."
echo

echo "Growth with the number of calls, \`dd bs=1\` (two calls a count):"
echo
echo "| | count | record, s | replay, s | record, µs a call | replay, µs a call | trace, bytes |"
echo "|---|---|---|---|---|---|---|"
for factor in 1 10 100; do
    count=$((base * factor))
    rm -f record replay
    for ((i = 0; i < (factor == 100 ? 1 : runs); i++)); do
        seconds record "$REPRISE" record --force -o trace.reprise -- \
            dd if=/dev/zero of=/dev/null bs=1 count="$count" || exit 1
        seconds replay "$REPRISE" replay trace.reprise || exit 1
    done
    size[factor]=$(stat -c %s trace.reprise)
    t_record=$(median record) t_replay=$(median replay)
    echo "| ${factor}x | $count | $(calc %.3f "$t_record") | $(calc %.3f "$t_replay") |" \
        "$(calc %.2f "$t_record * 1e6 / $count / 2") | $(calc %.2f "$t_replay * 1e6 / $count / 2") |" \
        "${size[factor]} |"
done
echo
echo "From 10x to 100x the trace grows by" \
    "$(calc %.2f "(${size[100]} - ${size[10]}) / (2 * 90 * $base)") bytes a call (wanted: at most 12)."
