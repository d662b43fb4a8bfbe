#!/bin/bash
# preempt.sh [-k RUNS]: what it costs to record and replay tasks that compute without any call. The
# column "replay / record" is the one that counts for loops that spin.
#   -k RUNS  each command runs so often, in turns with the others; the median counts (5)
# Needs in the environment: REPRISE, and BUSY, the program built from busy.c.
set -u
: "${BUSY:?the program built from busy.c}"
runs=5
while getopts k: option; do
    case $option in
    k) runs=$OPTARG ;;
    *) exit 2 ;;
    esac
done
. "$(dirname "$0")/lib.sh"

row() {
    local name=$1 wanted=$2 i
    shift 2
    rm -f native record replay
    for ((i = 0; i < runs; i++)); do
        seconds native "$BUSY" "$@" || return
        seconds record "$REPRISE" record --force -o trace.reprise -- "$BUSY" "$@" || return
        seconds replay "$REPRISE" replay trace.reprise || return
    done
    local t_native t_record t_replay
    t_native=$(median native) t_record=$(median record) t_replay=$(median replay)
    echo "| $name | $(calc %.3f "$t_native") s | $(calc %.2f "$t_record / $t_native") |" \
        "$(calc %.2f "$t_replay / $t_native") | $(calc %.2f "$t_replay / $t_record") | $wanted |"
}

echo "$(uname -sr), $(nproc) cores; median of $runs runs in turns."
echo
echo "| computing without a call | alone | record / alone | replay / alone | replay / record | wanted |"
echo "|---|---|---|---|---|---|"
row 'two threads' 'record and replay / alone ≤ 2.1 (one core is used)' two
row 'under a timer signal every 20 ms' 'record / alone ≤ 1.2, replay / alone ≤ 2' timer
row 'a thread spins, nothing counted' 'replay / record ≤ 3' spin
row 'a thread spins, count in a register' 'replay / record ≤ 3' register
row 'a thread spins, count in a local' 'replay / record ≤ 3' local
row 'a thread spins, count in a global' 'replay / record ≤ 3' global
