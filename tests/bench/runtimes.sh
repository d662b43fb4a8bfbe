#!/bin/bash
# runtimes.sh [-k RUNS] [-n REQUESTS]: what recording and replaying cost runtimes with threads and a
# server under load, as ratios of one run on one machine, in tables of markdown. What is not
# installed is left out, with a line that says so.
#   -k RUNS      each command runs so often, in turns with the others; the median counts (5)
#   -n REQUESTS  of each kind to redis when it is recorded (3000)
# Needs in the environment: REPRISE, the program under test.
set -u
runs=5 requests=3000
while getopts k:n: option; do
    case $option in
    k) runs=$OPTARG ;;
    n) requests=$OPTARG ;;
    *) exit 2 ;;
    esac
done
. "$(dirname "$0")/lib.sh"
sources=$here/../e2e/sources
missing=()

table_head
if [ -x /usr/bin/go ] && GOCACHE=$work/go GOPATH=$work/go GO111MODULE=off CGO_ENABLED=0 GOFLAGS="" \
    /usr/bin/go build -o goroutines "$sources/goroutines.go"; then
    wanted_status=7 workload 'Go: goroutines, channels, collector' 'record ≤ 4' ./goroutines calm
else
    missing+=(go)
fi
if command -v javac >/dev/null && javac -d . "$sources/ThreadPool.java"; then
    wanted_status=9 workload 'Java: thread pool, G1 collector' 'record ≤ 4' \
        java -Xmx48m -XX:+UseG1GC ThreadPool
else
    missing+=(javac)
fi
if [ -x /usr/bin/node ]; then
    wanted_status=8 workload 'node: workers, timers, files' 'record ≤ 4' \
        /usr/bin/node --expose-gc "$sources/workers.js"
else
    missing+=(node)
fi

# The server, a client, and how they are started; "client" and "both" say what is recorded.
cat >load <<'END'
how=$1 requests=$2 port=$3
record() { "$REPRISE" record --force -o server.reprise -- "$@"; }
if [ "$how" = server ]; then
    record redis-server --port "$port" --bind 127.0.0.1 --save '' >log 2>&1 &
else
    redis-server --port "$port" --bind 127.0.0.1 --save '' >log 2>&1 &
fi
for i in $(seq 200); do
    redis-cli -p "$port" ping >pong 2>&1 && break
    sleep 0.05
done
redis-benchmark -p "$port" -n "$requests" -c 50 -t set,get --csv
redis-cli -p "$port" shutdown nosave
wait %1
END
export REPRISE

# throughput FILE HOW REQUESTS COMMAND...: appends the requests a second of SET and of GET.
throughput() {
    local file=$1 how=$2 requests=$3
    shift 3
    "$@" bash load "$how" "$requests" $((10000 + RANDOM % 20000)) >rates 2>err || {
        echo "bench: redis fails ($how)" >&2
        head -n 5 err >&2
        return 1
    }
    sed -n -E 's/^"(SET|GET)","([0-9.]+)".*/\2/p' rates >>"$file"
}

if command -v redis-server >/dev/null && command -v redis-benchmark >/dev/null; then
    for ((i = 0; i < runs; i++)); do
        throughput native alone 100000 || exit 1
        throughput server server "$requests" || exit 1
        throughput both alone "$requests" "$REPRISE" record --force -o trace.reprise -- || exit 1
        seconds replay_both "$REPRISE" replay trace.reprise || exit 1
    done
    echo
    echo "redis under redis-benchmark, 50 clients, SET and GET:"
    echo
    echo "| recorded | requests a second | of its native throughput | wanted |"
    echo "|---|---|---|---|"
    echo "| nothing | $(calc %.0f "$(median native)") | 1 | |"
    for how in server both; do
        name=$([ $how = both ] && echo "server and client" || echo "the server")
        echo "| $name | $(calc %.0f "$(median $how)") |" \
            "$(calc %.3f "$(median $how) / $(median native)") | ≥ 0.1 |"
    done
else
    missing+=(redis-server)
fi
[ ${#missing[@]} -eq 0 ] || echo "Left out, as it is not installed: ${missing[*]}."
