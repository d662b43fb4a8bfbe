/* A process dies holding a robust mutex in shared memory: the kernel walks its list at the exit and
 * marks the word, and the next owner is told: get_robust_list(2), kernel/futex/core.c,
 * exit_robust_list(). */
#include "check.h"

#include <pthread.h>
#include <sys/mman.h>

struct shared {
    pthread_mutex_t mutex;
    volatile uint64_t word;
};

int main(void)
{
    struct shared *s =
        mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(s != MAP_FAILED);
    pthread_mutexattr_t attr;
    CHECK(pthread_mutexattr_init(&attr) == 0);
    CHECK(pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) == 0);
    CHECK(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST) == 0);
    CHECK(pthread_mutex_init(&s->mutex, &attr) == 0);
    for (int how = 0; how < 2; how++) {
        int ready[2];
        CHECK(pipe(ready) == 0);
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            CHECK(pthread_mutex_lock(&s->mutex) == 0);
            s->word = random_word();
            write_all(ready[1], "x", 1);
            sleep_ms(20);
            if (how == 0)
                _exit(0);
            kill(getpid(), SIGKILL);
        }
        char byte;
        read_all(ready[0], &byte, 1);
        CHECK(pthread_mutex_lock(&s->mutex) == EOWNERDEAD);
        CHECK(pthread_mutex_consistent(&s->mutex) == 0);
        CHECK(pthread_mutex_unlock(&s->mutex) == 0);
        wait_for(child);
        say("%d died with %016lx\n", (int)child, (long)s->word);
    }
    void *head = NULL;
    size_t len = 0;
    CHECK(syscall(SYS_get_robust_list, 0, &head, &len) == 0 && len == 24);
    return 0;
}
