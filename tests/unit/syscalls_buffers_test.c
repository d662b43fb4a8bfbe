/* Which memory a call may write and where it has the addresses from, told before it is made. */
#include "syscalls/syscalls.h"
#include "syscalls_probe.h"

#include <asm/unistd_64.h>
#include <errno.h>
#include <linux/futex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cmocka.h>

/* Memory of a task: SIZE bytes at BASE, and nothing else. */
enum { BASE = 0x10000, SIZE = 8192 };
static uint8_t memory[SIZE];

static long read_task(void *ctx, uint64_t addr, void *dst, size_t len)
{
    (void)ctx;
    if (addr < BASE || addr >= BASE + SIZE)
        return -EFAULT;
    if (len > BASE + SIZE - addr)
        len = BASE + SIZE - addr;
    memcpy(dst, memory + (addr - BASE), len);
    return (long)len;
}

static const struct syscall_memory task = {.read = read_task};

static int buffers_of(int64_t nr, const uint64_t args[6], struct syscall_buffers *ret)
{
    struct syscall_call c = {.nr = nr};
    struct syscall_ranges handed = {0};
    int err;

    memcpy(c.args, args, sizeof(c.args));
    assert_int_equal(syscall_handed(&c, &task, &handed), 0);
    ret->n = 0;
    err = syscall_buffers(&c, &task, ret);
    syscall_ranges_done(&handed);
    syscall_call_done(&c);
    return err;
}

#define ASK(b, nr, ...) assert_int_equal(buffers_of((nr), (const uint64_t[6]){__VA_ARGS__}, (b)), 0)

static void expect(const struct syscall_buffers *b, size_t i, struct syscall_buffer wanted)
{
    assert_true(i < b->n);
    assert_int_equal(b->v[i].addr, wanted.addr);
    assert_int_equal(b->v[i].len, wanted.len);
    assert_int_equal(b->v[i].pointer, wanted.pointer);
    assert_int_equal(b->v[i].in_memory, wanted.in_memory);
    assert_int_equal(b->v[i].filled, wanted.filled);
}

static void put(uint64_t addr, const void *src, size_t len)
{
    memcpy(memory + (addr - BASE), src, len);
}

static void plain_buffer_is_filled(void **state)
{
    struct syscall_buffers b = {0};

    (void)state;
    ASK(&b, __NR_read, 3, BASE + 64, 100);
    assert_int_equal(b.n, 1);
    expect(&b, 0, (struct syscall_buffer){BASE + 64, 100, 1, false, true});
    ASK(&b, __NR_read, 3, 0, 100);
    assert_int_equal(b.n, 0);
    ASK(&b, __NR_write, 3, BASE, 100);
    assert_int_equal(b.n, 0);
    syscall_buffers_done(&b);
}

static void what_the_kernel_reads_too_must_be_there(void **state)
{
    struct syscall_buffers b = {0};

    (void)state;
    ASK(&b, __NR_poll, BASE, 3, 1000);
    assert_int_equal(b.n, 1);
    expect(&b, 0, (struct syscall_buffer){BASE, 24, 0, false, false});
    ASK(&b, __NR_nanosleep, BASE, BASE + 32);
    assert_int_equal(b.n, 1);
    expect(&b, 0, (struct syscall_buffer){BASE + 32, 16, 1, false, false});
    syscall_buffers_done(&b);
}

static void value_result_lengths_are_buffers_of_their_own(void **state)
{
    struct syscall_buffers b = {0};
    uint32_t len = 16;

    (void)state;
    put(BASE + 512, &len, sizeof(len));
    ASK(&b, __NR_accept4, 3, BASE, BASE + 512, 0);
    assert_int_equal(b.n, 2);
    expect(&b, 0, (struct syscall_buffer){BASE + 512, 4, 2, false, false});
    expect(&b, 1, (struct syscall_buffer){BASE, 16, 1, false, true});
    len = UINT32_MAX; /* refused by the kernel */
    put(BASE + 512, &len, sizeof(len));
    ASK(&b, __NR_accept4, 3, BASE, BASE + 512, 0);
    assert_int_equal(b.n, 0);
    syscall_buffers_done(&b);
}

static void pointers_within_structs_are_told(void **state)
{
    struct iovec v[2] = {{(void *)(BASE + 1024), 10}, {(void *)(BASE + 2048), 20}};
    struct msghdr h = {.msg_name = (void *)(BASE + 3000),
                       .msg_namelen = 4000,
                       .msg_iov = (void *)(BASE + 256),
                       .msg_iovlen = 2,
                       .msg_control = (void *)(BASE + 4096),
                       .msg_controllen = 64};
    struct syscall_buffers b = {0};

    (void)state;
    put(BASE, &h, sizeof(h));
    put(BASE + 256, v, sizeof(v));
    ASK(&b, __NR_recvmsg, 3, BASE, 0);
    assert_int_equal(b.n, 6);
    expect(&b, 0, (struct syscall_buffer){BASE, sizeof(h), 1, false, false});
    expect(&b, 1, (struct syscall_buffer){BASE + 3000, 128, BASE, true, false});
    expect(&b, 2, (struct syscall_buffer){BASE + 256, sizeof(v), BASE + 16, true, false});
    expect(&b, 3, (struct syscall_buffer){BASE + 1024, 10, BASE + 256, true, true});
    expect(&b, 4, (struct syscall_buffer){BASE + 2048, 20, BASE + 272, true, true});
    expect(&b, 5, (struct syscall_buffer){BASE + 4096, 64, BASE + 32, true, false});
    ASK(&b, __NR_readv, 3, BASE + 256, 2);
    assert_int_equal(b.n, 3);
    expect(&b, 0, (struct syscall_buffer){BASE + 256, sizeof(v), 1, false, false});
    expect(&b, 2, (struct syscall_buffer){BASE + 2048, 20, BASE + 272, true, true});
    syscall_buffers_done(&b);
}

static void pointers_that_lead_nowhere_are_followed_no_further(void **state)
{
    struct syscall_buffers b = {0};

    (void)state;
    ASK(&b, __NR_readv, 3, 0x5000, 2);
    assert_int_equal(b.n, 1); /* the array, which cannot be copied */
    ASK(&b, __NR_readv, 3, BASE, 1u << 20);
    assert_int_equal(b.n, 0);
    ASK(&b, __NR_recvmmsg, 3, BASE + SIZE - 8, 1, 0, 0);
    assert_int_equal(b.n, 1);
    syscall_buffers_done(&b);
}

static void sets_of_descriptors_end_where_memory_does(void **state)
{
    struct syscall_buffers b = {0};

    (void)state;
    ASK(&b, __NR_select, 65536, BASE + SIZE - 256, 0, 0, 0);
    assert_int_equal(b.n, 1);
    expect(&b, 0, (struct syscall_buffer){BASE + SIZE - 256, 256, 1, false, false});
    syscall_buffers_done(&b);
}

static void unlisted_calls_cannot_be_told(void **state)
{
    struct syscall_buffers b = {0};

    (void)state;
    assert_int_equal(buffers_of(100000, (const uint64_t[6]){0}, &b), -ENOSYS);
    assert_int_equal(buffers_of(__NR_restart_syscall, (const uint64_t[6]){0}, &b), -ENOSYS);
    syscall_buffers_done(&b);
}

static bool is_early(uint64_t op)
{
    struct syscall_call c = {.nr = __NR_futex, .args = {BASE, op}};

    return syscall_writes_early(&c, &task);
}

static void words_shared_with_the_kernel_are_early(void **state)
{
    (void)state;
    assert_true(is_early(FUTEX_LOCK_PI));
    assert_true(is_early(FUTEX_LOCK_PI_PRIVATE));
    assert_true(is_early(FUTEX_WAIT_REQUEUE_PI));
    assert_false(is_early(FUTEX_WAIT));
    assert_false(is_early(FUTEX_TRYLOCK_PI));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_buffer_is_filled),
        cmocka_unit_test(what_the_kernel_reads_too_must_be_there),
        cmocka_unit_test(value_result_lengths_are_buffers_of_their_own),
        cmocka_unit_test(pointers_within_structs_are_told),
        cmocka_unit_test(pointers_that_lead_nowhere_are_followed_no_further),
        cmocka_unit_test(sets_of_descriptors_end_where_memory_does),
        cmocka_unit_test(unlisted_calls_cannot_be_told),
        cmocka_unit_test(words_shared_with_the_kernel_are_early),
    };

    return cmocka_run_group_tests_name("syscalls: buffers", tests, NULL, NULL);
}
