#!/bin/bash
# threads.sh [-k RUNS] [-b BASE]: what it costs to record and replay threads that take turns, and how
# cost and memory grow with the number of threads, processes and open files.
#   -k RUNS  each command runs so often, in turns with the others; the median counts (5)
#   -b BASE  percent of the sizes below (100)
# Needs in the environment: REPRISE, and MANY, the program built from many.c.
set -u
: "${MANY:?the program built from many.c}"
runs=5 base=100
while getopts k:b: option; do
    case $option in
    k) runs=$OPTARG ;;
    b) base=$OPTARG ;;
    *) exit 2 ;;
    esac
done
. "$(dirname "$0")/lib.sh"

table_head
workload '20,000 rounds of two threads by mutex and condition' 'record / strace ≤ 1' \
    "$MANY" ping-pong $((20000 * base / 100))
echo
echo "Growth (wanted: not beyond linear, recorder's memory at most 256 MiB):"
echo
echo "| | count | record, s | replay, s | record, µs each | replay, µs each | recorder, MiB |" \
    "replayer, MiB |"
echo "|---|---|---|---|---|---|---|---|"
for what in 'threads 100' 'threads 300' 'threads 1000' 'processes 100' 'processes 300' \
    'processes 1000' 'files 1000' 'files 10000' 'files 100000'; do
    name=${what% *} count=$((${what#* } * base / 100))
    rm -f record replay
    for ((i = 0; i < runs; i++)); do
        seconds record "$REPRISE" record --force -o trace.reprise -- "$MANY" "$name" "$count" || exit 1
        seconds replay "$REPRISE" replay trace.reprise || exit 1
    done
    t_record=$(median record) t_replay=$(median replay)
    m_record=$(peak "$REPRISE" record --force -o trace.reprise -- "$MANY" "$name" "$count")
    m_replay=$(peak "$REPRISE" replay trace.reprise)
    echo "| $name | $count | $(calc %.3f "$t_record") | $(calc %.3f "$t_replay") |" \
        "$(calc %.1f "$t_record * 1e6 / $count") | $(calc %.1f "$t_replay * 1e6 / $count") |" \
        "$m_record | $m_replay |"
done
