/* Code that was never executed, and tells of the machine, when it is executed by children that
 * share the memory (vfork, CLONE_VM), by both sides of a fork, by several threads at the same
 * moment, and when an exec puts another program in its place. */
#include "telling.h"

#include <pthread.h>
#include <sched.h>
#include <spawn.h>

extern char **environ;

static void by_vfork(void)
{
    uint8_t *p = telling_page(), *q = telling_page();
    volatile uint64_t told = 0;
    check_tells(q);
    pid_t child = vfork();
    CHECK(child >= 0);
    if (child == 0) {
        told = tell(p).tsc + tell(q).tsc;
        _exit(0);
    }
    wait_for_success(child);
    CHECK(told != 0);
    check_tells(p);
    check_tells(q);
}

static uint8_t *shared_page;

static int executes(void *arg)
{
    (void)arg;
    check_tells(shared_page);
    shared_page = telling_page();
    return 0;
}

static void by_clone(int flags)
{
    static uint8_t stack[64 * 1024] __attribute__((aligned(16)));
    shared_page = telling_page();
    pid_t child = clone(executes, stack + sizeof stack, flags | CLONE_VM | SIGCHLD, NULL);
    CHECK(child >= 0);
    wait_for_success(child);
    check_tells(shared_page); /* which the child has made */
}

static void by_fork(void)
{
    uint8_t *p = telling_page(), *q = telling_page();
    check_tells(q);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        check_tells(p);
        check_tells(q);
        pid_t grandchild = fork();
        CHECK(grandchild >= 0);
        check_tells(p);
        if (grandchild != 0)
            wait_for_success(grandchild);
        CHECK(memcmp(telling_page(), telling_code, sizeof telling_code) == 0);
        _exit(0);
    }
    wait_for_success(child);
    CHECK(memcmp(p, telling_code, sizeof telling_code) == 0);
    check_tells(p);
    check_tells(q);
}

/* ---- threads ---- */

#define THREADS 6
static pthread_barrier_t barrier;
static uint64_t times[THREADS];

static void *race(void *arg)
{
    size_t me = (size_t)(uintptr_t)arg;
    for (int i = 0; i < 10; i++) {
        pthread_barrier_wait(&barrier);
        times[me] = tell(shared_page).tsc;
        CHECK(times[me] != 0);
        if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
            shared_page = telling_page();
    }
    return NULL;
}

static void by_threads(void)
{
    pthread_t threads[THREADS];
    shared_page = telling_page();
    CHECK(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
    for (uintptr_t i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, race, (void *)i) == 0);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    for (int i = 0; i < THREADS; i++)
        say("%lx\n", (long)times[i]);
}

/* ---- exec ---- */

static void by_exec(int how)
{
    static char self[] = "/proc/self/exe", name[] = "again";
    char *const argv[] = {self, name, NULL};
    uint8_t *p = telling_page();
    if (how % 2 != 0)
        check_tells(p);
    pid_t child;
    if (how < 2) {
        CHECK(posix_spawn(&child, self, NULL, NULL, argv, environ) == 0);
    } else if (how < 4) {
        child = vfork();
        if (child == 0) {
            execve(self, argv, environ);
            _exit(1);
        }
    } else {
        child = fork();
        if (child == 0) {
            int fd = open(self, O_RDONLY | O_CLOEXEC);
            check_tells(p);
            syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
            _exit(1);
        }
    }
    CHECK(child > 0);
    wait_for_success(child);
    check_tells(p);
}

static void *exec_in_thread(void *arg)
{
    static char self[] = "/proc/self/exe", name[] = "again";
    char *const argv[] = {self, name, NULL};
    check_tells(arg);
    execve(self, argv, environ);
    _exit(1);
}

static void by_exec_of_a_thread(void)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, exec_in_thread, telling_page()) == 0);
        for (;;)
            pause();
    }
    wait_for_success(child);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1) {
        check_tells(telling_page());
        return 0;
    }
    by_vfork();
    by_clone(0);
    by_clone(CLONE_FILES | CLONE_FS | CLONE_SIGHAND);
    by_clone(CLONE_VFORK);
    by_fork();
    by_threads();
    for (int how = 0; how < 6; how++)
        by_exec(how);
    by_exec_of_a_thread();
    return 0;
}
