/* A call that is run in a task may end the task: nobody but who asked for it knows, and who handles
 * the ends of tasks is to hear of it. */
#include "task/tracee.h"

#include "task/stop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint8_t syscall_instruction[2] = {0x0f, 0x05};

/* A seized child that has stopped, and where it has a syscall instruction. */
static pid_t stopped_child(uint64_t *ret_ip)
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            pause();
    }
    assert_int_equal(tracee_seize(pid, PTRACE_O_TRACEEXIT | PTRACE_O_TRACESYSGOOD), 0);
    assert_int_equal(tracee_interrupt(pid), 0);
    assert_int_equal(tracee_wait(pid, &status), 0);
    assert_int_equal(stop_decode(status).kind, STOP_TRAP);
    struct user_regs_struct regs;
    assert_int_equal(tracee_get_regs(pid, &regs), 0);
    *ret_ip = regs.rip & ~4095ull;
    assert_int_equal(tracee_write(pid, *ret_ip, syscall_instruction, 2), 0);
    return pid;
}

static void a_call_is_run_and_leaves_no_trace(void **state)
{
    uint64_t ip;
    int64_t result;
    int status;
    struct user_regs_struct before, after;
    (void)state;
    pid_t pid = stopped_child(&ip);
    assert_int_equal(tracee_get_regs(pid, &before), 0);
    struct tracee_syscall call = {.ip = ip, .nr = SYS_getpid};
    assert_int_equal(tracee_run_syscall(pid, &call, &result), 0);
    assert_int_equal(result, pid);
    assert_int_equal(tracee_get_regs(pid, &after), 0);
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(waitpid(pid, &status, WNOHANG | __WALL), 0);
    kill(pid, SIGKILL);
    assert_int_equal(tracee_wait(pid, &status), 0);
}

static void who_ends_in_a_call_is_still_waited_for(void **state)
{
    uint64_t ip;
    int64_t result;
    int status;
    (void)state;
    pid_t pid = stopped_child(&ip);
    struct tracee_syscall call = {.ip = ip, .nr = SYS_exit_group, .args = {7}};
    assert_int_equal(tracee_run_syscall(pid, &call, &result), -ESRCH);
    assert_int_equal(waitpid(pid, &status, WNOHANG | __WALL), pid);
    assert_int_equal(stop_decode(status).kind, STOP_EXIT);
    assert_int_equal(tracee_resume(pid, TRACEE_CONT, 0), 0);
    assert_int_equal(tracee_wait(pid, &status), 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_run_and_leaves_no_trace),
        cmocka_unit_test(who_ends_in_a_call_is_still_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
