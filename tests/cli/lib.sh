# What the tests of the command line share. To be sourced by a script whose functions are the tests;
# the name of one of them is the script's argument. Needs in the environment:
#   REPRISE        the program under test
#   BOUNDED        runs a program within a time and reports how it ended (tests/e2e/bounded.c)
#   ALTER          copies a trace with one thing changed (alter.c)
#   FORBID         runs a program that may not make a certain call (forbid.c)
# Heeds:
#   LIMIT          seconds that each command may take (60)
#   KEEP           set: the work directory stays, and its name is printed
set -eu
: "${REPRISE:?}" "${BOUNDED:?}" "${ALTER:?}" "${FORBID:?}" "${LIMIT:=60}"
. "${BASH_SOURCE%/*}/../machine.sh"
export LC_ALL=C.UTF-8

work=$(mktemp -d "${TMPDIR:-/tmp}/reprise-cli-XXXXXX") || exit 1
cd "$work" || exit 1
unset NO_COLOR XDG_DATA_HOME
export HOME=$work/home REPRISE_TRACE_DIR=$work/traces
mkdir "$HOME"

_clean_up() {
    if [ -n "${KEEP:-}" ]; then
        echo "kept $work" >&2
    else
        cd / && rm -rf "$work"
    fi
}
trap _clean_up EXIT

fail() {
    echo "FAILED: $*" >&2
    local stream
    for stream in out err; do
        if [ -s "$work/$stream" ]; then
            echo "--- $stream of the last command" >&2
            head -c 3000 "$work/$stream" | cat -v >&2
        fi
    done
    exit 1
}

skip() {
    echo "skip: $*"
    exit 77
}

# run COMMAND ARGS...: stdin is the file $stdin. Leaves stdout, stderr in $work/out, $work/err, and
# how it ended in $ended: "exited 3", "killed 11", "timed out".
run() {
    "$BOUNDED" "$LIMIT" "$work/report" "$@" <"${stdin:-/dev/null}" >"$work/out" 2>"$work/err"
    ended=$(head -n 1 "$work/report")
}

# reprise ARGS...: run the program under test.
reprise() {
    run "$REPRISE" "$@"
}

# expect "exited 0": how the last command must have ended.
expect() {
    [ "$ended" = "$1" ] || fail "it $ended; expected: $1"
}

ok() {
    expect "exited 0"
}

# out_is TEXT, err_is TEXT: the whole stream, the last newlines aside.
out_is() {
    [ "$(cat "$work/out")" = "$1" ] || fail "stdout is not '$1'"
}

err_is() {
    [ "$(cat "$work/err")" = "$1" ] || fail "stderr is not '$1'"
}

out_has() {
    grep -aqE -e "$1" "$work/out" || fail "stdout lacks '$1'"
}

out_lacks() {
    ! grep -aqE -e "$1" "$work/out" || fail "stdout has '$1'"
}

err_has() {
    grep -aqE -e "$1" "$work/err" || fail "stderr lacks '$1'"
}

err_lacks() {
    ! grep -aqE -e "$1" "$work/err" || fail "stderr has '$1'"
}

# Every line that reprise said itself begins with its name.
err_is_prefixed() {
    ! grep -avE '^reprise: ' "$work/err" || fail "a line on stderr lacks the prefix 'reprise: '"
}

# refused STATUS: the command ended so, and said why.
refused() {
    expect "exited $1"
    err_is_prefixed
    [ -s "$work/err" ] || fail "no message"
}

exists() {
    [ -e "$1" ] || fail "$1 does not exist"
}

absent() {
    [ ! -e "$1" ] && [ ! -L "$1" ] || fail "$1 exists"
}

same() {
    cmp "$1" "$2" >&2 || fail "$1 and $2 differ"
}

# record_to FILE PROGRAM ARGS...: a recording that must end with status 0 and say nothing.
record_to() {
    local file=$1
    shift
    reprise record -o "$file" --force -- "$@"
    ok
    err_is ""
}

# What changes from run to run, so that a replay _cannot be taken for another run.
random_output='date +%N; od -An -N8 -tx8 /dev/urandom'

# in_mount_namespace SCRIPT: runs it as root of a mount namespace of its own, or skips the test.
in_mount_namespace() {
    unshare -m true 2>/dev/null || skip "this user may not make a mount namespace"
    run unshare -m bash -uc "$1"
}

# as_nobody COMMAND...: run as a user without any rights, in the directory $work/nobody.
as_nobody() {
    [ "$(id -u)" = 0 ] || skip "only root can become nobody"
    chmod 711 "$work"
    mkdir -p nobody/bin
    [ -e nobody/bin/reprise ] || cp "$REPRISE" nobody/bin/reprise
    chown -R 65534:65534 nobody
    run env -C nobody HOME="$work/nobody" REPRISE_TRACE_DIR="$work/nobody/traces" \
        PATH="$work/nobody/bin:$PATH" setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# run_test NAME: the last line of each script.
run_test() {
    if [ $# -ne 1 ] || [ "$(type -t -- "$1")" != function ]; then
        echo "usage: $0 TEST, the name of a function in it" >&2
        exit 2
    fi
    "$1"
}
