#!/bin/bash
# stamps.sh [-k RUNS] [-n READS]: what it costs to record and replay a loop that reads the time stamp
# counter, where that traps, if it does here, and where it does not. What a program without the loop
# costs is taken off.
#   -k RUNS   each command runs so often, in turns with the others; the median counts (5)
#   -n READS  of a loop (1000000)
# Needs in the environment: REPRISE, and STAMPS, the program built from stamps.c.
set -u
: "${STAMPS:?the program built from stamps.c}"
runs=5 reads=1000000
while getopts k:n: option; do
    case $option in
    k) runs=$OPTARG ;;
    n) reads=$OPTARG ;;
    *) exit 2 ;;
    esac
done
. "$(dirname "$0")/lib.sh"

# cpu FILE COMMAND...: appends the CPU time of the command and all that it started, in seconds: on a
# machine that others use as well the wall time tells little.
cpu() {
    local file=$1 TIMEFORMAT='%U %S'
    shift
    { time "$@" >out 2>err </dev/null; } 2>times || {
        echo "bench: this fails: $*" >&2
        head -n 5 err >&2
        return 1
    }
    awk '{ printf "%.6f\n", $1 + $2 }' times >>"$file"
}

# measure KIND READS: sets t_native, t_record and t_replay.
measure() {
    local i how
    rm -f native record replay
    for ((i = 0; i < runs; i++)); do
        cpu native "$STAMPS" "$1" "$2" || return
        cpu record "$REPRISE" record --force -o trace.reprise -- "$STAMPS" "$1" "$2" || return
        cpu replay "$REPRISE" replay trace.reprise || return
    done
    for how in native record replay; do
        printf -v "t_$how" '%s' "$(median "$how")"
    done
}

row() {
    local name=$1 wanted=$2 kind=$3
    measure "$kind" 0 || return
    # shellcheck disable=SC2154 # set by printf -v
    local n=$t_native r=$t_record p=$t_replay
    measure "$kind" "$reads" || return
    local ns="* 1e9 / $reads"
    echo "| $name | $(calc %.0f "($t_native - $n) $ns") | $(calc %.0f "($t_record - $r) $ns") |" \
        "$(calc %.0f "($t_replay - $p) $ns") |" \
        "$(calc %.1f "($t_record - $r) / ($t_native - $n)") |" \
        "$(calc %.1f "($t_replay - $p) / ($t_native - $n)") | $wanted |"
}

echo "$(uname -sr), $(nproc) cores; median of $runs runs in turns, $reads reads; CPU time of all processes."
echo
echo "| time stamps | alone, ns a read | recorded | replayed | record / alone | replay / alone | wanted |"
echo "|---|---|---|---|---|---|---|"
traps() {
    "$REPRISE" check --machine | grep -q '^tsc-trap *yes'
}

rows() {
    row "\`rdtsc\` in a loop$1" 'recorded and replayed ≤ 60' rdtsc
    row "\`rdtscp\` in a loop$1" 'the same' rdtscp
    row "\`rdtsc\`, \`rdtscp\` in turns$1" '' pair
}

if traps; then
    rows ', trapping at first'
fi
export REPRISE_MACHINE=-tsc-trap${REPRISE_MACHINE:+,$REPRISE_MACHINE}
rows ''
