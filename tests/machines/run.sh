#!/bin/bash
# A matrix of machines: programs are recorded on one and replayed on another, in an empty root. The
# machines are this one and guests of qemu (emulated, without KVM) with several models of CPUs and
# Debian's kernels.
#
#   run.sh --quick          one round of a few minutes, on the oldest kernel
#   run.sh --all            each pair of machines that differ in the CPU or in the kernel, not in both
#   run.sh --again MACHINE  its part of the last --all once more: a guest may have died of a fault of qemu's
#   run.sh --table          writes what the last --all found into doc/MACHINES.md; --all --table does both
#   run.sh --shell MODEL    a shell on the console of a guest that has the programs in /programs
#
# Its exit status is 0 if every pair replayed, or was refused for a feature that the program had been
# offered and the machine lacks; 77 if there can be no guests. Heeds in the environment:
#   BUILD      where reprise is built (build)
#   REPRISE    another static reprise
#   MODELS     models of CPUs, as of qemu -cpu help; with --quick all of them record
#   KERNELS    such as "6.1 6.12", of those that apt knows
#   PROGRAMS   names, see programs.sh
#   LEVEL      recordings are made with --cpu=LEVEL
#   JOBS       how many guests at a time (number of CPUs)
#   LIMIT      seconds that each recording and each replay may take (60; 180 with --all)
#   BARE       set: not even /proc is there where a trace is replayed
# shellcheck disable=SC2034,SC2154 # shared with the parts
# shellcheck disable=SC2046,SC2086 # lists of words
# shellcheck disable=SC2317 # called by name
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
top=$(CDPATH='' cd -- "$here/../.." && pwd)
build=${BUILD:-$top/build}
: "${REPRISE:=$build/tools/reprise}" "${BOUNDED:=$build/tests/bounded}"
work=$build/machines
level=${LEVEL:-}
jobs=${JOBS:-$(nproc)}
limit=${LIMIT:-}
bare=${BARE:-}
guest_cpus=2
export LC_ALL=C.UTF-8
for part in tools/packages tests/machines/{programs,kernels,image,host,guests,verdicts,table}; do
    # shellcheck source=/dev/null
    . "$top/$part.sh"
done
record_options=()
[ -z "$level" ] || record_options=("--cpu=$level")

skip() {
    say "skip: $*"
    exit 77
}

fail() {
    say "FAILED: $*" >&2
    exit 1
}

need() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || skip "$tool is not installed"
    done
}

# prepare one|all PROGRAMS...: kernels and the image. One round at a time works in this folder.
prepare() {
    need qemu-system-x86_64 busybox cpio ldd timeout flock unshare
    mkdir -p "$work" || exit 1
    exec 9>"$work/lock"
    flock -n 9 || fail "another one works in $work"
    kernels_get "$1" || skip "no kernel can be had (linux-image-cloud-amd64)"
    image_build "${@:2}" || fail "the image of the guests cannot be built"
    REPRISE=$image/bin/reprise # the same all the time, whatever is built meanwhile
}

# begin ROUND
begin() {
    round=$work/$1
    rm -rf "$round" && mkdir -p "$round" || exit 1
    host_describe
    "$REPRISE" --version | head -n 1 | tr '\n' ' ' >"$round/how"
    echo "${record_options[*]}" >>"$round/how"
}

# on_each FUNCTION ITEMS...: runs the function for each, some at a time.
on_each() {
    local item running=0
    for item in "${@:2}"; do
        if [ "$running" -ge "$jobs" ]; then
            wait -n
            running=$((running - 1))
        fi
        "$1" "$item" 9>&- &
        running=$((running + 1))
    done
    wait
}

record_on_host() {
    local name
    for name in $programs_here; do
        host_record "$name" "${record_options[@]}"
    done
}

# traces_of PLACE: the programs that have a trace.
traces_of() {
    local name
    for name in $programs_here; do
        [ ! -s "$round/recorded/$1/$name.reprise" ] || echo "$name"
    done
}

# job_record DIR, job_replay DIR FROM: add to the jobs in DIR.
job_record() {
    local name
    for name in $programs_here; do
        echo "record $name ${record_options[*]}" >>"$1/jobs/list"
    done
}
job_replay() {
    local name
    mkdir -p "$1/jobs/$2"
    for name in $(traces_of "$2"); do
        ln "$round/recorded/$2/$name.reprise" "$1/jobs/$2/" && echo "replay $2 $name" >>"$1/jobs/list"
    done
}

# visit MACHINE DIR: boots it for the jobs in DIR, and puts what came out in its places.
visit() {
    local machine=$1 dir=$2 from
    guest_run "$machine" "$dir"
    mkdir -p "$round/places/$machine" "$round/recorded/$machine"
    mv -f "$dir"/results/{cpuinfo,release} "$round/places/$machine/" 2>/dev/null
    mv "$dir"/results/recorded/* "$round/recorded/$machine/" 2>/dev/null
    for from in "$dir"/results/replayed/*; do
        from=${from##*/}
        mkdir -p "$round/replayed/$from"
        mv "$dir/results/replayed/$from" "$round/replayed/$from/$machine" 2>/dev/null
    done
    say "$machine: $(grep -c . "$dir/list") jobs in $(cat "$dir/seconds") s$(guest_trouble "$dir")"
}

# first_visit MACHINE: replays what the host recorded; records where $recorders says so, and replays
# that at once.
first_visit() {
    local dir=$round/guests/$1.first
    mkdir -p "$dir/jobs"
    job_replay "$dir" host
    if words "$recorders" | grep -q -x -e "$1"; then
        job_record "$dir"
    fi
    visit "$1" "$dir"
}

# second_visit FROM:MACHINE: replays what another guest recorded. The traces of all would be too much
# for the memory of one.
second_visit() {
    local from=${1%:*} machine=${1#*:} dir
    dir=$round/guests/$machine.of.$from
    mkdir -p "$dir/jobs"
    job_replay "$dir" "$from"
    visit "$machine" "$dir"
}

# are_pair FROM ON: they differ in the CPU or in the kernel. What differs in both is left out: it tells
# nothing new.
are_pair() {
    [ "$1" != "$2" ] && { [ "${1%@*}" = "${2%@*}" ] || [ "${1#*@}" = "${2#*@}" ]; }
}

# pairs MACHINES...
pairs() {
    local from on
    for from in "$@"; do
        for on in "$@"; do
            ! are_pair "$from" "$on" || echo "$from:$on"
        done
    done
}

# places_for FROM MACHINES...: where its traces are replayed.
places_for() {
    local on
    for on in "${@:2}"; do
        if [ "$1" = host ] || [ "$1" = "$on" ] || are_pair "$1" "$on"; then
            echo "$on"
        fi
    done
    [ "$1" = host ] || echo host
}

replay_on_host() {
    local name
    for name in $(traces_of "$1"); do
        host_replay "$1" "$name"
    done
}

# judge FROM PLACES...
judge() {
    local name place
    for name in $programs_here; do
        judge_recording "$1" "$name" || continue
        for place in "${@:2}"; do
            judge_replay "$1" "$place" "$name"
        done
    done
}

# machines KERNEL MODELS...
machines() {
    local model
    for model in "${@:2}"; do
        echo "$model@$1"
    done
}

# report: what is not as it should be, and whether all is.
report() {
    local kind
    for kind in ok skipped refused "wrongly refused" FAILED; do
        say "$(cut -f 4 "$round/verdicts" | grep -c -x "$kind") $kind"
    done
    say "outputs, traces and consoles are in $round"
    bad_verdicts
    [ -z "$(bad_verdicts)" ]
}

# One line for all programs of which the same is to be said, numbers aside. It shows the first message.
bad_verdicts() {
    awk -F '\t' '$4 == "FAILED" || $4 == "wrongly refused" {
        key = $1 $2 $4 without_numbers($5)
        if (!(key in programs)) {
            keys[++n] = key
            lines[n] = sprintf("%s: recorded on %s%s: %s", $4, $1, $2 == "-" ? "" : ", replayed on " $2, $5)
        }
        programs[key] = programs[key] " " $3
    }
    function without_numbers(text) {
        sub(/process [^)]*/, "", text)
        gsub(/0x[0-9a-f]+|[0-9.]+/, "", text)
        return text
    }
    END {
        for (i = 1; i <= n; i++)
            print lines[i] "\n    " programs[keys[i]]
    }' "$round/verdicts"
}

# play_round NAME MACHINES...: with the programs of $programs_here; the machines in $recorders record.
play_round() {
    local machine
    begin "$1"
    shift
    say "== recording on the host:$programs_here"
    record_on_host
    say "== replaying in guests: $*"
    on_each first_visit "$@"
    for machine in $recorders; do
        replay_on_host "$machine"
    done
}

# Two of the machines record, too: one that may stand for most, and one that has no AVX and not even
# XSAVE.
quick_round() {
    local machine models=${MODELS:-Haswell Nehalem EPYC} kernel
    prepare one ${PROGRAMS:-$quick_programs}
    kernel=$(first_word ${KERNELS:-$kernels_here})
    recorders=$(machines "$kernel" ${MODELS:-Haswell Nehalem})
    guest_limit=400 limit=${limit:-60}
    play_round quick $(machines "$kernel" $models)
    judge host $(machines "$kernel" $models)
    for machine in $recorders; do
        judge "$machine" "$machine" host
    done
    report
}

first_word() {
    echo "$1"
}

# All models on the oldest kernel, one of them on the others.
all_machines() {
    local kernel models=${MODELS:-Nehalem Haswell Skylake-Server EPYC max}
    for kernel in ${KERNELS:-$kernels_here}; do
        machines "$kernel" $models
        models=${MODELS:-max}
    done
}

full_round() {
    local all
    prepare all ${PROGRAMS:-$quick_programs $more_programs}
    all=$(all_machines)
    recorders=$all
    guest_limit=3600 limit=${limit:-180}
    play_round all $all
    say "== replaying in guests what others recorded"
    on_each second_visit $(pairs $all)
    judge_all
}

# judge_all: of the machines in $all.
judge_all() {
    local machine
    rm -f "$round/verdicts"
    for machine in host $all; do
        judge "$machine" $(places_for "$machine" $all)
    done
    report
}

# again MACHINE
again() {
    local all pair of_it=()
    prepare all ${PROGRAMS:-$quick_programs $more_programs}
    all=$(all_machines)
    words "$all" | grep -q -x -e "$1" || fail "$1 is none of $all"
    round=$work/all
    recorders=$all
    guest_limit=3600 limit=${limit:-180}
    rm -rf "$round"/{guests/"$1".*,guests/*.of."$1",places/"$1",recorded/"$1",replayed/"$1",replayed/*/"$1"}
    first_visit "$1"
    replay_on_host "$1"
    for pair in $(pairs $all); do
        [ "${pair%:*}" != "$1" ] && [ "${pair#*:}" != "$1" ] || of_it+=("$pair")
    done
    on_each second_visit "${of_it[@]}"
    judge_all
}

# shell MODEL[@KERNEL]
shell() {
    local dir=$work/shell machine
    prepare one ${PROGRAMS:-$quick_programs}
    machine=${1%@*}@$(first_word ${KERNELS:-$kernels_here})
    rm -rf "$dir" && mkdir -p "$dir/jobs" && echo shell >"$dir/jobs/list"
    guest_pack_jobs "$machine" "$dir" && guest_qemu "$machine" "$dir" 86400 mon:stdio
}

usage() {
    sed -n '2,/^# shellcheck/{/^# shellcheck/!s/^#\( \|$\)//p}' "$0"
}

[ $# -gt 0 ] || { usage >&2 && exit 2; }
status=0
while [ $# -gt 0 ]; do
    case $1 in
    --quick) quick_round || status=1 ;;
    --all) full_round || status=1 ;;
    --again) again "${2:?a machine}" || status=1 && shift ;;
    --table) table || status=1 ;;
    --shell) shell "${2:-max}" && exit ;;
    -h | --help) usage ;;
    *) usage >&2 && exit 2 ;;
    esac
    shift
done
exit "$status"
