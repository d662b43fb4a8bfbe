/* vdso/tsc_read.S: it is where others look for it, reads and notes what it has read. */
#include "vdso/clock_ring.h"
#include "vdso/tsc_read.h"
#include "vdso/vdso_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <x86intrin.h>

#include <cmocka.h>

static int map_page(void **state)
{
    (void)state;
    size_t size = VDSO_SIZE + CLOCK_RING_SIZE;
    void *page = mmap((void *)VDSO_ADDR, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (page != (void *)VDSO_ADDR)
        return -1;
    memcpy(page, vdso_image, VDSO_SIZE);
    return mprotect(page, VDSO_SIZE, PROT_READ | PROT_EXEC);
}

static struct clock_ring *const ring = (struct clock_ring *)CLOCK_RING_ADDR;

/* As the jumps in programs do. */
static uint64_t read_by(unsigned code, uint64_t *ret_back, uint32_t *ret_ecx)
{
    uint64_t low, high, rcx = 0;
    __asm__ volatile("leaq 1f(%%rip), %%rdx\n\t"
                     "movq %%rdx, %[back]\n\t"
                     "jmp *%%rax\n"
                     "1:"
                     : "=&a"(low), "=&d"(high), "+c"(rcx), [back] "=&r"(*ret_back)
                     : "0"(VDSO_ADDR + code)
                     : "memory");
    *ret_ecx = (uint32_t)rcx;
    assert_true(low >> 32 == 0 && high >> 32 == 0);
    return high << 32 | low;
}

static void it_is_where_a_replay_looks_for_it(void **state)
{
    static const uint8_t mov[5] = {0xb8, TSC_READ_CALL & 0xff, TSC_READ_CALL >> 8};
    const uint8_t *rdtsc = vdso_image + TSC_READ_RDTSC, *rdtscp = vdso_image + TSC_READ_RDTSCP;
    (void)state;
    assert_memory_equal(rdtsc + TSC_READ_SITE, TSC_READ_RDTSC_HAS, TSC_READ_PATCH);
    assert_memory_equal(rdtscp + TSC_READ_SITE, TSC_READ_RDTSCP_HAS, TSC_READ_PATCH);
    assert_memory_equal(rdtsc + TSC_READ_SITE - 5, mov, sizeof mov);
    assert_memory_equal(rdtscp + TSC_READ_SITE - 5, mov, sizeof mov);
    assert_memory_equal(rdtsc + TSC_READ_TRACED, "\xcc\x31", 2);
    assert_memory_equal(rdtscp + TSC_READ_TRACED, "\xcc\x01\xf9", 3);
}

static void each_read_is_noted(void **state)
{
    uint64_t last = __rdtsc(), back;
    uint32_t ecx;
    (void)state;
    ring->n = 1;
    ring->left = 1 - CLOCK_RING_SLOTS;
    ring->aux = 77;
    for (uint64_t i = 1; i < CLOCK_RING_SLOTS; i++) {
        bool is_rdtscp = i % 3 == 0;
        uint64_t t = read_by(is_rdtscp ? TSC_READ_RDTSCP : TSC_READ_RDTSC, &back, &ecx);
        const struct clock_read *read = &ring->reads[i - 1];
        assert_true(t >= last);
        assert_int_equal(ecx, is_rdtscp ? 77 : 0);
        assert_int_equal(ring->n, i + 1);
        assert_int_equal(read->clock, is_rdtscp ? TSCP_READ_CLOCK : TSC_READ_CLOCK);
        assert_int_equal(read->sec, t);
        assert_int_equal(read->addr, back);
        last = t;
    }
    assert_int_equal(ring->left, 0); /* the next one is traced */
    assert_true(__rdtsc() >= last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_where_a_replay_looks_for_it),
        cmocka_unit_test(each_read_is_noted),
    };
    return cmocka_run_group_tests(tests, map_page, NULL);
}
