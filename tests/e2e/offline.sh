#!/bin/bash
# offline.sh REPRISE_STATIC PROGRAM ARGS...
#
# Records the program, takes it away, and replays the trace where nothing of the original exists: in
# a root directory that holds only the static reprise and the trace, with another user, host name,
# pid namespace, environment, stack limit and address randomisation.
. "$(dirname "$0")/lib.sh"
static=$1
shift
need unshare chroot setarch
chroot=$(command -v chroot) unshare=$(command -v unshare)

root=$work/root
mkdir "$root"
cp "$static" "$root/reprise" || fail "there is no static reprise"
[ "$(find "$root" -type f | wc -l)" = 1 ] || fail "the root is not empty"

namespaces=(--mount --uts --ipc --net --pid --fork) user=(--userspec=12345:12345)
if [ "$(id -u)" != 0 ]; then
    namespaces+=(--user --map-root-user)
    user=()
fi

# outside LIMITS ARCH: sets the command that replays in there.
outside() {
    replay_command=(env -i THE_ONLY=variable "$unshare" "${namespaces[@]}" /bin/bash -c
        "echo elsewhere >/proc/sys/kernel/hostname; $1; exec $2 \"\$@\"" bash
        "$chroot" "${user[@]}" "$root" /reprise replay /trace.reprise)
}

"$unshare" "${namespaces[@]}" "$chroot" "$root" /reprise --version >/dev/null 2>"$work/why" ||
    skip "there can be no other root here: $(cat "$work/why")"

record_options=()
cp "$1" "$work/record/program" && chmod 755 "$work/record/program"
shift
record_or_skip "$work/record/program" "$@"
rm -rf "$work/record" "$work/tmp"
mv "$work/trace.reprise" "$root/"
chmod 644 "$root/trace.reprise"
chmod 755 "$work" "$root"

outside : env
replay_trace "in an empty root"
outside "ulimit -s 1000" "setarch -R"
replay_trace "with a small stack and fixed addresses"
outside "ulimit -s unlimited" "setarch -L"
replay_trace "with an endless stack and the old layout of memory"
outside "ulimit -n 64; ulimit -c 0" "nice -n 5"
replay_trace "with few descriptors"
