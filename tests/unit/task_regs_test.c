/* The verbs of registers agree with what the kernel and the processor do: a child makes a call, and
 * its registers are looked at. */
#include "task/regs.h"
#include "task/tracee.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NO_CALL 4000 /* fails with ENOSYS */

/* At the entry of a call that does not exist, with six arguments. */
static pid_t child_at_a_call(void)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        long r = syscall(NO_CALL, 11L, 22L, 33L, 44L, 55L, 66L);
        _exit(r == 77 ? 1 : errno == ENOSYS ? 2 : 3);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSTOPPED(status));
    do {
        assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSTOPPED(status));
    } while (ptrace(PTRACE_PEEKUSER, pid, (void *)(REGS_NUMBER * 8), NULL) != NO_CALL);
    return pid;
}

static int end_of(pid_t pid)
{
    int status;
    assert_int_equal(ptrace(PTRACE_CONT, pid, NULL, NULL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_call_has_its_number_arguments_and_place(void **state)
{
    struct user_regs_struct regs;
    uint64_t args[REGS_ARGS];
    uint8_t code[REGS_CALL_LEN];
    pid_t pid = child_at_a_call();
    (void)state;
    assert_int_equal(tracee_get_regs(pid, &regs), 0);
    assert_int_equal(regs_number(&regs), NO_CALL);
    regs_get_args(&regs, args);
    for (unsigned i = 0; i < REGS_ARGS; i++) {
        assert_int_equal(args[i], 11 * (i + 1));
        assert_int_equal(regs_arg(&regs, i), args[i]);
    }
    assert_true(regs_is_behind_syscall(&regs));
    assert_int_equal(tracee_read_all(pid, regs_call_ip(&regs), code, sizeof code), 0);
    assert_int_equal(code[0], 0x0f);
    assert_int_equal(code[1], 0x05);
    assert_int_equal(end_of(pid), 2);
}

static void a_call_that_is_left_out_returns_what_it_is_told(void **state)
{
    int status;
    struct user_regs_struct regs;
    pid_t pid = child_at_a_call();
    (void)state;
    assert_int_equal(tracee_set_reg(pid, REGS_NUMBER, (uint64_t)-1), 0);
    assert_int_equal(tracee_leave_call(pid, &status), 0);
    assert_int_equal(tracee_get_regs(pid, &regs), 0);
    assert_true(regs_number(&regs) < 0);
    regs_set_result(&regs, 77);
    assert_int_equal(tracee_set_regs(pid, &regs), 0);
    assert_int_equal(end_of(pid), 1);
}

static void a_call_that_is_rewound_is_made_again(void **state)
{
    int status;
    struct user_regs_struct entry, regs;
    pid_t pid = child_at_a_call();
    (void)state;
    assert_int_equal(tracee_get_regs(pid, &entry), 0);
    assert_int_equal(tracee_leave_call(pid, &status), 0);
    assert_int_equal(tracee_get_regs(pid, &regs), 0);
    assert_int_equal(regs_result(&regs), -ENOSYS);
    regs_rewind(&regs, SYS_exit); /* with 11 in its first argument, as before */
    regs_set_arg(&regs, 0, 5);
    assert_int_equal(regs_ip(&regs), regs_call_ip(&entry));
    assert_int_equal(tracee_set_regs(pid, &regs), 0);
    assert_int_equal(end_of(pid), 5);
}

static void a_call_is_made_anywhere(void **state)
{
    struct user_regs_struct regs;
    pid_t pid = child_at_a_call();
    (void)state;
    int status;
    assert_int_equal(tracee_get_regs(pid, &regs), 0);
    uint64_t ip = regs_call_ip(&regs);
    assert_int_equal(tracee_leave_call(pid, &status), 0);
    regs_make_call(&regs, ip, SYS_exit, (const uint64_t[REGS_ARGS]){9});
    assert_int_equal(tracee_set_regs(pid, &regs), 0);
    assert_int_equal(end_of(pid), 9);
}

static void halves_and_words(void **state)
{
    struct user_regs_struct regs = {0};
    (void)state;
    regs_set_wide(&regs, 0x1122334455667788ull);
    assert_int_equal(regs.rax, 0x55667788);
    assert_int_equal(regs.rdx, 0x11223344);
    assert_true(regs_wide(&regs) == 0x1122334455667788ull);
    regs_set_cpuid(&regs, 1, 2, 3, 4);
    assert_int_equal(regs.rbx, 2);
    assert_int_equal(regs_leaf(&regs), 1);
    assert_int_equal(regs_subleaf(&regs), 3);
    assert_true(regs_call_clobbers(REG_INDEX(rcx)) && !regs_call_clobbers(REG_INDEX(rdi)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_has_its_number_arguments_and_place),
        cmocka_unit_test(a_call_that_is_left_out_returns_what_it_is_told),
        cmocka_unit_test(a_call_that_is_rewound_is_made_again),
        cmocka_unit_test(a_call_is_made_anywhere),
        cmocka_unit_test(halves_and_words),
    };
    return cmocka_run_group_tests_name("task_regs", tests, NULL, NULL);
}
