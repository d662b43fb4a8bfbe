#!/bin/bash
# arrivals.sh TICKS: see arrivals.c; TICKS is the program built from ticks.c, at fixed addresses.
# Needs in the environment, beside what e2e/lib.sh needs: ARRIVALS, built from arrivals.c.
. "$(dirname "$0")/../e2e/lib.sh"
: "${ARRIVALS:?}"
need nm

tick=$(nm "$1" | awk '$3 == "tick" { print $1 }')
[ -n "$tick" ] || fail "no tick in $1"
"$BOUNDED" 60 "$work/report" "$REPRISE" record -o "$work/trace" -- "$1" >"$work/out" 2>"$work/err"
[ "$(head -n 1 "$work/report")" = "exited 0" ] || fail "not recorded: $(cat "$work/err")"
"$BOUNDED" 300 "$work/report" "$ARRIVALS" "$work/trace" "$tick" 600 >"$work/arrivals" 2>&1
cat "$work/arrivals"
[ "$(head -n 1 "$work/report")" = "exited 0" ] || fail "arrivals $(head -n 1 "$work/report")"
