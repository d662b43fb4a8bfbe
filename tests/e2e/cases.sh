# shellcheck shell=bash
# What the scripts of real programs share. A script sources this, defines a function "case_NAME" for
# each case, and ends with run_case "$1". It is called as
#   SCRIPT [-p] [-n N] NAME   records the program of that name and replays it, byte for byte
#     -p    record with --paranoid
#     -n N  replay N times, unless REPLAYS in the environment says otherwise
#   SCRIPT -l                 lists the names
#
# A case prepares its input in the current directory and calls record_and_replay. One whose program
# is not installed says so and exits with 77.
here=$(cd "$(dirname "$0")" && pwd)
if [ "${1:-}" = -l ]; then
    sed -n 's/^case_\([a-z0-9_]*\)() {$/\1/p' "$0"
    exit
fi
record_options=()
while getopts pn: option; do
    case $option in
    p) record_options+=(--paranoid) ;;
    n) : "${REPLAYS:=$OPTARG}" ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
: "${LIMIT:=240}"
. "$here/lib.sh"
# Version managers put programs of the same names first in PATH that choose by HOME.
python=/usr/bin/python3
export LC_ALL=C.UTF-8 HOME=$work/tmp TERM=xterm

need_python() {
    [ -x "$python" ] || skip "$python is not installed"
}

is_paranoid() {
    [ ${#record_options[@]} -gt 0 ]
}

# run_case NAME
run_case() {
    local name=${1:?"which case? ($0 -l lists them)"}
    declare -F "case_$name" >/dev/null || fail "there is no case \"$name\""
    cd "$work/record" || exit 1
    "case_$name"
}
