#!/bin/bash
# disk_full.sh PROGRAM: the disk that the trace goes to becomes full. The program goes on to its own
# end with its own status, a warning says so, and the trace is valid up to there.
. "$(dirname "$0")/lib.sh"
need unshare mount
program=$1

if [ "${2:-}" != inside ]; then
    namespaces=(--mount)
    [ "$(id -u)" = 0 ] || namespaces+=(--user --map-root-user)
    unshare "${namespaces[@]}" true 2>"$work/why" ||
        skip "no file system of its own can be mounted: $(cat "$work/why")"
    unshare "${namespaces[@]}" bash "$0" "$program" inside
    exit
fi

mkdir "$work/disk"
mount -t tmpfs -o size=512k none "$work/disk" || skip "tmpfs cannot be mounted"
trap 'cd / && umount "$work/disk" && clean_up' EXIT
cd "$work/record" || exit 1
"$BOUNDED" "$LIMIT" "$work/record.report" \
    "$REPRISE" record -o "$work/disk/trace.reprise" -- "$program" \
    </dev/null >"$work/record.out" 2>"$work/record.err"
status=$(head -n 1 "$work/record.report")
show "stderr of record" "$work/record.err"
[ "$status" = "exited 0" ] || fail "the program $status when the disk became full"
[ "$(stat -c %s "$work/record.out")" -gt 5000000 ] || fail "the program's output is cut"
grep -q '^reprise: ' "$work/record.err" || fail "there is no warning"

"$BOUNDED" "$LIMIT" "$work/replay.report" "$REPRISE" replay "$work/disk/trace.reprise" \
    </dev/null >"$work/replay.out" 2>"$work/replay.err"
status=$(head -n 1 "$work/replay.report")
show "stderr of replay" "$work/replay.err"
[ "$status" = "exited 123" ] || fail "replay of the trace that filled the disk $status"
cmp -s -n "$(stat -c %s "$work/replay.out")" "$work/replay.out" "$work/record.out" ||
    fail "the replay shows what was not recorded"
