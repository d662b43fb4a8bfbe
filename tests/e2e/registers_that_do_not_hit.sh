#!/bin/bash
# registers_that_do_not_hit.sh PROGRAM: PROGRAM is stopped by a breakpoint register that its debugger
# set. Its trace replays where these registers hit; elsewhere the replay says that they do not.
. "$(dirname "$0")/lib.sh"
[ -z "${REPRISE_MACHINE:-}" ] || skip "the machine is taken away already"
record_and_replay "$@"
cd "$work/empty" || exit 1
REPRISE_MACHINE=-breakpoints,-watchpoints "$BOUNDED" "$LIMIT" "$work/replay.report" \
    "$REPRISE" replay "$work/trace.reprise" </dev/null >"$work/replay.out" 2>"$work/replay.err"
status=$(head -n 1 "$work/replay.report")
[ "$status" = "exited 125" ] || {
    show "stderr of replay" "$work/replay.err"
    fail "a replay without registers that hit $status"
}
grep -q 'these registers do not hit on this machine' "$work/replay.err" ||
    fail "the replay does not say why: $(cat "$work/replay.err")"
