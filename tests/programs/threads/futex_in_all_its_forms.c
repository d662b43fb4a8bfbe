/* futex(2) by every operation between threads, futex_waitv(2), and the calls futex_wake,
 * futex_wait and futex_requeue where the kernel has them. */
#include "threads.h"

#include <linux/futex.h>

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif
enum { NR_FUTEX_WAKE = 454, NR_FUTEX_WAIT = 455, NR_FUTEX_REQUEUE = 456, SIZE_32 = 2 };

static uint32_t words[4];
static uint64_t sum;
static int ended;

static long futex(uint32_t *at, int op, uint32_t val, const void *arg4, uint32_t *at2,
                  uint32_t val3)
{
    long r = syscall(SYS_futex, at, op, val, arg4, at2, val3);
    return r < 0 ? -errno : r;
}

static void *wait_plain(void *arg)
{
    long r =
        futex(&words[0], FUTEX_WAIT | (arg != NULL ? FUTEX_PRIVATE_FLAG : 0), 0, NULL, NULL, 0);
    CHECK(r == 0 || r == -EAGAIN);
    __atomic_add_fetch(&ended, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void *wait_bitset(void *arg)
{
    struct timespec far;
    clock_gettime(CLOCK_REALTIME, &far);
    far.tv_sec += 100;
    long r = futex(&words[0], FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &far, NULL,
                   (uint32_t)(uintptr_t)arg);
    CHECK(r == 0 || r == -EAGAIN);
    __atomic_add_fetch(&ended, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

struct waitv {
    uint64_t val, uaddr;
    uint32_t flags, reserved;
};

static void *wait_vector(void *arg)
{
    struct waitv v[3];
    for (int i = 0; i < 3; i++)
        v[i] = (struct waitv){.val = 0, .uaddr = (uintptr_t)&words[i], .flags = SIZE_32};
    long r = syscall(SYS_futex_waitv, v, 3, 0, NULL, CLOCK_MONOTONIC);
    CHECK(r == 2 || (r < 0 && (errno == ENOSYS || errno == EAGAIN)));
    note(&sum, (uint64_t)r);
    return arg;
}

static void *wait_new(void *arg)
{
    long r = syscall(NR_FUTEX_WAIT, &words[0], 0, 0xffffffffu, SIZE_32, NULL, CLOCK_MONOTONIC);
    CHECK(r == 0 || errno == ENOSYS || errno == EAGAIN);
    return arg;
}

static void *wait_requeue_pi(void *arg)
{
    long r = futex(&words[0], FUTEX_WAIT_REQUEUE_PI, 0, NULL, &words[1], 0);
    CHECK(r == 0 || r == -EAGAIN);
    if (r == 0) {
        CHECK((words[1] & FUTEX_TID_MASK) == (uint32_t)gettid());
        note(&sum, (uint64_t)arg);
        CHECK(futex(&words[1], FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) == 0);
    }
    __atomic_add_fetch(&ended, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void *lock_pi(void *arg)
{
    int op = arg != NULL ? FUTEX_LOCK_PI2 : FUTEX_LOCK_PI;
    long r = futex(&words[0], op, 0, NULL, NULL, 0);
    if (r == -ENOSYS)
        return NULL;
    CHECK(r == 0);
    note(&sum, words[0] & FUTEX_WAITERS);
    CHECK(futex(&words[0], FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) == 0);
    return NULL;
}

/* Wakes by `wake` until all n have ended. */
static void wake_until(int n, long (*wake)(void))
{
    long woken = 0;
    while (__atomic_load_n(&ended, __ATOMIC_SEQ_CST) < n) {
        woken += wake();
        sleep_ms(1);
    }
    note(&sum, (uint64_t)woken);
    ended = 0;
}

static long wake_one(void)
{
    return futex(&words[0], FUTEX_WAKE, 1, NULL, NULL, 0);
}

static long wake_private(void)
{
    return futex(&words[0], FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static long wake_bitset(void)
{
    return futex(&words[0], FUTEX_WAKE_BITSET, 1, NULL, NULL, 2) +
           futex(&words[0], FUTEX_WAKE_BITSET, 1, NULL, NULL, 4);
}

static long requeue(void)
{
    long n = futex(&words[0], FUTEX_REQUEUE, 1, (void *)1, &words[1], 0);
    n += futex(&words[0], FUTEX_CMP_REQUEUE, 0, (void *)1, &words[1], 0);
    return n + futex(&words[1], FUTEX_WAKE, 5, NULL, NULL, 0);
}

static long wake_op(void)
{
    uint32_t op = FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_GE, 0);
    long n = futex(&words[1], FUTEX_WAKE_OP, 1, (void *)1, &words[2], op);
    note(&sum, words[2]);
    words[2] = 0;
    return n + futex(&words[0], FUTEX_WAKE, 1, NULL, NULL, 0);
}

static long requeue_pi(void)
{
    long n = futex(&words[0], FUTEX_CMP_REQUEUE_PI, 1, (void *)10, &words[1], 0);
    CHECK(n >= 0 || n == -EAGAIN);
    return n;
}

int main(void)
{
    pthread_t t[4];
    for (uint64_t i = 0; i < 4; i++)
        t[i] = start(wait_plain, NULL);
    wake_until(4, wake_one);
    join_all(t, 4);
    for (uint64_t i = 0; i < 4; i++)
        t[i] = start(wait_plain, (void *)1);
    wake_until(4, wake_private);
    join_all(t, 4);
    for (uint64_t i = 0; i < 4; i++)
        t[i] = start(wait_bitset, (void *)(i % 2 ? 2ul : 4ul));
    wake_until(4, wake_bitset);
    join_all(t, 4);
    for (uint64_t i = 0; i < 4; i++)
        t[i] = start(wait_plain, NULL);
    wake_until(4, requeue);
    join_all(t, 4);
    for (uint64_t i = 0; i < 2; i++)
        t[i] = start(wait_plain, NULL);
    wake_until(2, wake_op);
    join_all(t, 2);
    for (uint64_t i = 0; i < 3; i++)
        t[i] = start(wait_requeue_pi, (void *)(i + 1));
    wake_until(3, requeue_pi);
    join_all(t, 3);

    memset(words, 0, sizeof words);
    CHECK(futex(&words[0], FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0) == 0);
    t[0] = start(lock_pi, NULL);
    t[1] = start(lock_pi, (void *)1);
    volatile uint32_t *word = words;
    while ((*word & FUTEX_WAITERS) == 0)
        getppid();
    sleep_ms(2);
    CHECK(futex(&words[0], FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) == 0);
    join_all(t, 2);
    CHECK(words[0] == 0);

    t[0] = start(wait_vector, NULL);
    sleep_ms(5);
    words[2] = 1;
    futex(&words[2], FUTEX_WAKE, 1, NULL, NULL, 0);
    join_all(t, 1);
    words[0] = 0;
    t[0] = start(wait_new, NULL);
    sleep_ms(5);
    words[0] = 1;
    long r = syscall(NR_FUTEX_WAKE, &words[0], 0xffffffffu, 1, SIZE_32);
    CHECK(r >= 0 || errno == ENOSYS);
    join_all(t, 1);
    say("%016lx\n", (long)sum);
    return 0;
}
