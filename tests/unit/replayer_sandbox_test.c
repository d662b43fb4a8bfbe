/* Tests of replayer/sandbox.c: children that live under the filter, and ask for things. */
#include "replayer/sandbox.h"

#include "replayer/reserved.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

struct request {
    int64_t nr;
    uint64_t args[6];
};

/* At STUB_ADDR: syscall; ret */
static void map_stub(void)
{
    static const uint8_t code[] = {0x0f, 0x05, 0xc3};
    void *at = mmap((void *)STUB_ADDR, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (at != (void *)STUB_ADDR)
        _exit(100);
    memcpy(at, code, sizeof code);
}

static int64_t call_at_stub(const struct request *q)
{
    int64_t result;
    register uint64_t r10 __asm__("r10") = q->args[3];
    register uint64_t r8 __asm__("r8") = q->args[4];
    register uint64_t r9 __asm__("r9") = q->args[5];
    __asm__ volatile("call *%[stub]"
                     : "=a"(result)
                     : "a"(q->nr), "D"(q->args[0]), "S"(q->args[1]), "d"(q->args[2]), "r"(r10),
                       "r"(r8), "r"(r9), [stub] "b"(STUB_ADDR)
                     : "rcx", "r11", "memory");
    return result;
}

/* The same number by another entry to the kernel, that of 32-bit programs. */
static void call_by_int80(const struct request *q)
{
    __asm__ volatile("int $0x80" : : "a"((uint32_t)q->nr) : "memory");
}

enum way { BY_STUB, BY_LIBRARY, BY_INT80 };

static const struct sandbox_program *sandbox(void)
{
    static struct sandbox_program p;
    sandbox_program_init(&p, (uint64_t)&p);
    return &p;
}

/* Does not return. An allowed call ends in a fault, since exit_group(2) is none. */
static _Noreturn void live_in_it(const struct request *q, enum way way)
{
    signal(SIGILL, SIG_DFL); /* the test library's handlers would make calls */
    signal(SIGSEGV, SIG_DFL);
    map_stub();
    const struct sandbox_program *p = sandbox();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SANDBOX_SECCOMP_FLAGS, &p->prog) < 0)
        _exit(101);
    if (way == BY_STUB)
        (void)call_at_stub(q);
    else if (way == BY_LIBRARY)
        syscall(q->nr, q->args[0], q->args[1], q->args[2], q->args[3], q->args[4], q->args[5]);
    else
        call_by_int80(q);
    __builtin_trap();
}

/* SIGSYS: it was killed for it. SIGILL: the kernel looked at the call, at least. */
static int signal_after(const struct request *q, enum way way)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0)
        live_in_it(q, way);
    assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
    assert_true(WIFSIGNALED(status));
    return WTERMSIG(status);
}

#define R     PROT_READ
#define FIXED (MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)
#define AT    0x700000ull
#define ALIKE (CLONE_PARENT | CLONE_FILES | SIGCHLD)

static const struct request good[] = {
    {SYS_mmap, {AT, PAGE, R, FIXED, (uint64_t)-1}},
    {SYS_mmap, {AT, PAGE, PROT_EXEC | PROT_WRITE, FIXED | MAP_NORESERVE, (uint64_t)-1}},
    {SYS_munmap, {AT, PAGE}},
    {SYS_mprotect, {AT, PAGE, R}},
    {SYS_mprotect, {AT, PAGE, R | PROT_GROWSDOWN}},
    {SYS_pkey_mprotect, {AT, PAGE, R, (uint64_t)-1}},
    {SYS_mremap, {AT, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, AT + PAGE}},
    {SYS_madvise, {AT, PAGE, MADV_DONTNEED}},
    {SYS_madvise, {AT, PAGE, MADV_WIPEONFORK}},
    {SYS_close, {1000}},
    {SYS_recvmsg, {SANDBOX_CHANNEL, FAST_MAIL, SANDBOX_RECV_FLAGS}},
};

static const struct request bad[] = {
    {SYS_exit_group, {0}},
    {SYS_write, {1}},
    {SYS_read, {0}},
    {SYS_open, {0}},
    {SYS_openat, {0}},
    {SYS_mkdir, {0}},
    {SYS_socket, {AF_INET, SOCK_STREAM}},
    {SYS_kill, {0, 0}},
    {SYS_execve, {0}},
    {SYS_ptrace, {0}},
    {SYS_process_vm_writev, {0}},
    {SYS_io_uring_setup, {0}},
    {SYS_fork, {0}},
    {SYS_vfork, {0}},
    {SYS_clone3, {0}},
    {SYS_clone, {SIGCHLD}},
    {SYS_clone, {ALIKE | CLONE_UNTRACED}},
    {SYS_clone, {ALIKE | CLONE_NEWUSER}},
    {SYS_clone, {ALIKE | 1ull << 32}},
    {SYS_mmap, {AT, PAGE, R, FIXED | MAP_LOCKED, (uint64_t)-1}},
    {SYS_mmap, {AT, PAGE, R, FIXED | MAP_HUGETLB, (uint64_t)-1}},
    {SYS_mmap, {AT, PAGE, R | 1ull << 40, FIXED, (uint64_t)-1}},
    {SYS_mprotect, {AT, PAGE, R | 0x100}},
    {SYS_mremap, {AT, PAGE, PAGE, 8}},
    {SYS_madvise, {AT, PAGE, MADV_WILLNEED}},
    {SYS_madvise, {AT, PAGE, 100}}, /* MADV_HWPOISON */
    {SYS_userfaultfd, {0}},
    {SYS_recvmsg, {1, FAST_MAIL, SANDBOX_RECV_FLAGS}},
    {SYS_recvmsg, {SANDBOX_CHANNEL, AT, SANDBOX_RECV_FLAGS}},
    {SYS_sendmsg, {SANDBOX_CHANNEL, FAST_MAIL, 0}},
    {SYS_prctl, {PR_SET_TSC, PR_TSC_ENABLE}},
    {SYS_seccomp, {0}},
    {SYS_munmap | 0x40000000, {AT, PAGE}}, /* the same by its number for x32 */
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void calls_of_the_table_are_carried_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(sandbox_allows(good[i].nr, good[i].args));
        assert_int_equal(signal_after(&good[i], BY_STUB), SIGILL);
    }
}

static void all_other_calls_kill(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_false(sandbox_allows(bad[i].nr, bad[i].args));
        assert_int_equal(signal_after(&bad[i], BY_STUB), SIGSYS);
    }
}

static void no_call_is_made_from_another_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        assert_int_equal(signal_after(&good[i], BY_LIBRARY), SIGSYS);
}

static void no_call_is_made_by_another_entry(void **state)
{
    (void)state;
    const struct request munmap_of_32_bits = {91, {0}};
    int signo = signal_after(&munmap_of_32_bits, BY_INT80);
    assert_true(signo == SIGSYS || signo == SIGSEGV); /* a kernel without 32-bit programs */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_of_the_table_are_carried_out),
        cmocka_unit_test(all_other_calls_kill),
        cmocka_unit_test(no_call_is_made_from_another_place),
        cmocka_unit_test(no_call_is_made_by_another_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
