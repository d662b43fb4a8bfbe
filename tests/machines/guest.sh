#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091,SC2034 # what it sources is there only in a guest
# The first program of a guest. Does what /jobs/list says, one job a line, and sends what came out
# through a port, as archives that stand one after the other:
#   record NAME OPTIONS...  leaves recorded/NAME.{reprise,status,out,err}, and replays that
#   replay FROM NAME        replays /jobs/FROM/NAME.reprise in a root of its own, which holds only
#                           that, reprise, and /proc unless there is /jobs/bare; leaves
#                           replayed/FROM/NAME.{status,out,err}
#   shell                   on the console
# Lines that begin with "MACHINE" tell on the console how far it is.
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin HOME=/tmp LC_ALL=C.UTF-8
. /programs.sh
programs=/programs

prepare() {
    mount -t devtmpfs dev /dev
    mount -t proc proc /proc
    mount -t sysfs sys /sys
    mkdir -p /dev/shm /dev/pts
    mount -t tmpfs shm /dev/shm
    mount -t devpts pts /dev/pts
    ip link set lo up
    while read -r module; do
        insmod "/modules/$module.ko"
    done </modules/list
}

# send FILES...: of /results.
send() {
    tar -c -f - -C /results "$@" >/dev/vport0p1
}

# bounded is the one that knows how a program ended.
record() {
    name=$1
    shift
    cd /tmp && mkdir -p /results/recorded || return
    run_program "$name" bounded "$limit" "/results/recorded/$name.status" \
        reprise record "$@" -o "/results/recorded/$name.reprise" -- \
        </dev/null >"/results/recorded/$name.out" 2>"/results/recorded/$name.err"
    cd /results && send recorded/"$name".*
    mkdir -p "/jobs/$machine"
    mv "recorded/$name.reprise" "/jobs/$machine/"
    rm -f recorded/"$name".*
    replay "$machine" "$name"
}

replay() {
    dir=replayed/$1 name=$2 root=/root.$1.$2
    [ -e "/jobs/$1/$name.reprise" ] || return
    mkdir -p "/results/$dir" "$root"
    ln /bin/reprise "$root/reprise"
    mv "/jobs/$1/$2.reprise" "$root/trace.reprise"
    [ -e /jobs/bare ] || { mkdir "$root/proc" && mount -t proc proc "$root/proc"; }
    bounded "$limit" "/results/$dir/$name.status" chroot "$root" /reprise replay /trace.reprise \
        </dev/null >"/results/$dir/$name.out" 2>"/results/$dir/$name.err"
    cd /results && send "$dir/$name".*
    [ -e /jobs/bare ] || umount "$root/proc"
    rm -rf "$root" "/results/$dir/$name".*
}

do_jobs() {
    while read -r job arguments; do
        echo "MACHINE begins $job $arguments"
        # shellcheck disable=SC2086 # words
        case $job in
        record | replay) "$job" $arguments ;;
        shell) setsid cttyhack sh </dev/console ;;
        esac
        echo "MACHINE ends at $(cut -d ' ' -f 1 /proc/uptime)"
    done </jobs/list
}

prepare
machine=$(cat /jobs/machine) limit=$(cat /jobs/limit)
echo "MACHINE is up at $(cut -d ' ' -f 1 /proc/uptime)"
cp /proc/cpuinfo /results/cpuinfo
uname -r >/results/release
send cpuinfo release
do_jobs
echo "MACHINE is done"
poweroff -f
