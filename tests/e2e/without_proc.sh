#!/bin/bash
# without_proc.sh REPRISE_STATIC PROGRAM: PROGRAM is preempted as it computes. Where there is no /proc,
# the place cannot be found again, and the replay says so and ends.
. "$(dirname "$0")/lib.sh"
static=$1
shift
need unshare chroot
own_root=()
[ "$(id -u)" = 0 ] || own_root=(--user --map-root-user)
root=$work/root
mkdir "$root"
cp "$static" "$root/reprise" || fail "there is no static reprise"
unshare "${own_root[@]}" chroot "$root" /reprise --version >/dev/null 2>"$work/why" ||
    skip "there can be no other root here: $(cat "$work/why")"
record_or_skip "$@"
"$REPRISE" dump --internal "$work/trace.reprise" | grep -q -- '--- preempted ---' ||
    fail "nothing was preempted"
cp "$work/trace.reprise" "$root/"
"$BOUNDED" "$LIMIT" "$work/replay.report" unshare "${own_root[@]}" chroot "$root" /reprise replay \
    /trace.reprise </dev/null >"$work/replay.out" 2>"$work/replay.err"
status=$(head -n 1 "$work/replay.report")
[ "$status" = "exited 125" ] || fail "a replay without /proc $status"
grep -q 'needs /proc' "$work/replay.err" ||
    fail "the replay does not say why: $(cat "$work/replay.err")"
