#!/bin/bash
# recorder_is_stopped.sh PROGRAM ARGS...: the recorder is stopped and continued over and over, as by a
# suspended machine, while the program runs with many threads. The recording must be whole.
. "$(dirname "$0")/lib.sh"

record_options=()
bother() {
    local pid
    while [ -e "$work/busy" ]; do
        pid=$(pgrep -o -f "^$REPRISE record .*-o $work/trace.reprise") || continue
        kill -STOP "$pid" 2>/dev/null && echo stopped >>"$work/stops"
        sleep 0.05
        kill -CONT "$pid" 2>/dev/null
        sleep 0.02
    done
}
touch "$work/busy"
bother &
bothering=$!
record_or_skip "$@"
rm "$work/busy"
wait "$bothering"
[ -s "$work/stops" ] || fail "the recorder was never stopped"
for ((i = 1; i <= REPLAYS; i++)); do
    replay_trace "$i"
done
