#!/bin/bash
# soak.sh [-b BUILD] [-t SECONDS] [-r REPLAYS] [-R REGEX]: records every program of tests/programs over
# and over and replays each recording many times, until the time is up; prints counts. Fails if
# anything differed, hung or broke.
#   -b BUILD    where the tests were built (build)
#   -t SECONDS  how long (3600)
#   -r REPLAYS  of each recording (50)
#   -R REGEX    only the tests whose names match ("^program\.", which is all)
set -u
top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=$top/build seconds=3600 replays=50 regex='^program\.'
while getopts b:t:r:R: option; do
    case $option in
    b) build=$OPTARG ;;
    t) seconds=$OPTARG ;;
    r) replays=$OPTARG ;;
    R) regex=$OPTARG ;;
    *) exit 2 ;;
    esac
done
command -v python3 >/dev/null || {
    echo "soak: python3 is needed to read the list of tests" >&2
    exit 2
}

work=$(mktemp -d "${TMPDIR:-/tmp}/reprise-soak-XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT

# For each test its name, and environment and command quoted for the shell, each ended by a zero
# byte: arguments may hold newlines.
ctest --test-dir "$build" -R "$regex" --show-only=json-v1 | python3 -c '
import json, shlex, sys
for test in json.load(sys.stdin)["tests"]:
    env = [v for p in test.get("properties", []) if p["name"] == "ENVIRONMENT" for v in p["value"]]
    print(test["name"], shlex.join(["env", *env, *test["command"]]), "", sep="\0", end="")
' >"$work/tests" || exit 1
count=$(($(tr -cd '\0' <"$work/tests" | wc -c) / 2))
[ "$count" -gt 0 ] || {
    echo "soak: no test matches" >&2
    exit 2
}
echo "$count tests, $replays replays of each recording, $seconds seconds"

end=$((SECONDS + seconds))
recordings=0 failures=0 skips=0
declare -A failed
export REPLAYS=$replays LIMIT=${LIMIT:-120}
while [ "$SECONDS" -lt "$end" ]; do
    while IFS= read -r -d '' name && IFS= read -r -d '' command; do
        [ "$SECONDS" -lt "$end" ] || break
        timeout -k 5 $((LIMIT * 4 + replays * 5)) bash -c "$command" >"$work/out" 2>&1 </dev/null
        case $? in
        0) recordings=$((recordings + 1)) ;;
        77) skips=$((skips + 1)) ;;
        *)
            failures=$((failures + 1))
            failed[$name]=$((${failed[$name]:-0} + 1))
            echo "FAILED: $name, after $recordings good recordings"
            [ "${failed[$name]}" -gt 1 ] || head -n 20 "$work/out"
            ;;
        esac
    done <"$work/tests"
    echo "$SECONDS s: $recordings recordings, $((recordings * replays)) replays, $skips skipped," \
        "$failures failed"
done

for name in "${!failed[@]}"; do
    echo "${failed[$name]} failed: $name"
done
echo "soak: $recordings recordings, $((recordings * replays)) replays, $skips skipped, $failures failed"
[ "$failures" -eq 0 ] && [ "$recordings" -gt 0 ]
