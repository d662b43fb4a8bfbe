/* Processes with threads in all states are killed from outside at any moment, also while they are
 * made, exec and end; memory and mutexes that they share outlive them: signal(7). */
#include "threads.h"

#include <sys/mman.h>

enum { ROUNDS = 24 };

struct shared {
    pthread_mutex_t mutex;
    uint64_t sum;
};
static struct shared *s;
static int fds[2];

static void locked(uint64_t what)
{
    int err = pthread_mutex_lock(&s->mutex);
    CHECK(err == 0 || err == EOWNERDEAD);
    if (err == EOWNERDEAD)
        CHECK(pthread_mutex_consistent(&s->mutex) == 0);
    note(&s->sum, what + (uint64_t)err);
    CHECK(pthread_mutex_unlock(&s->mutex) == 0);
}

static void *run(void *arg)
{
    uint64_t me = (uint64_t)arg;
    char c;
    for (int i = 0;; i++) {
        switch ((me + (uint64_t)i) % 5) {
        case 0:
            locked(me);
            break;
        case 1:
            sleep_ms(1);
            break;
        case 2:
            getppid();
            break;
        case 3:
            if (me == 3)
                read(fds[0], &c, 1);
            break;
        case 4:
            if (me == 4 && i > 300)
                execl("/bin/sleep", "sleep", "100", (char *)NULL);
            if (me == 5 && i > 200)
                _exit(3);
            break;
        }
    }
    return arg;
}

static void child(void)
{
    pthread_t threads[5];
    for (uint64_t i = 0; i < 5; i++)
        threads[i] = start(run, (void *)(i + 1));
    join_all(threads, 5);
}

int main(void)
{
    pthread_mutexattr_t attr;
    s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(s != MAP_FAILED && pipe(fds) == 0);
    pthread_mutexattr_init(&attr);
    CHECK(pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) == 0);
    CHECK(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST) == 0);
    CHECK(pthread_mutex_init(&s->mutex, &attr) == 0);
    uint64_t ends = 0;
    for (int i = 0; i < ROUNDS; i++) {
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0)
            child();
        struct timespec t = {.tv_nsec = (long)(random_word() % (i < 12 ? 3000000 : 30000000))};
        nanosleep(&t, NULL);
        locked(1000);
        CHECK(kill(pid, SIGKILL) == 0);
        locked(2000);
        note(&ends, (uint64_t)wait_for(pid));
        locked(3000);
    }
    say("%016lx %016lx\n", (long)s->sum, (long)ends);
    return 0;
}
