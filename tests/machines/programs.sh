# shellcheck shell=sh disable=SC2034,SC2154 # who sources it sets and uses what is not here
# The programs of the matrix. Host and guest source this, the guest with busybox's shell. In both,
# $programs is the folder that holds the ones built for the matrix; what belongs to the system has
# the same path in both.

# The quick round has the first list, the full one both. A name without a function "run_NAME" is a
# program of tests/programs.
quick_programs="shell sqlite3 python3 openssl go
    threads_take_turns_on_a_condition timer_ticks_between_calls timer_against_compute_loops
    spins_built_with_O1"
more_programs="java go_loops
    auxiliary_vector_is_consistent cpuid_leaves data_race_differs_from_run_to_run everything_at_once
    handler_changes_the_context long_rounds_differ_in_a_vector_register
    program_sets_breakpoints_in_its_child program_steps_its_child
    program_watches_a_variable_of_its_child rdrand_is_absent_or_works rdtsc_and_rdtscp_grow
    signals_reach_a_computing_thread sigreturn_restores_AVX_state
    sigreturn_restores_SSE_and_x87_state spin_locks_guard_a_counter spins_built_with_O0
    state_is_saved_as_the_program_was_told state_is_saved_while_others_compute
    threads_spin_on_the_clock vector_registers_live_across_calls x87_stack_lives_across_calls
    xgetbv_and_xsave_layout"

# run_program NAME COMMAND...: runs the program under the command.
run_program() {
    name=$1
    shift
    if has_function "run_$name"; then
        "run_$name" "$@"
    else
        "$@" "$programs/$name"
    fi
}

has_function() {
    type "$1" >/dev/null 2>&1
}

# expected_end NAME: how the program ends if nothing is wrong.
expected_end() {
    case $1 in
    go | go_loops) echo "exited 7" ;;
    java) echo "exited 9" ;;
    *) echo "exited 0" ;;
    esac
}

run_shell() {
    "$@" "$programs/busybox" sh "$programs/processes.sh" "$programs/busybox"
}

run_sqlite3() {
    "$@" /usr/bin/sqlite3 :memory: \
        'create table t(id integer primary key, r, d);
         insert into t(r, d) select random(), datetime("now") from generate_series(1, 500);
         create index i on t(r);
         select count(*), min(r), max(r) from t;
         select * from t order by r limit 20;
         select hex(randomblob(16)), sum(r / 1000), avg(r / 3.0) from t;
         pragma integrity_check;'
}

run_python3() {
    "$@" /usr/bin/python3 "$programs/threads.py"
}

# Its libraries choose among many implementations by CPUID.
run_openssl() {
    "$@" "$programs/busybox" sh "$programs/openssl.sh"
}

run_go() {
    "$@" "$programs/goroutines" calm
}

run_go_loops() {
    "$@" "$programs/goroutines"
}

run_java() {
    "$@" "$programs/java/bin/java" -Xmx48m -XX:+UseSerialGC -cp "$programs" ThreadPool
}
