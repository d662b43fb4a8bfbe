#!/bin/bash
# What the user sees on a terminal. The terminal is made by script(1).
. "$(dirname "$0")/lib.sh"

# _on_terminal COMMAND: runs it with stdin, stdout and stderr on a terminal.
_on_terminal() {
    command -v script >/dev/null || skip "script is not installed"
    TERM=xterm run script -qefc "$1" /dev/null
}

escape=$(printf '\033')

messages_are_coloured_on_a_terminal_only() {
    _on_terminal "$REPRISE replay nothing"
    expect "exited 125"
    out_has "^$escape\[[0-9;]+mreprise:"
    reprise replay nothing
    refused 125
    err_lacks "$escape"
}

NO_COLOR_is_honoured() {
    NO_COLOR=1 _on_terminal "$REPRISE replay nothing"
    expect "exited 125"
    out_has '^reprise: '
    out_lacks "$escape"
    NO_COLOR='' _on_terminal "$REPRISE replay nothing"
    out_has "^$escape"
}

a_dumb_terminal_gets_no_colour() {
    _on_terminal "TERM=dumb $REPRISE replay nothing"
    out_has '^reprise: '
    out_lacks "$escape"
}

record_says_where_the_trace_is_on_a_terminal() {
    _on_terminal "$REPRISE record echo hello"
    ok
    out_has '^hello'
    out_has "^reprise: .*$work/traces/echo-0.reprise"
}

# Computes for a second or two, with some thousand calls.
busy='i=0; while [ $i -lt 900000 ]; do i=$((i+1)); case $i in *00) : </dev/null ;; esac; done'

a_long_replay_shows_progress_and_erases_it() {
    # computing takes a replay as long as it took: three seconds of processor time
    record_to t perl -e 'do { for (1..20000) {} } while (times)[0] < 3'
    _on_terminal "$REPRISE replay t"
    ok
    out_has 'reprise: replaying [0-9]+ %'
    tr '\r' '\n' <out | tail -n 1 | grep -q "^$escape\[K$" || fail "the line is not erased"
}

progress_is_for_terminals_and_not_when_quiet() {
    record_to t sh -c "$busy"
    _on_terminal "$REPRISE replay --quiet t"
    ok
    out_is ""
    reprise replay t
    ok
    out_is ""
    err_is ""
}

a_short_replay_shows_no_progress() {
    record_to t echo hello
    _on_terminal "$REPRISE replay t"
    ok
    [ "$(tr -d '\r' <out)" = hello ] || fail "more than the program's output"
}

long_lines_are_cut_to_the_terminal() {
    record_to t true "$(printf 'x%.0s' {1..300})"
    mv t "$work/traces/t.reprise"
    _on_terminal "stty cols 100; $REPRISE ls"
    ok
    ! tr -d '\r' <out | grep -qE '^.{101}' || fail "a line is longer than the terminal is wide"
    reprise ls
    ok
    out_has 'x{300}'
}

names_in_messages_cannot_steer_the_terminal() {
    reprise replay "$(printf 'a\033[31mb')"
    refused 125
    err_has 'a.x1b\[31mb'
    err_lacks "$escape"
}

a_recorded_shell_works_on_a_terminal() {
    _on_terminal "printf 'echo \$((20+3))\\nexit 4\\n' | $REPRISE record -o t bash --norc"
    expect "exited 4"
    out_has '^23'
    _on_terminal "$REPRISE replay t"
    expect "exited 4"
    out_has '^23'
}

manual_pages_are_clean() {
    command -v mandoc >/dev/null || skip "mandoc is not installed"
    local page
    for page in "$(dirname "${BASH_SOURCE[0]}")"/../../doc/man/*.1; do
        mandoc -T lint -W warning "$page" >lint || fail "$(cat lint)"
    done
    for command in record replay ls rm info stat export check; do
        exists "$(dirname "${BASH_SOURCE[0]}")/../../doc/man/reprise-$command.1"
    done
}

run_test "$@"
