#!/bin/bash
# bench.sh [-k RUNS] [-b BASE]: what recording and replaying cost, as ratios of one run on one
# machine, in a table of markdown.
#   -k RUNS  each command runs so often, in turns with the others; the median counts (5)
#   -b BASE  calls of dd at 1x of the table of growth (10000)
# Needs in the environment: REPRISE and COMPUTE, the programs under test (see the target "bench").
set -u
: "${COMPUTE:?the program built from compute.c}"
runs=5 base=10000
while getopts k:b: option; do
    case $option in
    k) runs=$OPTARG ;;
    b) base=$OPTARG ;;
    *) exit 2 ;;
    esac
done
. "$(dirname "$0")/lib.sh"

table_head
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
