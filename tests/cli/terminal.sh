#!/bin/bash
# Recording on a terminal by hand: a shell with its line editing, job control, keys that send
# signals, and a window whose size changes.
. "$(dirname "$0")/lib.sh"

# _record STATUS PROGRAM ARGS...: the script of terminal.py comes from stdin.
_record() {
    local status=$1
    shift
    command -v python3 >/dev/null || skip "python3 is not installed"
    cat >script
    run python3 "$(dirname "${BASH_SOURCE[0]}")/terminal.py" script \
        "$REPRISE" record -o t -- "$@"
    expect "exited $status"
}

# The same, and what the program wrote must come again in a replay, which has no terminal.
_session() {
    _record "$@"
    reprise replay t
    expect "exited $1"
}

# Without prompts' escape sequences and history, and with a prompt that cannot be in a command.
_shell=(env -u PROMPT_COMMAND PS1='ready> ' TERM=dumb HISTFILE= bash --norc --noprofile -i)

a_shell_is_usable() {
    _session 7 "${_shell[@]}" <<'EOF'
await ready>
send echo $((20+3))\r
await \n23
await ready>
send tty | sed 's/[0-9]*$//'\r
await \n/dev/pts/
await ready>
send exit 7\r
EOF
    out_has '^23'
    out_has '^/dev/pts/'
}

interrupt_key_reaches_the_program_and_not_the_shell() {
    _session 3 "${_shell[@]}" <<'EOF'
await ready>
send sh -c 'echo be""gun; exec sleep 100'\r
await begun
pause 0.3
send \x03
await ready>
send echo status $?\r
await status 130
await ready>
send exit 3\r
EOF
    out_has '^status 130'
}

stop_key_and_job_control_work() {
    _session 4 "${_shell[@]}" <<'EOF'
await ready>
send sh -c 'echo be""gun; sleep 1; echo wo""ke'\r
await begun
pause 0.2
send \x1a
await Stopped
await ready>
send jobs\r
await Stopped
await ready>
send fg\r
await woke
await ready>
send sleep 50 & kill %1; wait; echo re""aped\r
await reaped
await ready>
send exit 4\r
EOF
    out_has '^woke'
}

quit_key_kills_a_program() {
    _record 131 sh -c 'ulimit -c 0; echo begun; exec sleep 100' <<'EOF'
await begun
send \x1c
EOF
    reprise replay t
    expect "killed 3"
}

window_size_changes_are_seen() {
    # shellcheck disable=SC2016 # for perl
    _session 5 perl -e '$SIG{WINCH} = sub { $changed = 1 }; $| = 1; print "begun\n";
        for (1 .. 400) {
            if ($changed) { $changed = 0; system "stty size" }
            vec($in = "", 0, 1) = 1;
            exit 5 if select($in, undef, undef, 0.05) > 0;
        }' <<'EOF'
await begun
resize 33 77
await 33 77
resize 44 88
await 44 88
send \r
EOF
    out_has '^33 77'
    out_has '^44 88'
}

keys_come_one_by_one_without_echo() {
    _session 0 bash --norc -c 'read -rsn 1 -p "key? " key; echo "got <$key>"' <<'EOF'
await key\?
send q
await got <q>
EOF
    out_has 'got <q>'
}

end_of_input_ends_the_program() {
    _session 0 cat <<'EOF'
send hello\r
await hello\r\nhello
send \x04
EOF
    out_has '^hello'
}

# Program and recorder get it at the same time, and the recorder hears of the program's end, too.
one_interrupt_key_ends_the_program_and_not_the_recording_of_the_rest() {
    for _ in $(seq 40); do
        rm -f t
        _record 130 sh -c '(trap "" INT; sleep 0.2; echo late) & echo begun; exec sleep 300' <<'EOF'
await begun
pause 0.05
send \x03
await late
EOF
        out_lacks interrupted
    done
    reprise replay t
    expect "killed 2"
    out_has late
}

the_interrupt_key_after_the_programs_end_ends_the_recording() {
    _record 0 sh -c '(trap "" INT HUP; sleep 20) & echo begun' <<'EOF'
await begun
pause 0.7
send \x03
await interrupted
EOF
    reprise replay t
    ok
}

run_test "$@"
