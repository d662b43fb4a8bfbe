/* Filters that fail or kill mprotect, strict mode, PR_SET_MDWE: installed before code that tells of
 * the machine is first executed. It works nevertheless: seccomp(2), PR_SET_MDWE(2const). */
#include "telling.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <ucontext.h>

#define MDWE_SET         65 /* PR_SET_MDWE */
#define MDWE_REFUSE_GAIN 1ul

static long install_filter(unsigned action, unsigned flags)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, action),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static void *allow_forever(void *arg)
{
    return arg;
}

static void with_filter(unsigned action)
{
    uint8_t *seen = telling_page(), *held = telling_page_of_code();
    check_tells(seen);
    if (install_filter(action, 0) < 0)
        SKIP("no seccomp filters here (errno %d)", errno);
    check_tells(seen);
    check_tells(held);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        check_tells(held);
        _exit(0);
    }
    wait_for_success(child);
    check_tells(held);
    /* made after the filter: executable from the start */
    int fd = scratch_file();
    write_all(fd, telling_code, sizeof telling_code);
    uint8_t *late = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    CHECK(late != MAP_FAILED);
    CHECK(tell(late).tsc != 0);
    uint8_t *own =
        mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(own != MAP_FAILED);
    put_constant(own, 9);
    CHECK(constant_of(own) == 9);
    if (action != SECCOMP_RET_KILL_PROCESS)
        CHECK(mprotect(own, PAGE, PROT_READ) == -1 && errno == EPERM);
}

static void fails(void)
{
    with_filter(SECCOMP_RET_ERRNO | EPERM);
}

static void kills(void)
{
    with_filter(SECCOMP_RET_KILL_PROCESS);
}

static volatile sig_atomic_t faults;

static void skip_insn(int sig, siginfo_t *info, void *context)
{
    ucontext_t *c = context;
    faults += sig == SIGSEGV && info->si_code == SI_KERNEL;
    c->uc_mcontext.gregs[REG_RIP] += 2;
}

/* Where rdtsc is forbidden, too (kernel/seccomp.c, seccomp_set_mode_strict). */
static void strict(void)
{
    uint8_t *held = telling_page_of_code(), *seen = telling_page();
    check_tells(seen);
    handle(SIGSEGV, skip_insn, 0);
    uint64_t ebx = tell(seen).ebx;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) < 0)
        SKIP("no strict mode here");
    bool same = tell(held).ebx == ebx && tell(seen).ebx == ebx && tell(held).ebx == ebx;
    syscall(SYS_exit, same && faults == 3 ? 0 : 1);
}

/* ---- threads: one installs it for all ---- */

static uint8_t *shared_page;
static pthread_barrier_t barrier;

static void *other(void *arg)
{
    pthread_barrier_wait(&barrier); /* all are there */
    pthread_barrier_wait(&barrier); /* the filter holds */
    CHECK(tell(shared_page).tsc != 0);
    return arg;
}

static void for_all_threads(void)
{
    pthread_t threads[4];
    shared_page = telling_page_of_code();
    CHECK(pthread_barrier_init(&barrier, NULL, 5) == 0);
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, other, NULL) == 0);
    pthread_barrier_wait(&barrier);
    if (install_filter(SECCOMP_RET_ERRNO | EPERM, SECCOMP_FILTER_FLAG_TSYNC) != 0)
        SKIP("no seccomp filters for all threads here (errno %d)", errno);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 4; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    check_tells(shared_page);
}

/* One thread has the filter, and the others none: who executes the page first? */
static void *filtered_thread(void *arg)
{
    CHECK(install_filter(SECCOMP_RET_KILL_PROCESS, 0) == 0);
    pthread_barrier_wait(&barrier);
    CHECK(tell(shared_page).tsc != 0);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier); /* the other one has made another page */
    CHECK(tell(shared_page).tsc != 0);
    return arg;
}

static void for_one_thread(void)
{
    pthread_t thread;
    shared_page = telling_page_of_code();
    CHECK(pthread_barrier_init(&barrier, NULL, 2) == 0);
    CHECK(pthread_create(&thread, NULL, filtered_thread, NULL) == 0);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    check_tells(shared_page);
    shared_page = telling_page_of_code();
    pthread_barrier_wait(&barrier);
    CHECK(pthread_join(thread, NULL) == 0);
    check_tells(shared_page);
}

static void mdwe(void)
{
    uint8_t *held = telling_page_of_code(), *seen = telling_page();
    check_tells(seen);
    if (prctl(MDWE_SET, MDWE_REFUSE_GAIN, 0, 0, 0) < 0)
        SKIP("no PR_SET_MDWE here");
    check_tells(held);
    check_tells(seen);
    uint8_t *p = pages(1, PROT_READ | PROT_WRITE);
    CHECK(mprotect(p, PAGE, PROT_READ | PROT_EXEC) == -1 && errno == EACCES);
    CHECK(mprotect(held - PAGE / 2, PAGE, PROT_READ) == 0);
    int fd = scratch_file();
    write_all(fd, telling_code, sizeof telling_code);
    uint8_t *file = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    CHECK(file != MAP_FAILED);
    CHECK(tell(file).tsc != 0);
    CHECK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
               0) == MAP_FAILED);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        check_tells(seen);
        CHECK(tell(file).tsc != 0);
        _exit(0);
    }
    wait_for_success(child);
}

static void in_a_child(const char *name, void (*f)(void))
{
    say("%s\n", name);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        f();
        _exit(0);
    }
    int status = wait_for(child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        return; /* it said so */
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, allow_forever, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    in_a_child("fails", fails);
    in_a_child("kills", kills);
    in_a_child("strict", strict);
    in_a_child("for_all_threads", for_all_threads);
    in_a_child("for_one_thread", for_one_thread);
    in_a_child("mdwe", mdwe);
    return 0;
}
