/* tiny WHAT: a program without a C library, one page of code, so that its traces are short. Does
 * one kind of thing that makes events of a kind. Exit status 0: it went as it should. */
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>

#define PAGE 4096

static long call(long nr, long a, long b, long c, long d, long e, long f)
{
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

#define CALL1(nr, a)          call(nr, (long)(a), 0, 0, 0, 0, 0)
#define CALL2(nr, a, b)       call(nr, (long)(a), (long)(b), 0, 0, 0, 0)
#define CALL3(nr, a, b, c)    call(nr, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define CALL4(nr, a, b, c, d) call(nr, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

static void *map(size_t len, int prot, int flags)
{
    return (void *)call(SYS_mmap, 0, (long)len, prot, flags | MAP_ANONYMOUS, -1, 0);
}

static bool writes(const char *text, size_t len)
{
    return CALL3(SYS_write, 1, text, len) == (long)len;
}

static int wait_for(long pid)
{
    int status = -1;
    return CALL4(SYS_wait4, pid, &status, 0, 0) == pid ? status : -1;
}

/* ---- plain calls, so many from one place that they are made without a stop ---- */

static int do_calls(void)
{
    struct {
        long s, ns;
    } now;
    char bytes[32];
    for (int i = 0; i < 40; i++)
        if (CALL1(SYS_getpid, 0) <= 0 || CALL2(SYS_clock_gettime, 1, &now) != 0 ||
            CALL3(SYS_getrandom, bytes, sizeof bytes, 0) != sizeof bytes)
            return 1;
    return writes("calls\n", 6) ? 0 : 1;
}

/* ---- processes ---- */

static int do_fork(void)
{
    int ends[2];
    char c = 0;
    if (CALL2(SYS_pipe2, ends, 0) != 0)
        return 1;
    long pid = CALL1(SYS_fork, 0);
    if (pid == 0) {
        CALL3(SYS_write, ends[1], "x", 1);
        CALL1(SYS_exit_group, 3);
    }
    if (CALL3(SYS_read, ends[0], &c, 1) != 1 || c != 'x')
        return 1;
    return wait_for(pid) == 3 << 8 ? 0 : 1;
}

static int do_exec(const char *self)
{
    const char *argv[] = {self, "calls", NULL}, *envp[] = {NULL};
    long pid = CALL1(SYS_fork, 0);
    if (pid == 0) {
        CALL3(SYS_execve, self, argv, envp);
        CALL1(SYS_exit_group, 1);
    }
    return wait_for(pid);
}

/* ---- threads ---- */

#define THREAD                                                                                     \
    (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |            \
     CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

static volatile int tid, turn;
static volatile unsigned long count[2];

#define ROUNDS 8000000ul

static _Noreturn void run_thread(void (*run)(void))
{
    run();
    CALL1(SYS_exit, 0);
    __builtin_unreachable();
}

/* The new stack's top holds what the thread is to do. */
static void start_thread(void (*run)(void))
{
    char *stack = map(4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    void **top = (void **)(stack + 4 * PAGE - 64);
    top[0] = (void *)run_thread;
    top[1] = (void *)run;
    tid = 1;
    long result;
    register const volatile void *child_tid __asm__("r10") = &tid;
    register long tls __asm__("r8") = 0;
    __asm__ volatile("syscall\n\t"
                     "test %%eax, %%eax\n\t"
                     "jnz 1f\n\t"
                     "pop %%rax\n\t"
                     "pop %%rdi\n\t"
                     "call *%%rax\n\t"
                     "1:"
                     : "=a"(result)
                     : "a"(SYS_clone), "D"(THREAD), "S"(top), "d"(&tid), "r"(child_tid), "r"(tls)
                     : "rcx", "r11", "memory");
}

static void join_thread(void)
{
    for (int now; (now = tid) != 0;)
        CALL4(SYS_futex, &tid, FUTEX_WAIT, now, NULL);
}

static void take_turns(void)
{
    for (int i = 0; i < 5; i++) {
        while (turn == 0)
            CALL4(SYS_futex, &turn, FUTEX_WAIT, 0, NULL);
        turn = 0;
        CALL3(SYS_futex, &turn, FUTEX_WAKE, 1);
    }
}

static int do_threads(void)
{
    start_thread(take_turns);
    for (int i = 0; i < 5; i++) {
        turn = 1;
        CALL3(SYS_futex, &turn, FUTEX_WAKE, 1);
        while (turn == 1)
            CALL4(SYS_futex, &turn, FUTEX_WAIT, 1, NULL);
    }
    join_thread();
    return writes("threads\n", 8) ? 0 : 1;
}

static void compute(void)
{
    for (unsigned long i = 0; i < ROUNDS; i++)
        count[1] += i ^ count[1] >> 3;
}

/* Both compute for longer than a time slice. */
static int do_points(void)
{
    start_thread(compute);
    for (unsigned long i = 0; i < ROUNDS; i++)
        count[0] += i ^ count[0] >> 3;
    join_thread();
    return writes("points\n", 7) ? 0 : 1;
}

/* ---- signals and traps ---- */

static volatile int seen;
extern char return_from_signal[];
__asm__("return_from_signal: mov $15, %eax; syscall");

/* What faults is skipped: it has two bytes. */
static void on_signal(int signo, siginfo_t *info, void *context)
{
    (void)info;
    seen++;
    if (signo != SIGUSR1)
        *(unsigned long long *)((char *)context + 168) += 2; /* rip, of struct ucontext */
}

static bool handle(int signo)
{
    const struct {
        void (*handler)(int, siginfo_t *, void *);
        unsigned long flags;
        void *restorer;
        unsigned long mask;
    } action = {on_signal, SA_SIGINFO | 0x04000000 /* SA_RESTORER */, return_from_signal, 0};
    return CALL4(SYS_rt_sigaction, signo, &action, NULL, 8) == 0;
}

static int do_signals(void)
{
    if (!handle(SIGUSR1) || !handle(SIGSEGV) || !handle(SIGILL))
        return 1;
    for (int i = 0; i < 3; i++)
        CALL2(SYS_kill, CALL1(SYS_getpid, 0), SIGUSR1);
    __asm__ volatile("xor %%eax, %%eax\n\tmov %%eax, (%%rax)" : : : "eax", "memory");
    __asm__ volatile("ud2");
    return seen == 5 && writes("signals\n", 8) ? 0 : 1;
}

static int do_traps(void)
{
    uint32_t a, b, c, d;
    for (uint32_t leaf = 0; leaf < 8; leaf++)
        __asm__ volatile("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "a"(leaf), "c"(0));
    for (int i = 0; i < 8; i++)
        __asm__ volatile("rdtsc" : "=a"(a), "=d"(d));
    __asm__ volatile("rdtscp" : "=a"(a), "=c"(c), "=d"(d));
    static _Alignas(64) uint8_t area[8192];
    __asm__ volatile("fxsave %0" : "=m"(area));
    return writes("traps\n", 6) ? 0 : 1;
}

/* ---- memory ---- */

static int do_memory(void)
{
    char *m = map(8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    m[0] = m[3 * PAGE] = 1;
    CALL3(SYS_mprotect, m + PAGE, PAGE, PROT_READ);
    CALL3(SYS_madvise, m + 3 * PAGE, PAGE, MADV_DONTNEED);
    CALL2(SYS_munmap, m + 6 * PAGE, 2 * PAGE);
    m = (char *)call(SYS_mremap, (long)m, PAGE, 16 * PAGE, MREMAP_MAYMOVE, 0, 0);
    m[15 * PAGE] = 1;
    long key = CALL2(SYS_pkey_alloc, 0, 0);
    if (key >= 0)
        CALL1(SYS_pkey_free, key);
    long file = CALL2(SYS_memfd_create, "tiny", 0);
    CALL2(SYS_ftruncate, file, 2 * PAGE);
    char *shared = (char *)call(SYS_mmap, 0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    shared[0] = 'a';
    CALL4(SYS_pwrite64, file, "bc", 2, 1);
    CALL2(SYS_ftruncate, file, PAGE);
    volatile char deep[16 * PAGE];
    for (size_t i = sizeof deep; i > 0; i -= PAGE)
        deep[i - 1] = 1;
    return shared[1] == 'b' && writes("memory\n", 7) ? 0 : 1;
}

/* Two processes that share memory. */
static int do_shared(void)
{
    volatile int *m = map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
    long pid = CALL1(SYS_fork, 0);
    if (pid == 0) {
        m[0] = 7;
        CALL3(SYS_futex, m, FUTEX_WAKE, 1);
        CALL1(SYS_exit_group, 0);
    }
    while (m[0] == 0)
        CALL4(SYS_futex, m, FUTEX_WAIT, 0, NULL);
    return wait_for(pid) == 0 && m[0] == 7 ? 0 : 1;
}

/* ---- a debugger ---- */

static int do_traced(void)
{
    struct user_regs_struct regs;
    static volatile long word = 5;
    long pid = CALL1(SYS_fork, 0);
    if (pid == 0) {
        CALL4(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
        CALL2(SYS_kill, CALL1(SYS_getpid, 0), SIGSTOP);
        CALL1(SYS_exit_group, word);
    }
    if ((wait_for(pid) & 0xff) != 0x7f)
        return 1;
    CALL4(SYS_ptrace, PTRACE_POKEDATA, pid, &word, 9);
    CALL4(SYS_ptrace, PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[0]), &word);
    for (int i = 0; i < 2; i++) {
        CALL4(SYS_ptrace, PTRACE_SINGLESTEP, pid, 0, 0);
        if ((wait_for(pid) & 0xff) != 0x7f)
            return 1;
    }
    CALL4(SYS_ptrace, PTRACE_GETREGS, pid, 0, &regs);
    regs.r15 = 3;
    CALL4(SYS_ptrace, PTRACE_SETREGS, pid, 0, &regs);
    CALL4(SYS_ptrace, PTRACE_CONT, pid, 0, 0);
    return wait_for(pid) == 9 << 8 ? 0 : 1;
}

/* ---- choosing ---- */

static bool is_same(const char *a, const char *b)
{
    while (*a == *b && *a != '\0')
        a++, b++;
    return *a == *b;
}

static int do_what(const char *self, const char *what)
{
    return is_same(what, "calls")     ? do_calls()
           : is_same(what, "fork")    ? do_fork()
           : is_same(what, "exec")    ? do_exec(self)
           : is_same(what, "threads") ? do_threads()
           : is_same(what, "points")  ? do_points()
           : is_same(what, "signals") ? do_signals()
           : is_same(what, "traps")   ? do_traps()
           : is_same(what, "memory")  ? do_memory()
           : is_same(what, "shared")  ? do_shared()
           : is_same(what, "traced")  ? do_traced()
                                      : 2;
}

/* The stack at the start holds argc and argv. */
_Noreturn void start(long *stack);
_Noreturn void start(long *stack)
{
    int status = stack[0] == 2 ? do_what((char *)stack[1], (char *)stack[2]) : 2;
    CALL1(SYS_exit_group, status);
    __builtin_unreachable();
}
__asm__(".globl _start\n_start: mov %rsp, %rdi; and $-16, %rsp; call start");
