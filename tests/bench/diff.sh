#!/bin/bash
# Times `reprise diff` on two traces of a million events: the same one twice, one that differs in
# every thousandth, and one of another program. Needs REPRISE, DIFF_CALLS, MAKE_TRACE.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
: "${DIFF_CALLS:?}" "${MAKE_TRACE:?}" "${count:=1000000}"

"$REPRISE" record -o a.reprise -- "$DIFF_CALLS" "$count"
"$REPRISE" record -o b.reprise -- "$DIFF_CALLS" "$count" 1000
"$MAKE_TRACE" c.reprise $((count / 10))

# row NAME STATUS TRACES...
row() {
    local name=$1 status=$2 i kib=0
    shift 2
    : >times
    for ((i = 0; i < runs; i++)); do
        wanted_status=$status
        seconds times "$REPRISE" diff "$@"
    done
    kib=$(command time -f %M "$REPRISE" diff "$@" 2>&1 >/dev/null | tail -n 1)
    printf '| %s | %.1f | %.0f |\n' "$name" "$(median times)" "$((kib / 1024))"
}

echo "| $count events each | s | MiB |"
echo "|---|---|---|"
row "the same trace" 0 a.reprise a.reprise
row "every thousandth call differs" 1 a.reprise b.reprise
row "another program" 1 a.reprise c.reprise
