/* Calls on processes and memory against the kernel that runs. */
#include "syscalls_probe.h"

#include <asm/unistd_64.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void identity(struct probe *p)
{
    struct {
        uint32_t version;
        int pid;
    } v1 = {0x19980330, 0}, v3 = {0x20080522, 0}, unknown = {0x12345678, 0};

    call_exactly(p, 0, __NR_getresuid, place(p, 4), place(p, 4), place(p, 4));
    call_exactly(p, 0, __NR_getresgid, place(p, 4), place(p, 4), place(p, 4));
    call(p, __NR_getresuid, place(p, 4), place(p, 4), place_at_the_end(p, 2));
    call(p, __NR_getgroups, 0, place(p, 64));
    call(p, __NR_getgroups, 100, place(p, 400));
    call(p, __NR_getgroups, 1, place(p, 400));
    call_exactly(p, 0, __NR_capget, PLACE(p, v1), place(p, 64));
    call_exactly(p, 0, __NR_capget, PLACE(p, v3), place(p, 64));
    call(p, __NR_capget, PLACE(p, unknown), place(p, 64));
    call(p, __NR_capget, PLACE(p, unknown), 0);
    call(p, __NR_capset, PLACE(p, unknown), place(p, 64));
    call(p, __NR_getpid);
    call(p, __NR_getpgid, 0);
}

static void limits_and_machine(struct probe *p)
{
    uint64_t limit[2];

    call_exactly(p, 0, __NR_getrlimit, 7, place(p, 16));
    call_exactly(p, 0, __NR_prlimit64, 0, 7, 0, place(p, 16));
    raw_syscall(__NR_getrlimit, (uint64_t[6]){7, (uint64_t)limit});
    call_exactly(p, 0, __NR_prlimit64, 0, 7, PLACE(p, limit), place(p, 16));
    call(p, __NR_prlimit64, 0, 99, 0, place(p, 16));
    call_exactly(p, 0, __NR_getrusage, 0, place(p, 200));
    call(p, __NR_getrusage, 5, place(p, 200));
    call_exactly(p, 0, __NR_uname, place(p, 400));
    call_exactly(p, 4, __NR_sysinfo, place(p, 200));
    call(p, __NR_sysinfo, place_at_the_end(p, 50));
    call_exactly(p, 0, __NR_getcpu, place(p, 4), place(p, 4), 0);
    /* A random byte may be what was there, and once in 300 runs one is so in both patterns. */
    call_exactly(p, 8, __NR_getrandom, place(p, 200), 200, 0);
    call(p, __NR_getrandom, place_at_the_end(p, 100), 300, 0);
    call(p, __NR_syslog, 3, place(p, 300), 300);
    call(p, __NR_syslog, 10);
    call(p, __NR_sysfs, 2, 0, place(p, 64));
    call(p, __NR_sysfs, 1, place_string(p, "proc"));
    call(p, __NR_modify_ldt, 0, place(p, 200), 200);
    call(p, __NR_modify_ldt, 2, place(p, 200), 200);
    call(p, 461, place(p, 200), PLACE(p, *(uint32_t[]){200}), 0);
    call(p, 461, place(p, 200), PLACE(p, *(uint32_t[]){0}), 0);
    call(p, 459, 100, place(p, 200), PLACE(p, *(uint32_t[]){200}), 0);
    call(p, 459, 100, 0, PLACE(p, *(uint32_t[]){0}), 0);
}

static void scheduling(struct probe *p)
{
    uint32_t attr[14] = {16}; /* a size that is no size */

    call(p, __NR_sched_getaffinity, 0, 128, place(p, 128));
    call(p, __NR_sched_getaffinity, 0, 8, place(p, 128));
    call(p, __NR_sched_getaffinity, 0, 1, place(p, 128));
    call_exactly(p, 0, __NR_sched_getparam, 0, place(p, 8));
    call_exactly(p, 0, __NR_sched_rr_get_interval, 0, place(p, 16));
    call_exactly(p, 0, __NR_sched_getattr, 0, place(p, 100), 56, 0);
    call_exactly(p, 0, __NR_sched_getattr, 0, place(p, 100), 48, 0);
    call(p, __NR_sched_getattr, 0, place(p, 100), 10, 0);
    call(p, __NR_sched_getattr, 0, place(p, 200), 200, 0);
    call(p, __NR_sched_setattr, 0, PLACE(p, attr), 0);
    call(p, __NR_get_robust_list, 0, place(p, 8), place(p, 8));
}

static void prctl_options(struct probe *p)
{
    call_exactly(p, 0, __NR_prctl, PR_GET_PDEATHSIG, place(p, 16));
    call_exactly(p, 0, __NR_prctl, PR_GET_NAME, place(p, 32));
    call(p, __NR_prctl, PR_SET_NAME, place_string(p, "a name that is far too long"));
    call_exactly(p, 0, __NR_prctl, PR_GET_NAME, place(p, 32));
    call_exactly(p, 0, __NR_prctl, PR_GET_TSC, place(p, 16));
    call(p, __NR_prctl, PR_GET_UNALIGN, place(p, 16));
    call(p, __NR_prctl, PR_GET_FPEMU, place(p, 16));
    call(p, __NR_prctl, PR_GET_FPEXC, place(p, 16));
    call(p, __NR_prctl, PR_GET_ENDIAN, place(p, 16));
    call_exactly(p, 0, __NR_prctl, PR_GET_CHILD_SUBREAPER, place(p, 16));
    call(p, __NR_prctl, PR_GET_TID_ADDRESS, place(p, 16));
    call(p, __NR_prctl, PR_SET_MM, PR_SET_MM_MAP_SIZE, place(p, 16), 0, 0);
    call(p, __NR_prctl, 0x41555856, place(p, 1000), 1000, 0, 0);
    call(p, __NR_prctl, 0x41555856, place(p, 1000), 100, 0, 0);
    call(p, __NR_prctl, PR_SCHED_CORE, PR_SCHED_CORE_GET, 0, 0, place(p, 16));
    call(p, __NR_prctl, 0x53564d41, 0, place(p, 16), 4096, place_string(p, "named"));
    call(p, __NR_prctl, PR_GET_DUMPABLE);
    call(p, __NR_prctl, PR_CAPBSET_READ, 1);
}

static void arch_prctl_codes(struct probe *p)
{
    static const int codes[] = {0x1003, 0x1004, 0x1021, 0x1022, 0x1024, 0x4001, 0x4003, 0x5005};
    size_t i;

    for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        call(p, __NR_arch_prctl, codes[i], place(p, 16));
    call(p, __NR_arch_prctl, 0x1011, 0);
}

static void filters(struct probe *p)
{
    uint32_t action = 0x7fff0000;

    call(p, __NR_seccomp, 2, 0, PLACE(p, action));
    call_exactly(p, 0, __NR_seccomp, 3, 0, place(p, 16));
}

static void memory(struct probe *p)
{
    char *pages = mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t *which = place(p, 3 * 8);
    int *nodes = place(p, 3 * 4);
    struct iovec *local = place(p, 2 * sizeof(*local)), *remote = place(p, 2 * sizeof(*remote));

    call_exactly(p, 0, __NR_mincore, pages, 8 * 4096, place(p, 16));
    munmap(pages + 5 * 4096, 4096);
    call(p, __NR_mincore, pages, 8 * 4096, place(p, 16));
    call(p, __NR_get_mempolicy, place(p, 4), place(p, 128), 1024, 0, 0);
    call(p, __NR_get_mempolicy, place(p, 4), 0, 0, 0, 0);
    call(p, __NR_get_mempolicy, place(p, 4), place(p, 128), 1, 0, 0);
    which[0] = (uint64_t)pages;
    which[1] = (uint64_t)pages + 4096;
    which[2] = (uint64_t)pages + 5 * 4096;
    call(p, __NR_move_pages, 0, 3, which, 0, place(p, 12), 0);
    memset(nodes, 0, 12);
    call(p, __NR_move_pages, 0, 3, which, nodes, place(p, 12), 2 /* MPOL_MF_MOVE */);

    local[0] = (struct iovec){place(p, 100), 100};
    local[1] = (struct iovec){place(p, 9000), 9000};
    remote[0] = (struct iovec){pages, 20};
    remote[1] = (struct iovec){pages + 3 * 4096, 3 * 4096}; /* ends in the hole */
    memset(pages, 0x11, 5 * 4096);
    call_exactly(p, 0, __NR_process_vm_readv, getpid(), local, 1, remote, 1, 0);
    call(p, __NR_process_vm_readv, getpid(), local, 2, remote, 2, 0);
    call(p, __NR_process_vm_readv, getpid(), local, 2, PLACE(p, remote[1]), 1, 0);
    call(p, __NR_membarrier, 0, 0, 0);
    munmap(pages, 8 * 4096);
}

static void futexes(struct probe *p)
{
    uint32_t *word = place(p, 4), *other = place(p, 4);
    uint32_t old = *other;
    struct timespec no_time = {0, 1000};

    call(p, __NR_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1);
    assert_int_equal(call(p, __NR_futex, word, FUTEX_WAIT, *word, PLACE(p, no_time)), -ETIMEDOUT);
    call(p, __NR_futex, word, FUTEX_WAIT, *word + 1, PLACE(p, no_time));
    call(p, __NR_futex, word, FUTEX_WAKE_OP, 1, 1, other,
         FUTEX_OP(FUTEX_OP_SET, 1, FUTEX_OP_CMP_EQ, 1));
    assert_int_not_equal(*other, old);
    *word = 0;
    assert_int_equal(call(p, __NR_futex, word, FUTEX_LOCK_PI, 0, 0), 0);
    assert_int_equal(*word, getpid());
    assert_int_equal(call(p, __NR_futex, word, FUTEX_LOCK_PI, 0, 0), -EDEADLK);
    call(p, __NR_futex, word, FUTEX_TRYLOCK_PI, 0, 0);
    assert_int_equal(call(p, __NR_futex, word, FUTEX_UNLOCK_PI, 0, 0), 0);
    assert_int_equal(*word, 0);
}

static void end(int64_t pid)
{
    if (pid == 0)
        _exit(0);
    assert_true(pid > 0);
}

/* Clones that share nothing. The child ends at once, after its own check. */
static void birth(struct probe *p)
{
    uint32_t *parent = place(p, 4), *child = place(p, 4), *pidfd = place(p, 4);
    struct clone_args args = {.flags = CLONE_PARENT_SETTID | CLONE_PIDFD | CLONE_CHILD_SETTID,
                              .exit_signal = SIGCHLD};
    int64_t pid;

    pid = call_exactly(p, 0, __NR_clone, CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, 0,
                       parent, child, 0);
    end(pid);
    assert_int_equal(*parent, pid);
    call_exactly(p, 0, __NR_wait4, pid, place(p, 4), 0, place(p, 144));

    end(call_exactly(p, 0, __NR_clone, CLONE_PIDFD | SIGCHLD, 0, pidfd, 0, 0));
    call_exactly(p, 4, __NR_waitid, P_PIDFD, *pidfd, place(p, 128), WEXITED, place(p, 144));
    close((int)*pidfd);

    args.pidfd = (uint64_t)(pidfd = place(p, 4));
    args.parent_tid = (uint64_t)place(p, 4);
    args.child_tid = (uint64_t)place(p, 4);
    end(call_exactly(p, 0, __NR_clone3, PLACE(p, args), sizeof(args)));
    call(p, __NR_wait4, -1, place(p, 4), 0, 0);
    close((int)*pidfd);

    call(p, __NR_wait4, -1, place(p, 4), 0, place(p, 144));
    assert_int_equal(call(p, __NR_waitid, P_ALL, 0, place(p, 128), WEXITED, place(p, 144)),
                     -ECHILD);
    call(p, __NR_clone, CLONE_PIDFD | CLONE_THREAD, 0, place(p, 4), 0, 0);
    end(call(p, __NR_fork));
    call(p, __NR_waitid, P_ALL, 0, place(p, 128), WEXITED | WNOHANG, 0);
    call(p, __NR_wait4, -1, place(p, 4), 0, 0);
}

static int64_t traced_child(void)
{
    static const uint64_t usr1 = 1ull << (SIGUSR1 - 1);
    int64_t pid = raw_syscall(__NR_fork, (uint64_t[6]){0});
    int status;

    if (pid == 0) {
        raw_syscall(__NR_ptrace, (uint64_t[6]){PTRACE_TRACEME});
        raw_syscall(__NR_rt_sigprocmask, (uint64_t[6]){SIG_BLOCK, (uint64_t)&usr1, 0, 8});
        raw_syscall(__NR_kill, (uint64_t[6]){(uint64_t)getpid(), SIGUSR1});
        raw_syscall(__NR_kill, (uint64_t[6]){(uint64_t)getpid(), SIGSTOP});
        _exit(0);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid((pid_t)pid, &status, 0), pid);
    assert_true(WIFSTOPPED(status));
    return pid;
}

static void tracing(struct probe *p)
{
    int64_t pid = traced_child();
    uint64_t peek[2] = {0, 4ull << 32}; /* struct ptrace_peeksiginfo_args: 4 from offset 0 */
    static uint64_t word = 0x1122334455667788;
    struct iovec v;

    call_exactly(p, 0, __NR_ptrace, PTRACE_PEEKDATA, pid, &word, place(p, 8));
    call(p, __NR_ptrace, PTRACE_PEEKDATA, pid, 8, place(p, 8));
    call_exactly(p, 0, __NR_ptrace, PTRACE_PEEKUSER, pid, 0, place(p, 8));
    call_exactly(p, 0, __NR_ptrace, PTRACE_GETREGS, pid, 0, place(p, 300));
    call_exactly(p, 0, __NR_ptrace, PTRACE_GETFPREGS, pid, 0, place(p, 600));
    call_exactly(p, 0, __NR_ptrace, PTRACE_GETEVENTMSG, pid, 0, place(p, 8));
    call_exactly(p, 0, __NR_ptrace, PTRACE_GETSIGINFO, pid, 0, place(p, 200));
    call_exactly(p, 0, __NR_ptrace, 0x420a, pid, 8, place(p, 8));
    v = (struct iovec){place(p, 304), 304};
    call_exactly(p, 8, __NR_ptrace, PTRACE_GETREGSET, pid, 1, PLACE(p, v));
    v = (struct iovec){place(p, 300), 64};
    call_exactly(p, 8, __NR_ptrace, PTRACE_GETREGSET, pid, 1, PLACE(p, v));
    v = (struct iovec){place(p, 16384), 16384};
    call(p, __NR_ptrace, PTRACE_GETREGSET, pid, 0x202, PLACE(p, v));
    call(p, __NR_ptrace, PTRACE_GETREGSET, pid, 0x9999, PLACE(p, v));
    call(p, __NR_ptrace, 0x4209, pid, PLACE(p, peek), place(p, 600));
    call_exactly(p, 0, __NR_ptrace, 0x420e, pid, 88, place(p, 100));
    call(p, __NR_ptrace, 0x420e, pid, 8, place(p, 100));
    call(p, __NR_ptrace, 0x420f, pid, 24, place(p, 100));
    call(p, __NR_ptrace, 0x4211, pid, 32, place(p, 100));
    call(p, __NR_ptrace, 0x420c, pid, 0, place(p, 100));
    call(p, __NR_ptrace, PTRACE_ARCH_PRCTL, pid, place(p, 8), 0x1003);
    call(p, __NR_ptrace, 25, pid, 12, place(p, 64));
    call(p, __NR_ptrace, PTRACE_KILL, pid, 0, 0);
    kill((pid_t)pid, SIGKILL);
    waitpid((pid_t)pid, NULL, 0);
}

#define TEST(name)                                                                                 \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        probe_run(name);                                                                           \
    }
TEST(identity)
TEST(limits_and_machine)
TEST(scheduling)
TEST(prctl_options)
TEST(arch_prctl_codes)
TEST(filters)
TEST(memory)
TEST(futexes)
TEST(birth)
TEST(tracing)

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"identity_and_capabilities_are_told", test_identity, NULL, NULL, NULL},
        {"limits_and_the_machine_are_told", test_limits_and_machine, NULL, NULL, NULL},
        {"scheduling_is_told_also_the_size_that_was_wanted", test_scheduling, NULL, NULL, NULL},
        {"prctl_is_told_by_option", test_prctl_options, NULL, NULL, NULL},
        {"arch_prctl_is_told_by_code", test_arch_prctl_codes, NULL, NULL, NULL},
        {"seccomp_is_told_by_operation", test_filters, NULL, NULL, NULL},
        {"questions_about_memory_are_told", test_memory, NULL, NULL, NULL},
        {"futex_words_the_kernel_writes_are_told", test_futexes, NULL, NULL, NULL},
        {"ids_of_the_newborn_and_fate_of_the_dead_are_told", test_birth, NULL, NULL, NULL},
        {"ptrace_is_told_by_request", test_tracing, NULL, NULL, NULL},
    };
    int failed = cmocka_run_group_tests_name("syscalls_kernel_process", tests, NULL, NULL);

    print_message("%u calls checked\n", probe_calls());
    return failed;
}
