/* Owns the child in which abilities are tried, and its tracer's side. What the child can find out
 * alone it does first, and tells by memory that both share; then it lets itself be traced, and goes
 * from mark to mark, at which it stops. */
#include "task/machine_trial.h"

#include "base/die_with_parent.h"
#include "base/page.h"
#include "confine/landlock.h"
#include "task/memory_watch.h"
#include "task/present_pages.h"
#include "task/stop.h"
#include "task/tracee.h"

#include <asm/prctl.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

#define DR(i)           ((offsetof(struct user, u_debugreg) / sizeof(uint64_t)) + (i))
#define DR7_EXECUTE     0x1u
#define DR7_WRITE_8     0x90001u /* eight bytes, when written */
#define ANSWER          0x5a5au
#define CPU_SECONDS_MAX 1
#define ENTRY_OF_A_CALL (SIGTRAP | 0x80)

/* Shared with the child. */
struct lab {
    bool works[MACHINE_ABILITIES]; /* what the child has found out alone */
    bool is_traced;
    volatile uint64_t word;
    volatile uint64_t answer; /* what its getppid returned */
};

extern const char machine_trial_nop[] __attribute__((visibility("hidden")));

/* ---- in the child ---- */

/* Bytes of the instruction that is tried, and whether it faulted. */
static volatile size_t trial_len;
static volatile bool faulted;

static void skip_instruction(int signo, siginfo_t *info, void *context)
{
    (void)signo;
    (void)info;
    ucontext_t *uc = context;
    uc->uc_mcontext.gregs[REG_RIP] += (greg_t)trial_len;
    faulted = true;
}

#define FAULTS(bytes, len)                                                                         \
    (trial_len = (len), faulted = false, ({                                                        \
         __asm__ volatile(bytes : : "a"(0), "c"(0) : "rbx", "rdx", "memory");                      \
     }),                                                                                           \
     faulted)

static bool tsc_faults(void)
{
    if (prctl(PR_SET_TSC, PR_TSC_SIGSEGV) < 0)
        return false;
    bool rdtsc = FAULTS("rdtsc", 2), rdtscp = FAULTS("rdtscp", 3);
    prctl(PR_SET_TSC, PR_TSC_ENABLE);
    return rdtsc && rdtscp;
}

static bool cpuid_faults(void)
{
    if (syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0) < 0)
        return false;
    bool cpuid = FAULTS("cpuid", 2);
    syscall(SYS_arch_prctl, ARCH_SET_CPUID, 1);
    return cpuid;
}

static int note_written(void *ctx, uint64_t start, uint64_t end, bool written)
{
    (void)start;
    (void)end;
    *(bool *)ctx = written;
    return 0;
}

/* Whether a write to a page that is watched is told, and nobody waits for it. */
static bool tells_writes(struct memory_watch *w, int pagemap, volatile char *page)
{
    uint64_t start = (uint64_t)(uintptr_t)page, end = start + PAGE;
    const struct map m = {.start = start, .end = end, .prot = PROT_READ | PROT_WRITE};
    bool written = true;
    *page = 1;
    if (!memory_watch_is_on(w) || memory_watch_map(w, &m) < 0 ||
        present_pages_scan_written(pagemap, start, end, note_written, &written) < 0 ||
        present_pages_scan_written(pagemap, start, end, note_written, &written) < 0 || written)
        return false;
    *page = 2;
    return present_pages_scan_written(pagemap, start, end, note_written, &written) == 0 && written;
}

static void try_watching(struct lab *lab)
{
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int pagemap = present_pages_open(getpid());
    if (page == MAP_FAILED || pagemap < 0)
        return;
    struct memory_watch *w = memory_watch_new(true);
    lab->works[MACHINE_PAGEMAP_SCAN] = present_pages_can_scan(pagemap);
    memory_watch_start(w, (int)syscall(SYS_userfaultfd, MEMORY_WATCH_FLAGS));
    lab->works[MACHINE_USERFAULTFD] = tells_writes(w, pagemap, page);
    memory_watch_unref(w);
    close(pagemap);
}

static bool closes_files(void)
{
    if (landlock_close(NULL) < 0)
        return false;
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 && errno == EACCES;
}

static void stop_at_mark(void)
{
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGSTOP);
}

static void filter_getppid(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof code[0], .filter = code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

_Noreturn static void try_in_child(struct lab *lab, pid_t parent)
{
    die_with_parent(parent);
    const struct rlimit cpu = {CPU_SECONDS_MAX, CPU_SECONDS_MAX}, no_core = {0, 0};
    setrlimit(RLIMIT_CPU, &cpu); /* whatever this machine makes of it, it ends */
    setrlimit(RLIMIT_CORE, &no_core);
    struct sigaction skip = {.sa_sigaction = skip_instruction, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &skip, NULL);
    sigaction(SIGILL, &skip, NULL); /* not all CPUs have rdtscp */
    lab->works[MACHINE_TSC_TRAP] = tsc_faults();
    lab->works[MACHINE_CPUID_TRAP] = cpuid_faults();
    try_watching(lab);
    lab->works[MACHINE_LANDLOCK] = closes_files(); /* for good */
    lab->is_traced = ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
    if (!lab->is_traced)
        _exit(0);
    stop_at_mark(); /* to execute the nop */
    __asm__ volatile(
        ".globl machine_trial_nop\n\t.hidden machine_trial_nop\nmachine_trial_nop: nop");
    stop_at_mark(); /* to write the word */
    lab->word = 1;
    stop_at_mark(); /* to be stepped */
    stop_at_mark(); /* to make a call that does not run */
    lab->answer = (uint64_t)syscall(SYS_getppid);
    filter_getppid();
    stop_at_mark(); /* to make a call that a filter stops */
    syscall(SYS_getppid);
    _exit(0);
}

/* ---- the tracer ---- */

/* To the next stop. False: it is gone. */
static bool go(pid_t pid, enum tracee_resume how, int *ret_status)
{
    return tracee_resume(pid, how, 0) == 0 && tracee_wait(pid, ret_status) == 0 &&
           WIFSTOPPED(*ret_status);
}

static bool is_mark(int status)
{
    return WSTOPSIG(status) == SIGSTOP;
}

/* Goes to the next mark. True: a trap came before. */
static bool traps_on_the_way(pid_t pid)
{
    int status = 0;
    bool trapped = false;
    while (go(pid, TRACEE_CONT, &status) && !is_mark(status))
        trapped = trapped || WSTOPSIG(status) == SIGTRAP;
    return trapped;
}

static bool hits(pid_t pid, uint64_t addr, uint64_t dr7)
{
    bool set = tracee_set_reg(pid, DR(0), addr) == 0 && tracee_set_reg(pid, DR(7), dr7) == 0;
    bool trapped = traps_on_the_way(pid);
    tracee_set_reg(pid, DR(7), 0);
    return set && trapped;
}

static bool moves_memory(pid_t pid, struct lab *lab)
{
    uint64_t sent = ANSWER, got = 0;
    struct iovec out = {&sent, sizeof sent}, in = {&got, sizeof got};
    struct iovec there = {(void *)(uintptr_t)&lab->word, sizeof lab->word};
    return process_vm_writev(pid, &out, 1, &there, 1, 0) == (ssize_t)sizeof sent &&
           process_vm_readv(pid, &in, 1, &there, 1, 0) == (ssize_t)sizeof got && got == sent;
}

static bool gets_descriptors(pid_t pid)
{
    long process = syscall(SYS_pidfd_open, pid, 0);
    long fd = process >= 0 ? syscall(SYS_pidfd_getfd, process, 0, 0) : -1;
    bool none = fd < 0 && errno == EBADF; /* it has no descriptor 0 */
    if (fd >= 0)
        close((int)fd);
    if (process >= 0)
        close((int)process);
    return fd >= 0 || none;
}

static void try_emulation(pid_t pid, struct lab *lab, bool has[MACHINE_ABILITIES])
{
    int status;
    struct tracee_entry entry;
    if (!go(pid, TRACEE_SYSEMU, &status) || WSTOPSIG(status) != ENTRY_OF_A_CALL)
        return;
    has[MACHINE_SYSCALL_INFO] = tracee_get_entry(pid, &entry) == 0 && entry.nr == SYS_getppid;
    if (tracee_set_reg(pid, REGS_RESULT, ANSWER) < 0)
        return;
    traps_on_the_way(pid);
    has[MACHINE_SYSEMU] = lab->answer == ANSWER;
}

static void try_as_tracer(pid_t pid, struct lab *lab, bool has[MACHINE_ABILITIES])
{
    int status;
    if (tracee_wait(pid, &status) < 0 || !WIFSTOPPED(status) ||
        tracee_set_options(pid, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP))
        return;
    has[MACHINE_MEMORY_IO] = moves_memory(pid, lab);
    has[MACHINE_PIDFD_GETFD] = gets_descriptors(pid);
    has[MACHINE_BREAKPOINTS] = hits(pid, (uint64_t)(uintptr_t)machine_trial_nop, DR7_EXECUTE);
    has[MACHINE_WATCHPOINTS] = hits(pid, (uint64_t)(uintptr_t)&lab->word, DR7_WRITE_8);
    has[MACHINE_SINGLE_STEP] = go(pid, TRACEE_STEP, &status) && WSTOPSIG(status) == SIGTRAP;
    traps_on_the_way(pid);
    try_emulation(pid, lab, has);
    has[MACHINE_SECCOMP_STOPS] =
        go(pid, TRACEE_CONT, &status) && stop_decode(status).kind == STOP_SECCOMP;
}

int machine_try_all(bool has[MACHINE_ABILITIES])
{
    struct lab *lab =
        mmap(NULL, sizeof *lab, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (lab == MAP_FAILED)
        return -errno;
    pid_t self = getpid(), pid = fork();
    int err = pid < 0 ? -errno : 0;
    if (pid == 0)
        try_in_child(lab, self);
    if (pid > 0) {
        try_as_tracer(pid, lab, has);
        int status;
        kill(pid, SIGKILL);
        while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status))
            ;
        for (size_t i = 0; i < MACHINE_ABILITIES; i++)
            has[i] = has[i] || lab->works[i];
    }
    munmap(lab, sizeof *lab);
    return err;
}
