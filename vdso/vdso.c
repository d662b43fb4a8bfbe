/* Owns the vDSO of recorded programs, in place of the kernel's, whose clock reads nobody would see
 * (vdso(7)). It is mapped with its ring behind it (clock_ring.h) at a fixed address, and runs in
 * the program: no libc, no data but the ring, no state that a replay would not have again.
 *
 * A clock is read by a syscall that the recorder's filter lets through without a stop, and noted in
 * the ring; the recorder reads the ring at the program's next stop. In a replay the same code runs,
 * and its syscalls are like others. */
#include "vdso/clock_ring.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

/* Defined by the linker script. */
extern struct clock_ring clock_ring __attribute__((visibility("hidden")));

/* The one syscall instruction that is not traced, at CLOCK_SILENT_CALL: see vdso.lds. The fillers
 * behind it let a replay redirect it (replayer/code_files.h). */
__asm__(".section .silent,\"ax\",@progbits\n"
        "silent_call:\n\tsyscall\n\tret\n\t.balign 16, 0xcc\n"
        ".previous");

static long traced_call(long nr, long a, long b, long c)
{
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(nr), "D"(a), "S"(b), "d"(c)
                     : "rcx", "r11", "memory");
    return result;
}

static long silent_clock_gettime(long clock, struct timespec *ts)
{
    long result;
    __asm__ volatile("call silent_call"
                     : "=a"(result)
                     : "a"(SYS_clock_gettime), "D"(clock), "S"(ts)
                     : "rcx", "r11", "memory");
    return result;
}

/* Each CLOCK_RING_SLOTS-th call is traced, so that the recorder has read the ring before it
 * wraps; a signal handler may run there. */
static int read_clock(clockid_t clock, struct timespec *ts)
{
    struct clock_ring *ring = &clock_ring;
    uint64_t n = ring->n;
    uint64_t slot = n % CLOCK_RING_SLOTS;
    ring->left = slot == CLOCK_RING_SLOTS - 1 ? 0 : (int64_t)slot + 1 - CLOCK_RING_SLOTS;
    if (slot == 0) {
        ring->n = n + 1;
        return (int)traced_call(SYS_clock_gettime, clock, (long)ts, 0);
    }
    int result = (int)silent_clock_gettime(clock, ts);
    struct clock_read *read = &ring->reads[slot - 1];
    read->clock = clock;
    read->result = result;
    read->addr = (uint64_t)(uintptr_t)ts;
    if (result == 0 && ts != NULL) {
        read->sec = ts->tv_sec;
        read->nsec = ts->tv_nsec;
    }
    __asm__ volatile("" : : : "memory"); /* the read is whole before it is counted */
    ring->n = n + 1;
    return result;
}

int __vdso_clock_gettime(clockid_t clock, struct timespec *ts);
int __vdso_clock_gettime(clockid_t clock, struct timespec *ts)
{
    return read_clock(clock, ts);
}

int __vdso_gettimeofday(struct timeval *tv, void *tz);
int __vdso_gettimeofday(struct timeval *tv, void *tz)
{
    struct timespec now = {0};
    if (tv == NULL || tz != NULL)
        return (int)traced_call(SYS_gettimeofday, (long)tv, (long)tz, 0);
    int result = read_clock(CLOCK_REALTIME, &now);
    if (result < 0)
        return result;
    tv->tv_sec = now.tv_sec;
    tv->tv_usec = (uint32_t)now.tv_nsec / 1000;
    return 0;
}

time_t __vdso_time(time_t *ret);
time_t __vdso_time(time_t *ret)
{
    struct timespec now = {0};
    int result = read_clock(CLOCK_REALTIME_COARSE, &now);
    if (result < 0)
        return result;
    if (ret != NULL)
        *ret = now.tv_sec;
    return now.tv_sec;
}

int __vdso_clock_getres(clockid_t clock, struct timespec *ret);
int __vdso_clock_getres(clockid_t clock, struct timespec *ret)
{
    return (int)traced_call(SYS_clock_getres, clock, (long)ret, 0);
}

long __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused);
long __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused)
{
    return traced_call(SYS_getcpu, (long)cpu, (long)node, (long)unused);
}
