/* No more tasks, memory or descriptors are to be had, several threads find out at once, and go on:
 * setrlimit(2), pthread_create(3), fork(2). */
#include "threads.h"

#include <sys/mman.h>
#include <sys/resource.h>

enum { MOST = 400 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t limit_is_set; /* for both threads, and main that sets it */
static uint64_t sum;
static int fds[2];

static void limit(int what, rlim_t most)
{
    struct rlimit l = {.rlim_cur = most, .rlim_max = RLIM_INFINITY};
    CHECK(getrlimit(what, &l) == 0);
    l.rlim_cur = most < l.rlim_max ? most : l.rlim_max;
    CHECK(setrlimit(what, &l) == 0);
}

static void *take_descriptors(void *arg)
{
    uint64_t n = 0;
    int got[128];
    while (n < 128 && (got[n] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
        n++;
    CHECK(n < 128 && errno == EMFILE);
    pthread_mutex_lock(&mutex);
    note(&sum, n);
    pthread_mutex_unlock(&mutex);
    while (n > 0)
        CHECK(close(got[--n]) == 0);
    return arg;
}

static void *take_memory(void *arg)
{
    void *got[MOST];
    uint64_t n = 0;
    pthread_barrier_wait(&limit_is_set);
    while (n < MOST && (got[n] = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE,
                                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) != MAP_FAILED)
        n++;
    CHECK(n < MOST && errno == ENOMEM);
    char c;
    CHECK(read(fds[0], &c, 1) == 1); /* a call that waits, when there is no room for anything */
    pthread_mutex_lock(&mutex);
    note(&sum, n + (uint64_t)c);
    pthread_mutex_unlock(&mutex);
    while (n > 0)
        CHECK(munmap(got[--n], 8 << 20) == 0);
    return arg;
}

static void *wait_for_byte(void *arg)
{
    char c;
    CHECK(read(fds[0], &c, 1) == 1);
    return arg;
}

/* As many as there is room for; they end when they get their bytes. */
static void take_threads(void)
{
    pthread_t threads[MOST];
    int n = 0, err = 0;
    while (n < MOST && (err = pthread_create(&threads[n], NULL, wait_for_byte, NULL)) == 0)
        n++;
    CHECK(n < MOST && err == EAGAIN);
    for (int i = 0; i < n; i++)
        write_all(fds[1], "x", 1);
    join_all(threads, n);
    say("threads: %d\n", n > 0);
}

static void *take_processes(void *arg)
{
    pid_t pids[MOST];
    int n = 0;
    pthread_barrier_wait(&limit_is_set);
    while (n < MOST && (pids[n] = fork()) >= 0)
        if (pids[n++] == 0) {
            pause();
            _exit(0);
        }
    CHECK(n < MOST && errno == EAGAIN);
    while (n > 0) {
        CHECK(kill(pids[--n], SIGKILL) == 0);
        wait_for(pids[n]);
    }
    return arg;
}

int main(void)
{
    pthread_t t[2];
    CHECK(pipe(fds) == 0);
    CHECK(pthread_barrier_init(&limit_is_set, NULL, 3) == 0);
    limit(RLIMIT_NOFILE, 40);
    t[0] = start(take_descriptors, NULL);
    t[1] = start(take_descriptors, NULL);
    join_all(t, 2);
    limit(RLIMIT_NOFILE, 1000);

    t[0] = start(take_memory, NULL);
    t[1] = start(take_memory, NULL);
    limit(RLIMIT_AS, 1 << 30);
    pthread_barrier_wait(&limit_is_set);
    sleep_ms(20);
    write_all(fds[1], "ab", 2);
    join_all(t, 2);
    take_threads();
    limit(RLIMIT_AS, RLIM_INFINITY);

    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) { /* the limit of processes is no limit for root */
        CHECK(getuid() != 0 || setresuid(54321, 54321, 54321) == 0);
        t[0] = start(take_processes, NULL);
        t[1] = start(take_processes, NULL);
        limit(RLIMIT_NPROC, 20);
        pthread_barrier_wait(&limit_is_set);
        join_all(t, 2);
        _exit(0);
    }
    wait_for_success(pid);
    say("%016lx\n", (long)sum);
    return 0;
}
