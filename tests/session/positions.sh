#!/bin/bash
# positions.sh PROGRAM ARGS...: records the program, and sees that a replay that stops and goes on is
# at each position in the state in which it is there each time. Needs in the environment, beside what
# e2e/lib.sh needs: POSITIONS, the program built from positions.c.
. "$(dirname "$0")/../e2e/lib.sh"
: "${POSITIONS:?}"

"$BOUNDED" 60 "$work/report" "$REPRISE" record -o "$work/trace" -- "$@" \
    </dev/null >"$work/out" 2>"$work/err"
[ -s "$work/trace" ] || fail "not recorded: $(cat "$work/err")"
"$BOUNDED" 200 "$work/report" "$POSITIONS" "$work/trace" 20 >"$work/positions" 2>&1
cat "$work/positions"
[ "$(head -n 1 "$work/report")" = "exited 0" ] || fail "positions $(head -n 1 "$work/report")"
