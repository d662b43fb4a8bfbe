/* A process execs with a robust mutex locked: the next one learns that its owner is gone, and sees
 * the mark in the word: get_robust_list(2), kernel/fork.c, exec_mm_release(). */
#include "threads.h"

#include <linux/futex.h>
#include <sys/mman.h>

enum { ROUNDS = 12 };

int main(void)
{
    pthread_mutexattr_t attr;
    pthread_mutex_t *mutex =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(mutex != MAP_FAILED && pthread_mutexattr_init(&attr) == 0);
    CHECK(pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) == 0);
    CHECK(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST) == 0);
    CHECK(pthread_mutex_init(mutex, &attr) == 0);
    uint64_t seen = 0;
    for (int i = 0; i < ROUNDS; i++) {
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
            CHECK(pthread_mutex_lock(mutex) == 0);
            execl("/bin/sleep", "sleep", "0.02", (char *)NULL);
            _exit(1);
        }
        volatile int *word = &mutex->__data.__lock;
        while ((*word & FUTEX_OWNER_DIED) == 0) {
            note(&seen, (uint64_t)(*word != 0));
            getppid();
        }
        CHECK(pthread_mutex_lock(mutex) == EOWNERDEAD && pthread_mutex_consistent(mutex) == 0);
        CHECK(pthread_mutex_unlock(mutex) == 0);
        wait_for_success(pid);
    }
    say("%016lx\n", (long)seen);
    return 0;
}
