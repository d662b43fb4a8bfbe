/* SIGSEGV and SIGTRAP ignored, blocked, handled with any flags: executing code for the first time,
 * and instructions that tell of the machine, changes neither action nor mask, and calls no handler:
 * sigaction(2), sigprocmask(2). Also right after many calls that changed them. */
#include "telling.h"

#include <pthread.h>

#define RESTORER 0x04000000 /* of the C library's own */

static void never(int sig)
{
    (void)sig;
    dprintf(STDERR_FILENO, "the handler was called\n");
    _exit(1);
}

static const int both[] = {SIGSEGV, SIGTRAP};

static void set_mask(bool segv, bool trap, bool other)
{
    sigset_t mask;
    sigemptyset(&mask);
    if (segv)
        sigaddset(&mask, SIGSEGV);
    if (trap)
        sigaddset(&mask, SIGTRAP);
    if (other)
        sigaddset(&mask, SIGUSR1);
    CHECK(pthread_sigmask(SIG_SETMASK, &mask, NULL) == 0);
}

static void check_mask(bool segv, bool trap, bool other)
{
    sigset_t mask, pending;
    CHECK(pthread_sigmask(SIG_SETMASK, NULL, &mask) == 0 && sigpending(&pending) == 0);
    CHECK(sigismember(&mask, SIGSEGV) == segv && sigismember(&mask, SIGTRAP) == trap);
    CHECK(sigismember(&mask, SIGUSR1) == other);
    CHECK(!sigismember(&pending, SIGSEGV) && !sigismember(&pending, SIGTRAP));
}

static void check_action(int sig, const struct sigaction *wanted)
{
    struct sigaction now;
    CHECK(sigaction(sig, NULL, &now) == 0);
    CHECK(now.sa_handler == wanted->sa_handler);
    CHECK((now.sa_flags & ~RESTORER) == wanted->sa_flags);
    CHECK(sigismember(&now.sa_mask, SIGUSR2) == sigismember(&wanted->sa_mask, SIGUSR2));
}

static const struct sigaction *actions(size_t *ret_n)
{
    static struct sigaction v[8];
    static const int flags[] = {0, SA_RESETHAND, SA_NODEFER, SA_SIGINFO | SA_ONSTACK,
                                SA_RESTART | SA_RESETHAND | SA_NODEFER};
    size_t n = 0;
    v[n++].sa_handler = SIG_DFL;
    v[n++].sa_handler = SIG_IGN;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++, n++) {
        v[n].sa_handler = never;
        v[n].sa_flags = flags[i];
        sigaddset(&v[n].sa_mask, SIGUSR2);
    }
    *ret_n = n;
    return v;
}

/* Each action with each mask. many: the state was reached through many calls. */
static void all_of_them(int many)
{
    size_t n;
    const struct sigaction *v = actions(&n);
    for (size_t i = 0; i < n; i++) {
        for (unsigned m = 0; m < 8; m++) {
            bool segv = m & 1, trap = m & 2, other = m & 4;
            uint8_t *p = telling_page();
            for (int k = 0; k < many; k++) {
                set_mask(!segv, !trap, !other);
                for (int s = 0; s < 2; s++)
                    CHECK(sigaction(both[s], &v[(i + 1) % n], NULL) == 0);
            }
            for (int s = 0; s < 2; s++)
                CHECK(sigaction(both[s], &v[i], NULL) == 0);
            set_mask(segv, trap, other);
            struct told first = tell(p), second = tell(p);
            CHECK(first.ebx == second.ebx && second.tsc >= first.tsc);
            check_mask(segv, trap, other);
            for (int s = 0; s < 2; s++)
                check_action(both[s], &v[i]);
            CHECK(tell(p).tsc >= second.tsc);
            check_mask(segv, trap, other);
            CHECK(munmap(p, PAGE) == 0);
        }
    }
    set_mask(false, false, false);
    for (int s = 0; s < 2; s++)
        CHECK(sigaction(both[s], &v[0], NULL) == 0);
}

/* A child gets them as they are. */
static void across_fork(void)
{
    signal(SIGTRAP, SIG_IGN);
    signal(SIGSEGV, SIG_IGN);
    set_mask(true, true, false);
    uint8_t *p = telling_page();
    pid_t child = fork();
    CHECK(child >= 0);
    check_tells(p);
    check_mask(true, true, false);
    const struct sigaction ignored = {.sa_handler = SIG_IGN};
    for (int s = 0; s < 2; s++) {
        struct sigaction now;
        CHECK(sigaction(both[s], NULL, &now) == 0 && now.sa_handler == ignored.sa_handler);
    }
    if (child == 0)
        _exit(0);
    wait_for_success(child);
    set_mask(false, false, false);
    signal(SIGTRAP, SIG_DFL);
    signal(SIGSEGV, SIG_DFL);
}

/* ---- threads: one action, a mask for each ---- */

static uint8_t *fresh;
static pthread_barrier_t barrier;

static void *run(void *arg)
{
    unsigned m = (unsigned)(uintptr_t)arg;
    set_mask(m & 1, m & 2, m & 4);
    for (int i = 0; i < 20; i++) {
        pthread_barrier_wait(&barrier);
        CHECK(tell(fresh).tsc != 0);
        check_mask(m & 1, m & 2, m & 4);
        pthread_barrier_wait(&barrier);
        if (m == 0)
            fresh = telling_page();
    }
    return NULL;
}

static void in_threads(void)
{
    const struct sigaction a = {.sa_handler = never, .sa_flags = SA_RESETHAND};
    pthread_t threads[8];
    fresh = telling_page();
    CHECK(sigaction(SIGTRAP, &a, NULL) == 0 && sigaction(SIGSEGV, &a, NULL) == 0);
    CHECK(pthread_barrier_init(&barrier, NULL, 8) == 0);
    for (uintptr_t i = 0; i < 8; i++)
        CHECK(pthread_create(&threads[i], NULL, run, (void *)i) == 0);
    for (int i = 0; i < 8; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    struct sigaction now;
    for (int s = 0; s < 2; s++)
        CHECK(sigaction(both[s], NULL, &now) == 0 && now.sa_handler == never &&
              (now.sa_flags & SA_RESETHAND) != 0);
}

int main(void)
{
    all_of_them(0);
    all_of_them(6);
    across_fork();
    in_threads();
    say("done in %d\n", (int)getpid());
    return 0;
}
