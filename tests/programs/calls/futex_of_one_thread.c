/* Without a second thread a futex wait ends by its time, by a changed word or not at all:
 * futex(2). Between processes it works on shared memory. */
#include "check.h"

#include <linux/futex.h>
#include <sys/mman.h>

static long futex(uint32_t *word, int op, uint32_t value, const struct timespec *timeout)
{
    return syscall(SYS_futex, word, op, value, timeout, NULL, 0);
}

int main(void)
{
    uint32_t word = 1;
    CHECK(futex(&word, FUTEX_WAIT_PRIVATE, 2, NULL) == -1 && errno == EAGAIN);
    struct timespec brief = {0, 10000000};
    int64_t start = now_ns();
    CHECK(futex(&word, FUTEX_WAIT_PRIVATE, 1, &brief) == -1 && errno == ETIMEDOUT);
    say("waited %ld ns\n", (long)(now_ns() - start));
    CHECK(futex(&word, FUTEX_WAKE_PRIVATE, 10, NULL) == 0);
    word = 0;
    CHECK(futex(&word, FUTEX_LOCK_PI_PRIVATE, 0, NULL) == 0);
    CHECK((word & FUTEX_TID_MASK) == (uint32_t)getpid());
    say("locked by %u\n", word & FUTEX_TID_MASK);
    CHECK(futex(&word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL) == 0 && word == 0);
    CHECK(futex((uint32_t *)((char *)&word + 1), FUTEX_WAIT, 0, NULL) == -1 && errno == EINVAL);

    uint32_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        sleep_ms(20);
        __atomic_store_n(shared, (uint32_t)random_word() | 1, __ATOMIC_SEQ_CST);
        futex(shared, FUTEX_WAKE, 1, NULL);
        _exit(0);
    }
    while (__atomic_load_n(shared, __ATOMIC_SEQ_CST) == 0)
        CHECK(futex(shared, FUTEX_WAIT, 0, NULL) == 0 || errno == EAGAIN);
    say("woken by %08x\n", *shared);
    wait_for_success(child);
    return 0;
}
