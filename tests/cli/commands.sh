#!/bin/bash
# What each command prints, and its options.
. "$(dirname "$0")/lib.sh"

help_lists_every_command() {
    reprise help
    ok
    for command in record replay ls info dump stat export check rm help; do
        out_has "^  $command "
    done
    cp out overview
    reprise --help
    ok
    same out overview
}

help_of_a_command_tells_its_options() {
    for command in record replay ls info dump stat export check rm help; do
        reprise help "$command"
        ok
        out_has "^Usage: reprise $command "
        cp out help
        reprise "$command" --help
        ok
        same out help
    done
    reprise help record
    out_has '--paranoid'
    out_has '--data='
    out_has '--cpu='
    out_has '-o, --output='
    reprise help nonsense
    refused 125
}

version_tells_format_and_features() {
    reprise --version
    ok
    out_has '^reprise [0-9]+\.[0-9]+'
    out_has '^trace format: [0-9]+'
    out_has '^features: .'
}

no_command_or_an_unknown_one_exits_with_125() {
    reprise
    refused 125
    reprise frobnicate
    refused 125
    err_has frobnicate
    reprise --frobnicate
    refused 125
}

unknown_options_and_too_many_arguments_exit_with_125() {
    for command in record replay ls info dump stat export check rm help; do
        reprise "$command" --frobnicate
        refused 125
        err_has frobnicate
    done
    for command in replay info check help; do
        reprise "$command" one two
        refused 125
    done
    reprise ls one
    refused 125
    reprise record
    refused 125
    reprise record --
    refused 125
    reprise rm
    refused 125
    for value in 12x -1 '' 99999999999999999999999; do
        reprise record --data="$value" true
        refused 125
    done
    for value in 0 -1 5x 60001 99999999999999999999 ''; do
        reprise record --slice="$value" true
        refused 125
    done
    reprise record --cpu=fast true
    refused 125
    absent traces
}

record_leaves_the_programs_arguments_alone() {
    reprise record printf '<%s>' -o --force -- --data=x -v
    ok
    out_is '<-o><--force><--><--data=x><-v>'
    reprise record -- printf '<%s>' -- -x
    ok
    out_is '<--><-x>'
    reprise record --data all printf '<%s>' ''
    ok
    out_is '<>'
}

record_keeps_as_much_data_as_asked() {
    local said limit
    while read -r limit said; do
        # shellcheck disable=SC2086 # an option or none
        reprise record -o t --force $said -- true
        ok
        reprise info --json t
        ok
        [ "$(jq -r .data_limit out)" = "$limit" ] || fail "data_limit is not $limit with '$said'"
    done <<EOF
4096
0 --data=none
0 --data=0
17 --data=17
18446744073709551615 --data=all
EOF
}

# _offered LEVEL OPTIONS...: what a program that was recorded so is offered must be that, and replay.
# Where cpuid cannot be answered it is told of all that the host has, and the trace says so.
_offered() {
    local level=$1
    shift
    reprise record "$@" -o t --force true
    ok
    local warned
    warned=$(cat err)
    reprise replay t
    ok
    reprise info --json t
    ok
    if [ "$(jq '.cpu.cpuid_trapped' out)" = false ]; then
        [ "$(jq -r '.cpu.level' out)" = host ] || fail "the trace claims to be $level"
        [ $# = 0 ] || [ "$level" = host ] || [[ $warned == *"this CPU cannot"* ]] ||
            fail "nothing was said of $1"
        return
    fi
    [ "$warned" = "" ] || fail "said with $*: $warned"
    [ "$(jq -r '.cpu.level' out)" = "$level" ] || fail "the level with '$*' is not $level"
    local beyond='aes|sha_ni|pclmulqdq|fsgsbase|pku|xsaveopt'
    out_lacks '"(rdrand|rdseed|rtm|amx_tile)"'
    case $level in
    host) return ;;
    x86-64-v2) out_lacks "\"($beyond|xsave|avx.*|fma)\"" ;;
    x86-64-v3) out_lacks "\"($beyond|avx512.*|avx_.*)\"" ;;
    esac
    reprise info t
    ok
    out_has "^offered +$level$"
}

record_offers_the_level_that_is_asked_for() {
    local portable
    _offered host --cpu=host
    _offered x86-64-v2 --cpu=x86-64-v2
    reprise record --cpu=x86-64-v3 -o t --force true
    portable=x86-64-v2
    [ "$ended" != "exited 0" ] || portable=x86-64-v3
    _offered "$portable"
    _offered "$portable" --cpu=portable
    if [ "$portable" = x86-64-v3 ]; then
        _offered x86-64-v3 --cpu=x86-64-v3
        _offered x86-64-v3 --cpu=baseline
        reprise info --json t
        ok
        [ "$(jq '.cpu.cpuid_trapped == .cpu.baseline' out)" = true ] || fail "it is not baseline"
    fi
}

a_level_that_the_cpu_lacks_is_refused() {
    reprise record --cpu=x86-64-v4 -o t true
    [ "$ended" != "exited 0" ] || skip "this CPU has all levels"
    refused 125
    err_has 'this CPU lacks [a-z0-9_]+, which is part of x86-64-v4; .* record with --cpu=portable'
    absent t
}

info_tells_what_the_machine_lacked() {
    REPRISE_MACHINE=-userfaultfd,-breakpoints reprise record -o t true
    ok
    reprise info t
    ok
    out_has '^lacked +.*breakpoints.*userfaultfd'
    reprise info --json t
    ok
    jq -e '(.cpu.missing | index("breakpoints")) != null and (.cpu.vendor | length) == 12 and
        (.cpu.family | type) == "number" and (.cpu.model_number | type) == "number"' out >/dev/null ||
        fail "not as documented"
}

info_counts_what_vendors_compute_in_different_ways() {
    local level program=vendors_compute_in_different_ways vendor
    for level in portable host; do
        reprise record -o $level --cpu=$level -- "$PROGRAMS/$program"
        ok
        reprise info --json $level
        ok
        # what the CPU that the program was told of lacks does not count
        [ "$(jq -c '.vendor_insns.files[] | select(.file | endswith("'$program'")).by_name' out)" = \
            "$(jq -c '{rsqrtps: 3, rcpss: 4}
                + if .cpu.features | index("avx512f") then {vrcp14ps: 1} else {} end
                + {fsin: 1, fcos: 2}' out)" ] || fail "the counts differ"
        [ "$(jq '.vendor_insns.total == ([.vendor_insns.files[].total] | add)' out)" = true ] ||
            fail "the sum differs"
    done
    vendor=$(jq -r .cpu.vendor out)
    reprise info host
    ok
    out_has "^vendor +[0-9]+ places in its code compute what differs between vendors' CPUs: a$"
    out_has "replay on one that is not of $vendor may differ there"
    out_has "/$program: rsqrtps 3, rcpss 4, .*fsin 1, fcos 2"
    record_to t true
    reprise info t
    ok
    out_lacks '^vendor'
    [ "$("$REPRISE" info --json t | jq -c .vendor_insns)" = '{"total":0,"by_name":{},"files":[]}' ] ||
        fail "something is counted in true"
}

info_tells_where_a_trace_comes_from() {
    reprise record -o t -- sh -c 'echo hello; (exit 4); exit 3' 'an argument' "it's"
    expect "exited 3"
    reprise info t
    ok
    out_has "^command +sh -c 'echo hello; \(exit 4\); exit 3' 'an argument' 'it'\\\\''s'$"
    out_has "^directory +$work$"
    out_has '^ended +with exit status 3$'
    out_has '^state +complete$'
    out_has "^host +$(uname -n)$"
    out_has "^kernel +$(uname -r | sed 's/[+.]/\\&/g')"
    out_has '^cpu +.'
    out_has '^processes +2$'
    out_has '^ +[0-9]+ +4 +\(fork\) '
    out_has '^  syscall '
    out_has '^  mmap '
    out_has '^  EVENTS '
    err_is ""
}

info_in_json_follows_its_schema() {
    reprise record -o t -- sh -c 'kill -SEGV $$'
    expect "killed 11"
    reprise info --json t
    ok
    jq -e '.schema == 1 and .state == "complete" and .damage == null and
        .argv == ["sh", "-c", "kill -SEGV $$"] and .cwd == $work and
        .end.signal == 11 and .end.name == "SIGSEGV" and
        (.start_unix_ns | type) == "string" and (.duration_ns | type) == "number" and
        (.program | endswith("sh")) and .uid == $uid and (.paranoid | not) and
        (.tasks | length) == 1 and .tasks[0].parent == 0 and .tasks[0].execs == 1 and
        .tasks[0].end.signal == 11 and
        .events.total == ([.events.by_kind[]] | add) and
        .syscalls.total == ([.syscalls.by_name[]] | add) and .syscalls.by_name.kill == 1 and
        ([.chunks[].stored] | add) <= .size and
        (.cpu.features | length) > 0 and (.host | length) > 0 and (.kernel | length) > 0' \
        --arg work "$work" --argjson uid "$(id -u)" out >/dev/null || fail "not as documented"
}

info_survives_arguments_that_are_no_text() {
    record_to t true "$(printf '\377\001x')" "$(printf '\033[31m')" "$(printf '\303\251')" \
        "$(printf '\355\240\200')"
    reprise info t
    ok
    out_has "^command +true [$]'.xff.x01x' [$]'.x1b\[31m' $(printf '\303\251') [$]'.xed.xa0.x80'$"
    ! grep -q "$(printf '\033')" out || fail "an escape sequence got through"
    reprise info --json t
    ok
    jq -e '.argv[1] == "\\xff\u0001x" and .argv[2] == "\u001b[31m" and .argv[3] == "\u00e9" and
        .argv[4] == "\\xed\\xa0\\x80"' out >/dev/null || fail "not as documented"
    reprise ls
    ok
}

info_shows_the_tree_of_processes() {
    record_to t sh -c 'sh -c "true; true" ; exec env true'
    reprise info --json t
    ok
    jq -e '(.tasks | length) >= 2 and (.tasks | map(select(.parent == 0)) | length) == 1 and
        ([.tasks[] | .end.exit] | add) == 0 and .tasks[0].execs == 3 and
        .tasks[0].argv == ["true"]' out >/dev/null || fail "the tree is not as it was"
}

check_finds_a_good_trace_good() {
    record_to t sh -c 'echo hello'
    reprise check t
    ok
    out_has '^t: whole'
    err_is ""
}

replay_quiet_shows_nothing() {
    reprise record -o t -- sh -c 'echo out; echo err >&2; exit 5'
    expect "exited 5"
    reprise replay --quiet t
    expect "exited 5"
    out_is ""
    err_is ""
}

replay_stats_go_to_stderr() {
    record_to t echo hello
    reprise replay --stats t
    ok
    out_is hello
    err_has '^reprise: .* events'
    err_is_prefixed
}

# How many the statistics of the last replay tell.
_unstopped_calls() {
    sed -n 's/.*(\([0-9]*\) of them without a stop).*/\1/p' "$work/err"
}

replay_answers_repeated_calls_without_a_stop() {
    record_to t dd if=/dev/zero of=/dev/null bs=1 count=500 status=none
    reprise replay --stats t
    ok
    [ "$(_unstopped_calls)" -gt 950 ] || fail "most calls of dd stopped"
    reprise replay --stats --no-patch t
    ok
    [ "$(_unstopped_calls)" -eq 0 ] || fail "calls were answered in patched code"
}

replay_answers_clock_reads_without_a_stop() {
    record_to t bash -c 'for ((i = 0; i < 500; i++)); do x=$EPOCHREALTIME; done; echo "$x"'
    reprise replay --stats t
    ok
    [ "$(_unstopped_calls)" -gt 450 ] || fail "most clock reads stopped"
}

run_test "$@"
