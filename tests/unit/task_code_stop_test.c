/* task/code_stop.c: a child stops before an instruction, by each of the two ways. */
#include "task/code_stop.h"
#include "task/machine.h"
#include "task/stop.h"
#include "task/tracee.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static uint8_t *code;
#define PLACE ((uint64_t)(uintptr_t)code + 2)

/* xor %eax, %eax; 1: inc %eax; cmp $3, %eax; jne 1b; ret */
static const uint8_t counts[] = {0x31, 0xc0, 0xff, 0xc0, 0x83, 0xf8, 0x03, 0x75, 0xf9, 0xc3};

/* A child about to call the code, whose result it exits with. */
static pid_t start(void)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int (*f)(void);
        memcpy(&f, &code, sizeof f);
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        _exit(f());
    }
    int status;
    assert_int_equal(tracee_wait(child, &status), 0);
    assert_true(WIFSTOPPED(status));
    return child;
}

/* Runs to the next stop: 1 if it is a hit, with rip at the place; else 0, the child has ended. */
static bool hits(pid_t child, struct code_stop *stop, int *ret_status)
{
    siginfo_t info;
    struct user_regs_struct regs;
    assert_int_equal(tracee_resume(child, TRACEE_CONT, 0), 0);
    assert_int_equal(tracee_wait(child, ret_status), 0);
    if (!WIFSTOPPED(*ret_status))
        return false;
    assert_int_equal(tracee_get_siginfo(child, &info), 0);
    assert_int_equal(tracee_get_regs(child, &regs), 0);
    assert_true(code_stop_is_hit(stop, &info, &regs));
    assert_int_equal(regs.rip, PLACE);
    assert_int_equal(tracee_set_regs(child, &regs), 0);
    return true;
}

static void step(pid_t child)
{
    int status;
    assert_int_equal(tracee_resume(child, TRACEE_STEP, 0), 0);
    assert_int_equal(tracee_wait(child, &status), 0);
    assert_true(WIFSTOPPED(status));
}

static void check_kind(enum code_stop_kind kind)
{
    struct code_stop stop;
    uint8_t now[sizeof counts];
    int status;
    pid_t child = start();
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(code_stop_set(child, kind, PLACE, &stop), 0);
        assert_true(hits(child, &stop, &status));
        assert_int_equal(code_stop_clear(child, &stop), 0);
        assert_int_equal(tracee_read_all(child, PLACE - 2, now, sizeof now), 0);
        assert_memory_equal(now, counts, sizeof now);
        step(child);
    }
    assert_int_equal(code_stop_set(child, kind, PLACE, &stop), 0);
    assert_false(hits(child, &stop, &status));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 3);
}

static void int3_stops_at_each_arrival_and_leaves_the_code_as_it_was(void **state)
{
    (void)state;
    check_kind(CODE_STOP_INT3);
}

static void register_stops_at_each_arrival(void **state)
{
    (void)state;
    struct machine m;
    struct err err = {0};
    assert_int_equal(machine_measure(&m, NULL, &err), 0);
    if (!m.has[MACHINE_BREAKPOINTS])
        skip();
    check_kind(CODE_STOP_REGISTER);
}

static void what_the_program_wrote_over_an_int3_stays(void **state)
{
    (void)state;
    struct code_stop stop;
    uint8_t now, nop = 0x90;
    pid_t child = start();
    assert_int_equal(code_stop_set(child, CODE_STOP_INT3, PLACE, &stop), 0);
    assert_int_equal(tracee_write(child, PLACE, &nop, 1), 0);
    assert_int_equal(code_stop_clear(child, &stop), 0);
    assert_int_equal(tracee_read_all(child, PLACE, &now, 1), 0);
    assert_int_equal(now, nop);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void nothing_is_hit_where_nothing_is_set(void **state)
{
    (void)state;
    struct code_stop none = {0};
    siginfo_t info = {.si_signo = SIGTRAP, .si_code = SI_KERNEL};
    struct user_regs_struct regs = {.rip = 1};
    assert_false(code_stop_is_hit(&none, &info, &regs));
    struct code_stop at = {.kind = CODE_STOP_INT3, .addr = 7};
    assert_false(code_stop_is_hit(&at, &info, &regs));
    regs.rip = 8;
    assert_true(code_stop_is_hit(&at, &info, &regs));
    assert_int_equal(regs.rip, 7);
    assert_int_equal(code_stop_set(getpid(), CODE_STOP_NONE, 0, &none), 0);
    assert_int_equal(code_stop_clear(getpid(), &none), 0);
}

static void steps_end_by_either_code(void **state)
{
    (void)state;
    assert_true(stop_ends_step(TRAP_TRACE, 5, 5));
    assert_true(stop_ends_step(TRAP_BRKPT, 5, 7));
    assert_false(stop_ends_step(TRAP_BRKPT, 5, 5));
    assert_false(stop_ends_step(SI_KERNEL, 5, 7));
}

static int map_code(void **state)
{
    (void)state;
    code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED)
        return -1;
    memcpy(code, counts, sizeof counts);
    return mprotect(code, 4096, PROT_READ | PROT_EXEC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(int3_stops_at_each_arrival_and_leaves_the_code_as_it_was),
        cmocka_unit_test(register_stops_at_each_arrival),
        cmocka_unit_test(what_the_program_wrote_over_an_int3_stays),
        cmocka_unit_test(nothing_is_hit_where_nothing_is_set),
        cmocka_unit_test(steps_end_by_either_code),
    };
    return cmocka_run_group_tests(tests, map_code, NULL);
}
