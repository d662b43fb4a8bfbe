#!/bin/bash
# replay_test.sh [-op] [-a ABILITY] [-c LEVEL] [-e STATUS] [-i FILE] [-n TOOL] [-w REGEX] PROGRAM ARGS...
#
# Records the program, replays it and compares stdout, stderr and status byte for byte.
#   -o         the program's stdout is a pipe
#   -p         record with --paranoid
#   -a ABILITY needs the machine to have it (reprise check --machine)
#   -c LEVEL   record with --cpu=LEVEL
#   -e STATUS  how the program must end: "exited N" or "killed SIGNAL_NUMBER" ("exited 0")
#   -i FILE    stdin of the recording; a replay never gets any
#   -n TOOL    needs this one to be installed
#   -w REGEX   lines of reprise that are no failure, such as a call that it says it refuses
. "$(dirname "$0")/lib.sh"

record_options=()
stdin=/dev/null
expect="exited 0"
warns=
piped=
while getopts opa:c:e:i:n:w: option; do
    case $option in
    o) piped=1 ;;
    p) record_options+=(--paranoid) ;;
    a) machine_has "$OPTARG" || skip "this machine lacks $OPTARG" ;;
    c) record_options+=("--cpu=$OPTARG") ;;
    e) expect=$OPTARG ;;
    i) stdin=$OPTARG ;;
    n) need "$OPTARG" ;;
    w) warns=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))

record_and_replay "$@"
