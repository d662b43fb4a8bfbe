#!/bin/bash
# The directory of traces: names, `latest`, ls, rm, and files named with -o.
. "$(dirname "$0")/lib.sh"

_latest_is() {
    [ "$(readlink traces/latest)" = "$1" ] || fail "latest is '$(readlink traces/latest)', not '$1'"
}

traces_go_to_the_first_directory_that_is_set() {
    reprise record true
    exists traces/true-0.reprise
    export XDG_DATA_HOME=$work/data
    unset REPRISE_TRACE_DIR
    reprise record true
    ok
    exists data/reprise/true-0.reprise
    unset XDG_DATA_HOME
    reprise record true
    ok
    exists home/.local/share/reprise/true-0.reprise
    XDG_DATA_HOME=relative reprise record true
    ok
    exists home/.local/share/reprise/true-1.reprise
    absent relative
    unset HOME
    reprise record true
    refused 125
    err_has REPRISE_TRACE_DIR
}

traces_are_for_the_user_alone() {
    umask 0
    REPRISE_TRACE_DIR=$work/a/b/c reprise record true
    ok
    [ "$(stat -c %a a a/b a/b/c | tr '\n' ' ')" = "700 700 700 " ] || fail "directories are open"
    [ "$(stat -c %a a/b/c/true-0.reprise)" = 600 ] || fail "the trace is open"
    reprise record -o t true
    ok
    [ "$(stat -c %a t)" = 600 ] || fail "the trace named with -o is open"
    reprise record -o t --force true
    ok
    [ "$(stat -c %a t)" = 600 ] || fail "the overwritten trace is open"
}

traces_get_the_first_free_number() {
    for _ in 1 2 3; do
        reprise record sh -c :
        ok
    done
    exists traces/sh-2.reprise
    rm traces/sh-1.reprise
    reprise record /bin/sh -c :
    ok
    exists traces/sh-1.reprise
    _latest_is sh-1.reprise
    absent traces/sh-3.reprise
}

recordings_at_the_same_time_get_different_numbers() {
    for n in 1 2 3 4 5 6 7 8; do
        "$REPRISE" record sh -c "echo $n; sleep 0.2" >"out.$n" 2>"err.$n" &
    done
    wait
    [ "$(ls traces | grep -c '^sh-[0-7]\.reprise$')" = 8 ] || fail "not eight traces: $(ls traces)"
    for n in 0 1 2 3 4 5 6 7; do
        reprise replay "sh-$n"
        ok
        cat out >>all
    done
    [ "$(sort all | tr -d '\n')" = 12345678 ] || fail "the traces are not of all recordings"
    exists traces/latest
    [ "$(ls -A traces | wc -l)" = 9 ] || fail "something was left behind: $(ls -A traces)"
}

strange_program_names_make_plain_files() {
    local name
    for name in .hidden -dash $'new\nline' "$(printf 'x%.0s' {1..250})"; do
        cp "$(type -P true)" "./$name"
        reprise record "./$name"
        ok
    done
    reprise ls --names
    ok
    [ "$(wc -l <out)" = 4 ] || fail "not four names"
    while IFS= read -r name; do
        reprise replay "$name"
        ok
    done < <("$REPRISE" ls --names)
}

replay_takes_the_latest_trace() {
    reprise record echo one
    reprise record echo two
    _latest_is echo-1.reprise
    reprise replay
    ok
    out_is two
    reprise record -o named echo three
    ok
    reprise replay
    ok
    out_is three
    reprise record printf 'four\n'
    _latest_is printf-0.reprise
    reprise info
    ok
    out_has '^command +printf '
    reprise check
    ok
    out_has printf-0
}

a_trace_may_be_a_path_or_a_name() {
    reprise record echo one
    mkdir echo-0
    for arg in echo-0 echo-0.reprise traces/echo-0.reprise "$work/traces/echo-0.reprise" latest; do
        reprise replay "$arg"
        ok
        out_is one
    done
    reprise record -o echo-0.reprise echo two
    reprise replay echo-0.reprise
    ok
    out_is two
}

# _follows_no_link_of_another COMMAND...: all ways to get at the latest trace.
_follows_no_link_of_another() {
    local command
    for command in replay "replay latest" info check stat dump; do
        # shellcheck disable=SC2086 # words
        REPRISE_TRACE_DIR=$work/shared reprise $command
        [ "$ended" != "exited 0" ] || fail "$command followed the link: $1"
        err_has "shared/latest is not followed: $1 belongs to another user \\($2\\).*/shared/.*"
        out_is ""
    done
}

latest_of_another_user_is_not_followed() {
    [ "$(id -u)" = 0 ] || skip "only root can give files away"
    mkdir -m 1777 shared
    export REPRISE_TRACE_DIR=$work/shared
    reprise record echo one
    ok
    reprise replay
    ok
    chown -h 65534 shared/latest
    _follows_no_link_of_another "the link" 65534
    chown -h 0 shared/latest
    chown 65534 shared/echo-0.reprise
    _follows_no_link_of_another "the trace" 65534
    reprise replay shared/echo-0.reprise
    ok
    out_is one
    chown 0 shared/echo-0.reprise
    reprise replay latest
    ok
}

roots_latest_is_followed_by_others() {
    reprise record echo one
    ok
    chmod 755 traces
    chmod 644 traces/*
    as_nobody true
    run env -C nobody REPRISE_TRACE_DIR="$work/traces" \
        setpriv --reuid=65534 --regid=65534 --clear-groups bin/reprise replay
    ok
    out_is one
}

without_any_trace_replay_says_what_to_do() {
    reprise replay
    refused 125
    err_has 'reprise record'
    reprise ls
    ok
    out_is ""
    err_has '^reprise: no traces in '
    absent traces
}

latest_stays_where_no_program_could_be_started() {
    reprise record echo one
    cp -a traces before
    reprise record ./nonexistent
    expect "exited 127"
    echo nonsense >nonsense
    chmod +x nonsense
    reprise record ./nonsense
    expect "exited 126"
    diff -r traces before >&2 || fail "the directory has changed"
    _latest_is echo-0.reprise
}

latest_is_there_while_the_program_runs() {
    reprise record sh -c 'readlink traces/latest'
    ok
    out_is sh-0.reprise
    "$REPRISE" record sh -c 'echo begun; exec sleep 60' >begun 2>err &
    local recorder=$!
    until [ -s begun ]; do sleep 0.05; done
    _latest_is sh-1.reprise
    kill -KILL $recorder
    wait $recorder 2>/dev/null || true
    _latest_is sh-1.reprise
}

o_never_overwrites_without_force() {
    echo precious >t
    reprise record -o t true
    refused 125
    err_has 't exists.*--force'
    [ "$(cat t)" = precious ] || fail "the file was touched"
    reprise record -o t --force echo hello
    ok
    reprise replay t
    ok
    out_is hello
    ln -s nowhere link
    reprise record -o link true
    refused 125
    absent nowhere
}

force_keeps_the_old_file_where_no_program_could_be_started() {
    echo precious >t
    reprise record -o t --force ./nonexistent
    expect "exited 127"
    [ "$(cat t)" = precious ] || fail "the file was touched"
    reprise record -o new ./nonexistent
    expect "exited 127"
    absent new
    [ "$(ls)" = "$(printf '%s\n' err home out report t)" ] || fail "something is left: $(ls)"
}

force_takes_the_place_of_the_old_file_when_the_program_starts() {
    echo precious >t
    reprise record -o t --force sh -c 'head -c 8 t | tail -c 7'
    ok
    out_is reprise
    [ "$(ls)" = "$(printf '%s\n' err home out report t traces)" ] || fail "something is left: $(ls)"
}

o_refuses_what_is_no_file() {
    mkdir dir
    reprise record -o dir true
    refused 125
    err_has 'directory'
    reprise record -o dir --force true
    refused 125
    reprise record -o missing/t true
    refused 125
    err_has 'missing/t.*No such file'
    reprise record -o err/t true
    refused 125
    err_has 'Not a directory'
    reprise record -o /dev/null --force true
    refused 125
    reprise record -o '' true
    refused 125
}

ls_tells_of_each_trace() {
    reprise record sh -c 'exit 3'
    reprise record sh -c 'kill -TERM $$'
    reprise record echo 'two words'
    reprise ls
    ok
    out_has '^NAME +WHEN +TOOK +SIZE +STATUS +COMMAND$'
    out_has "^sh-0 +20[0-9-]+ [0-9:]+ +[0-9.]+ s +[0-9.]+ [KM]iB +3 +sh -c 'exit 3'$"
    out_has "^sh-1 .* SIGTERM +sh -c 'kill -TERM [$][$]'$"
    out_has "^echo-0 .* 0 +echo 'two words'$"
    [ "$(tail -n 1 out | cut -d ' ' -f 1)" = echo-0 ] || fail "the newest is not the last"
    touch -d '2001-01-01' traces/echo-0.reprise
    reprise ls
    [ "$(tail -n 1 out | cut -d ' ' -f 1)" = echo-0 ] || fail "the newest is not the last"
    reprise ls --names
    ok
    [ "$(sort out | tr '\n' ' ')" = "echo-0 sh-0 sh-1 " ] || fail "--names prints something else"
}

ls_shows_unreadable_and_torn_traces() {
    reprise record sh -c 'echo hello'
    head -c 100000 traces/sh-0.reprise >traces/torn.reprise
    echo garbage >traces/garbage.reprise
    mkdir traces/dir.reprise
    echo other >traces/notes.txt
    reprise ls
    ok
    out_has '^torn .* torn +sh -c'
    out_has '^garbage .*unreadable'
    out_has '^dir .*unreadable'
    out_lacks notes
}

ls_ends_quietly_when_its_reader_is_gone() {
    reprise record true
    for command in ls info "info --json" help --version; do
        # shellcheck disable=SC2086 # words
        (trap '' PIPE; exec 3>&1; sleep 0.2; "$REPRISE" $command >&3 2>err; echo $? >status) | true
        [ ! -s err ] || fail "$command complains: $(cat err)"
        [ "$(cat status)" = 0 ] || fail "$command exits with $(cat status)"
    done
}

output_that_cannot_be_written_is_an_error() {
    reprise record true
    local command
    for command in ls info "info --json" help --version; do
        # shellcheck disable=SC2086 # words
        run bash -c 'exec "$@" >/dev/full' - "$REPRISE" $command
        refused 125
    done
}

rm_removes_what_is_named_and_mends_latest() {
    for _ in 1 2 3; do
        reprise record echo hello
        ok
    done
    reprise rm echo-2
    ok
    out_is ""
    err_is ""
    absent traces/echo-2.reprise
    _latest_is echo-1.reprise
    reprise rm echo-0.reprise
    ok
    _latest_is echo-1.reprise
    reprise rm latest
    ok
    absent traces/latest
    [ -z "$(ls -A traces)" ] || fail "something is left: $(ls -A traces)"
}

rm_all_leaves_other_files_alone() {
    reprise record true
    reprise record echo
    echo note >traces/notes.txt
    reprise rm --all
    ok
    [ "$(ls -A traces)" = notes.txt ] || fail "not only the notes are left: $(ls -A traces)"
    reprise rm --all
    ok
}

rm_removes_nothing_but_traces() {
    echo precious >file
    reprise rm file
    refused 125
    reprise rm ./file
    refused 125
    exists file
    reprise rm nothing
    refused 125
    err_has nothing
    reprise record -o t.reprise true
    reprise rm ./t.reprise
    ok
    absent t.reprise
    reprise record true
    reprise rm nothing true-0 nothing-else
    refused 125
    err_has "'nothing'"
    err_has "'nothing-else'"
    absent traces/true-0.reprise
}

trace_directory_that_cannot_be_made_is_an_error() {
    echo file >traces
    reprise record true
    refused 125
    err_has "traces"
    REPRISE_TRACE_DIR=$work/traces/below reprise record true
    refused 125
    reprise ls
    refused 125
    reprise record -o t echo hello
    ok
    out_is hello
    err_is ""
}

bash_completes_commands_options_and_traces() {
    reprise record true
    local script
    script=$(dirname "${BASH_SOURCE[0]}")/../../scripts/reprise.bash
    PATH=$(dirname "$REPRISE"):$PATH
    complete_words() {
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        COMPREPLY=()
        _reprise
        printf '%s\n' "${COMPREPLY[@]}" | sort -u >out
    }
    set +e # the script is for interactive shells
    # shellcheck source=/dev/null
    . "$script"
    complete_words reprise re
    out_is "$(printf 'record\nreplay')"
    complete_words reprise record --p
    out_is --paranoid
    complete_words reprise replay tr
    out_has '^true-0$'
    complete_words reprise record -o t printen
    out_has '^printenv$'
    complete_words reprise record --cpu = p
    out_is portable
}

run_test "$@"
