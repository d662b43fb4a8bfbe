#!/bin/bash
# killed.sh PROGRAM: the recorder is killed while PROGRAM, which prints a line every few milliseconds
# for some seconds, is being recorded. The trace must replay up to its last flush, which is at most
# a second old; and the trace cut anywhere replays to there, or is refused in plain words.
. "$(dirname "$0")/lib.sh"

# lines_of FILE: how many whole lines.
lines_of() {
    wc -l <"$1"
}

# is_beginning PART WHOLE
is_beginning() {
    cmp -s -n "$(stat -c %s "$1")" "$1" "$2"
}

# recorded_until SIGNAL: records for about 2.5 seconds, then sends the signal to the recorder.
recorded_until() {
    cd "$work/record" || exit 1
    rm -f "$work/trace.reprise"
    env --default-signal=INT,QUIT "$REPRISE" record -o "$work/trace.reprise" -- "$program" \
        </dev/null >"$work/record.out" 2>"$work/record.err" &
    local recorder=$!
    sleep 2.5
    lines_of "$work/record.out" >"$work/lines.before"
    kill -s "$1" "$recorder" || fail "the recorder has ended before it was killed"
    wait "$recorder" 2>/dev/null
    echo "$?" >"$work/record.status"
    sleep 0.2
    [ -s "$work/trace.reprise" ] || fail "no trace after SIG$1"
}

replay_torn() {
    cd "$work/empty" || exit 1
    "$BOUNDED" "$LIMIT" "$work/replay.report" "$REPRISE" replay "$work/trace.reprise" \
        </dev/null >"$work/replay.out" 2>"$work/replay.err"
    head -n 1 "$work/replay.report"
}

program=$1
recorded_until KILL
status=$(replay_torn)
show "stderr of replay" "$work/replay.err"
[ "$status" = "exited 123" ] || fail "replay of the torn trace $status"
is_beginning "$work/replay.out" "$work/record.out" || fail "the replay shows what was not recorded"
before=$(cat "$work/lines.before") after=$(lines_of "$work/replay.out")
echo "SIGKILL: $before lines were shown, $after are replayed"
# The program tells the milliseconds since its start at the beginning of each line.
last=$(tail -n 1 "$work/replay.out" | cut -d ' ' -f 1)
want=$(sed -n "${before}p" "$work/record.out" | cut -d ' ' -f 1)
[ "$((want - ${last:-0}))" -le 1300 ] || fail "the replay stops at $last ms, the recording at $want ms"

# Cut anywhere.
size=$(stat -c %s "$work/trace.reprise")
cp "$work/trace.reprise" "$work/whole"
for part in 0 1 7 8 100 $((size / 7)) $((size / 3)) $((size / 2)) $((size - 1000)) $((size - 1)); do
    [ "$part" -ge 0 ] || continue
    head -c "$part" "$work/whole" >"$work/trace.reprise"
    status=$(replay_torn)
    case $status in
    "exited 123" | "exited 125") ;;
    *)
        show "stderr of replay" "$work/replay.err"
        fail "replay of the first $part of $size bytes $status"
        ;;
    esac
    grep -q '^reprise: ' "$work/replay.err" || fail "replay of the first $part bytes says nothing"
    is_beginning "$work/replay.out" "$work/record.out" || fail "cut at $part: wrong output"
done

# A recorder that is asked to end closes the trace.
for signal in TERM INT HUP; do
    recorded_until "$signal"
    status=$(replay_torn)
    case $status in
    "exited 123" | "exited $((128 + $(kill -l "$signal")))" | "killed $(kill -l "$signal")") ;;
    *)
        show "stderr of replay" "$work/replay.err"
        fail "after SIG$signal of the recorder: replay $status"
        ;;
    esac
    is_beginning "$work/replay.out" "$work/record.out" || fail "after SIG$signal: wrong output"
    before=$(cat "$work/lines.before") after=$(lines_of "$work/replay.out")
    echo "SIG$signal: $before lines were shown, $after are replayed, replay $status"
    [ "$after" -ge "$before" ] || fail "after SIG$signal only $after of $before lines are replayed"
done
