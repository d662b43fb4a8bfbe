#!/bin/bash
# dump.sh [RUNS]: how many events a second `reprise dump` prints to a file, and the memory it takes,
# as rows of markdown; the median of RUNS (3). Times are CPU time, so that other load counts little.
# Needs in the environment: REPRISE, MAKE_TRACE (see the target "bench-dump").
set -eu
: "${REPRISE:?}" "${MAKE_TRACE:?}"
runs=${1:-3}
work=$(mktemp -d "${TMPDIR:-/tmp}/reprise-bench-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

# row NAME TRACE OPTIONS...
row() {
    local name=$1 trace=$2 i
    shift 2
    local events
    events=$("$REPRISE" info --json "$trace" | jq .events.total)
    for ((i = 0; i < runs; i++)); do
        /usr/bin/time -f '%U %S %M' -a -o times "$REPRISE" dump "$@" "$trace" >out
    done
    sort -n times | sed -n "$(((runs + 1) / 2))p" |
        awk -v e="$events" -v n="$name" '{t = $1 + $2; printf "| %s | %d | %.2f | %d | %d |\n", n, e, t, e / t, $3 / 1024}'
    rm -f times out
}

echo "| | events | CPU, s | events a second | memory, MiB |"
echo "|---|---|---|---|---|"
"$MAKE_TRACE" made 1000000
row 'made trace, `dump`' made
row 'made trace, `dump -y -T -tt`' made -y -T -tt
"$REPRISE" record -o dd --force -- dd if=/dev/zero of=/dev/null bs=1 count=100000 2>/dev/null
row '`dd bs=1 count=100000`, `dump`' dd
row '`dd bs=1 count=100000`, `dump --json`' dd --json
