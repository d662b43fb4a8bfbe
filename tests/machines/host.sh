# shellcheck shell=bash disable=SC2154 # set by who sources it
# This machine as one of the matrix: records, and replays in an empty root. To be sourced; needs $round,
# $limit, $programs, run_program, REPRISE and BOUNDED.

host_describe() {
    mkdir -p "$round/places/host"
    cp /proc/cpuinfo "$round/places/host/cpuinfo"
    uname -r >"$round/places/host/release"
}

# host_record PROGRAM OPTIONS...
host_record() {
    local files=$round/recorded/host/$1
    mkdir -p "$round/recorded/host" "$work/empty"
    (cd "$work/empty" && run_program "$1" "$BOUNDED" "$limit" "$files.status" \
        "$REPRISE" record "${@:2}" -o "$files.reprise" -- </dev/null >"$files.out" 2>"$files.err")
}

# host_replay FROM PROGRAM
host_replay() {
    local files=$round/replayed/$1/host/$2 root=$work/root
    mkdir -p "$round/replayed/$1/host" "$root"
    cp "$REPRISE" "$root/reprise" && cp "$round/recorded/$1/$2.reprise" "$root/trace.reprise"
    chmod 644 "$root/trace.reprise"
    [ -n "$bare" ] || mkdir "$root/proc"
    local command=("${in_root[@]}" "$root" /reprise replay /trace.reprise)
    "${in_root[@]}" "$root" /reprise --version >/dev/null 2>&1 ||
        command=("$REPRISE" replay "$root/trace.reprise")
    "$BOUNDED" "$limit" "$files.status" "${command[@]}" </dev/null >"$files.out" 2>"$files.err"
    rm -rf "$root"
}

# in_root DIR COMMAND...: there is /proc if the folder for it is there. Who is not root has one in a
# namespace of users. Some containers allow neither.
in_root=(unshare --mount)
[ "$(id -u)" = 0 ] || in_root+=(--user --map-root-user)
# shellcheck disable=SC2016 # the other shell expands it
in_root+=(/bin/bash -c 'PATH=$PATH:/usr/sbin
    [ ! -d "$1/proc" ] || mount --rbind /proc "$1/proc" || exit
    exec chroot "$@"' bash)
