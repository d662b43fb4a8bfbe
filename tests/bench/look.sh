#!/bin/bash
# look.sh [-k RUNS] [FILE...]: what it costs to look for instructions that tell of the machine in
# files, those given or some that may be installed here. CPU time: a recording spends it once for
# each file. Needs in the environment: LOOK, the program built from look.c.
set -u
: "${LOOK:?the program built from look.c}"
runs=20
while getopts k: option; do
    case $option in
    k) runs=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- /lib64/ld-linux-x86-64.so.2 /lib/x86_64-linux-gnu/lib{c.so.6,m.so.6} \
    /usr/lib/x86_64-linux-gnu/lib{crypto.so.3,stdc++.so.6} /usr/bin/python3 \
    /usr/lib/go-*/bin/go /usr/lib/jvm/java-[0-9][0-9]-*/lib/server/libjvm.so /usr/bin/node \
    /usr/lib/chromium/chromium /usr/lib/x86_64-linux-gnu/libLLVM-15.so.1
"$LOOK" -k "$runs" "$@"
