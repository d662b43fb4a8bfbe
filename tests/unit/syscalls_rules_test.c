/* The range rules and walkers against made-up memory: what cannot be had from a live kernel, and
 * what a hostile program could leave there. */
#include "syscalls/ranges.h"
#include "syscalls_probe.h"

#include <asm/unistd_64.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cmocka.h>

/* Memory of a task: `size` bytes at BASE, and nothing else. */
#define BASE 0x10000u
struct task_memory {
    uint8_t bytes[16384];
    size_t size;
    unsigned reads;
};

static long read_task(void *ctx, uint64_t addr, void *dst, size_t len)
{
    struct task_memory *t = ctx;

    t->reads++;
    if (addr < BASE || addr >= BASE + t->size)
        return -EFAULT;
    if (len > BASE + t->size - addr)
        len = BASE + t->size - addr;
    memcpy(dst, t->bytes + (addr - BASE), len);
    return (long)len;
}

static int fd_is_direct(void *ctx, int fd)
{
    (void)ctx;
    return fd == 7 ? O_DIRECT : 0;
}

struct fixture {
    struct task_memory task;
    struct syscall_memory m;
    struct syscall_call c;
    struct syscall_ranges r;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->task.size = sizeof(f->task.bytes);
    f->m = (struct syscall_memory){.read = read_task, .ctx = &f->task};
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    syscall_call_done(&f->c);
    syscall_ranges_done(&f->r);
    free(f);
    return 0;
}

#define ENTER(f, nr, ...) enter((f), (nr), (const uint64_t[6]){__VA_ARGS__})

static void enter(struct fixture *f, int64_t nr, const uint64_t args[6])
{
    f->c.nr = nr;
    memcpy(f->c.args, args, sizeof(f->c.args));
    f->r.n = 0;
    assert_int_equal(syscall_handed(&f->c, &f->m, &f->r), 0);
}

static void leave(struct fixture *f, int64_t result)
{
    f->r.n = 0;
    f->c.result = result;
    assert_int_equal(syscall_written(&f->c, &f->m, &f->r), 0);
}

#define EXPECT(f, ...)                                                                             \
    expect((f), (const uint64_t[]){__VA_ARGS__},                                                   \
           sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

/* Pairs of address and length, in order. */
static void expect(struct fixture *f, const uint64_t *pairs, size_t n)
{
    size_t i;

    assert_int_equal(f->r.n, n / 2);
    for (i = 0; i < f->r.n; i++) {
        assert_int_equal(f->r.v[i].addr, pairs[2 * i]);
        assert_int_equal(f->r.v[i].len, pairs[2 * i + 1]);
    }
}

static uint64_t put(struct fixture *f, size_t offset, const void *src, size_t len)
{
    memcpy(f->task.bytes + offset, src, len);
    return BASE + offset;
}

#define NOTHING(f) assert_int_equal((f)->r.n, 0)

/* ---- Results that only a tracer sees ---- */

static void the_rest_of_a_sleep_is_told_with_every_error_that_restarts(void **state)
{
    static const int64_t interrupted[] = {-EINTR, -512, -513, -514, -516};
    struct fixture *f = *state;
    size_t i;

    for (i = 0; i < sizeof(interrupted) / sizeof(interrupted[0]); i++) {
        ENTER(f, __NR_nanosleep, BASE, BASE + 64);
        EXPECT(f, BASE, 16);
        leave(f, interrupted[i]);
        EXPECT(f, BASE + 64, 16);
    }
    leave(f, 0);
    NOTHING(f);
    leave(f, -EINVAL);
    NOTHING(f);
}

static void a_restarted_call_is_told_under_its_own_number(void **state)
{
    struct fixture *f = *state;

    ENTER(f, __NR_restart_syscall, BASE, BASE + 64);
    assert_false(syscall_is_listed(&f->c));
    f->c.result = 0;
    assert_int_equal(syscall_written(&f->c, &f->m, &f->r), -ENOSYS);
}

static void unknown_numbers_hand_nothing_over_and_cannot_be_told(void **state)
{
    static const int64_t unknown[] = {-1, INT64_MIN, INT64_MAX, 400, 100000};
    struct fixture *f = *state;
    size_t i;

    for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        ENTER(f, unknown[i], BASE, BASE, BASE);
        NOTHING(f);
        assert_false(syscall_is_listed(&f->c));
        assert_int_equal(syscall_written(&f->c, &f->m, &f->r), -ENOSYS);
    }
}

static void calls_that_write_nothing_are_told_without_looking(void **state)
{
    struct fixture *f = *state;

    ENTER(f, __NR_close, 3);
    leave(f, 0);
    NOTHING(f);
    ENTER(f, __NR_read, 3, BASE, 100);
    leave(f, 40);
    EXPECT(f, BASE, 40);
    ENTER(f, __NR_io_uring_setup, 4, BASE);
    leave(f, -ENOSYS);
    NOTHING(f);
    assert_int_equal(f->task.reads, 0);
}

static void the_child_of_a_clone_is_told_its_own_word(void **state)
{
    struct clone_args args = {.flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID,
                              .parent_tid = BASE + 200,
                              .child_tid = BASE + 300};
    struct fixture *f = *state;

    ENTER(f, __NR_clone, CLONE_PARENT_SETTID | CLONE_CHILD_SETTID, 0, BASE, BASE + 8);
    leave(f, 1234);
    EXPECT(f, BASE, 4);
    leave(f, 0);
    EXPECT(f, BASE + 8, 4);
    ENTER(f, __NR_clone3, put(f, 0, &args, sizeof(args)), sizeof(args));
    EXPECT(f, BASE, sizeof(args));
    leave(f, 1234);
    EXPECT(f, BASE + 200, 4);
    leave(f, 0);
    EXPECT(f, BASE + 300, 4);
}

static void what_is_written_before_the_wait_is_known(void **state)
{
    struct clone_args args = {.flags = CLONE_VFORK | CLONE_PIDFD};
    struct fixture *f = *state;

    ENTER(f, __NR_futex, BASE, FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG);
    assert_true(syscall_writes_early(&f->c, &f->m));
    leave(f, -514);
    EXPECT(f, BASE, 4);
    ENTER(f, __NR_futex, BASE, FUTEX_WAIT);
    assert_false(syscall_writes_early(&f->c, &f->m));
    ENTER(f, __NR_clone, CLONE_VM | CLONE_VFORK | CLONE_PARENT_SETTID, 0, BASE);
    assert_true(syscall_writes_early(&f->c, &f->m));
    ENTER(f, __NR_clone, CLONE_VM | CLONE_PARENT_SETTID, 0, BASE);
    assert_false(syscall_writes_early(&f->c, &f->m));
    ENTER(f, __NR_clone3, put(f, 0, &args, sizeof(args)), sizeof(args));
    assert_true(syscall_writes_early(&f->c, &f->m));
    ENTER(f, __NR_clone3, 8, sizeof(args));
    assert_false(syscall_writes_early(&f->c, &f->m));
    ENTER(f, -1, 0);
    assert_false(syscall_writes_early(&f->c, &f->m));
}

static bool may_wait(int64_t nr, const uint64_t args[6])
{
    struct syscall_call c = {.nr = nr};

    memcpy(c.args, args, sizeof(c.args));
    return syscall_may_wait(&c);
}
#define MAY_WAIT(nr, ...) may_wait((nr), (const uint64_t[6]){__VA_ARGS__})

static void arguments_can_keep_a_call_from_waiting(void **state)
{
    (void)state;
    assert_true(MAY_WAIT(__NR_read, 0));
    assert_false(MAY_WAIT(__NR_getpid, 0));
    assert_true(MAY_WAIT(-1, 0));
    assert_true(MAY_WAIT(__NR_poll, 0, 0, 10));
    assert_true(MAY_WAIT(__NR_poll, 0, 0, (uint64_t)-1));
    assert_false(MAY_WAIT(__NR_poll, 0, 0, 0xdead00000000));
    assert_false(MAY_WAIT(__NR_recvmsg, 3, BASE, MSG_DONTWAIT | MSG_PEEK));
    assert_true(MAY_WAIT(__NR_recvmsg, 3, BASE, MSG_PEEK));
    assert_false(MAY_WAIT(__NR_wait4, 0, 0, 1));
    assert_true(MAY_WAIT(__NR_futex, BASE, FUTEX_WAIT | FUTEX_PRIVATE_FLAG));
    assert_true(MAY_WAIT(__NR_futex, BASE, FUTEX_LOCK_PI));
    assert_false(MAY_WAIT(__NR_futex, BASE, FUTEX_WAKE | FUTEX_PRIVATE_FLAG));
    assert_true(MAY_WAIT(__NR_futex, BASE, 77));
    assert_true(MAY_WAIT(__NR_fcntl, 3, F_SETLKW));
    assert_false(MAY_WAIT(__NR_fcntl, 3, F_GETFL));
    assert_false(MAY_WAIT(__NR_ioctl, 3, 0x5401)); /* TCGETS */
    assert_true(MAY_WAIT(__NR_ioctl, 3, 0x5403));  /* TCSETSW */
    assert_true(MAY_WAIT(__NR_ioctl, 3, 0xc0de));
}

/* ---- What is handed over ---- */

static void strings_are_handed_over_with_their_end(void **state)
{
    struct fixture *f = *state;

    put(f, 0, "name", 5);
    memset(f->task.bytes + 100, 'x', 5000);
    ENTER(f, __NR_rename, BASE, BASE + 100);
    EXPECT(f, BASE, 5, BASE + 100, 4096);
    assert_int_equal(f->r.v[0].kind, RANGE_STRING);
    f->task.size = 300;
    ENTER(f, __NR_rename, BASE + 100, 8);
    EXPECT(f, BASE + 100, 200);
    ENTER(f, __NR_unlink, 0);
    NOTHING(f);
}

static void arguments_and_environment_are_handed_over(void **state)
{
    uint64_t argv[3] = {BASE + 1000, BASE + 1003, 0}, envp[2] = {BASE + 1005, 0};
    struct fixture *f = *state;

    put(f, 1000, "ls\0-\0A=B", 9);
    ENTER(f, __NR_execve, BASE + 1000, put(f, 0, argv, 24), put(f, 100, envp, 16));
    EXPECT(f, BASE + 1000, 3, BASE, 24, BASE + 1000, 3, BASE + 1003, 2, BASE + 100, 16, BASE + 1005,
           4);
    ENTER(f, __NR_execve, BASE + 1000, 8, 0);
    EXPECT(f, BASE + 1000, 3);
}

static void an_array_of_strings_without_end_comes_to_one(void **state)
{
    uint64_t self[2048];
    struct fixture *f = *state;
    size_t i;

    for (i = 0; i < 2048; i++)
        self[i] = BASE;
    put(f, 0, self, sizeof(self));
    ENTER(f, __NR_execve, 0, BASE, 0);
    assert_true(f->r.n > 1);
    assert_int_equal(f->r.v[0].len, sizeof(self));
}

static void vectors_are_handed_over_up_to_what_the_kernel_takes(void **state)
{
    struct iovec v[3] = {
        {(void *)(BASE + 500), 10}, {(void *)0x5000, SIZE_MAX}, {(void *)0x6000, 1}};
    struct fixture *f = *state;

    ENTER(f, __NR_writev, 1, put(f, 0, v, sizeof(v)), 3);
    EXPECT(f, BASE, 48, BASE + 500, 10, 0x5000, 0x7ffff000 - 10);
    ENTER(f, __NR_writev, 1, BASE, 1025);
    NOTHING(f);
    ENTER(f, __NR_writev, 1, 8, 3);
    NOTHING(f);
}

static void a_message_is_handed_over_with_all_it_points_to(void **state)
{
    struct iovec v = {(void *)(BASE + 700), 20};
    struct msghdr h = {.msg_name = (void *)(BASE + 500),
                       .msg_namelen = 16,
                       .msg_iov = (void *)(BASE + 200),
                       .msg_iovlen = 1,
                       .msg_control = (void *)(BASE + 600),
                       .msg_controllen = 24};
    struct fixture *f = *state;

    put(f, 200, &v, sizeof(v));
    ENTER(f, __NR_sendmsg, 3, put(f, 0, &h, sizeof(h)));
    EXPECT(f, BASE, 48, BASE + 500, 16, BASE + 600, 24, BASE + 200, 16, BASE + 700, 20);
}

/* ---- Lengths ---- */

static void the_upper_half_of_an_int_does_not_count(void **state)
{
    struct fixture *f = *state;

    ENTER(f, __NR_epoll_wait, 3, BASE, 0xdead00000004, 0);
    leave(f, 2);
    EXPECT(f, BASE, 24);
    ENTER(f, __NR_poll, BASE, 0xdead00000002, 0);
    EXPECT(f, BASE, 16);
    ENTER(f, __NR_poll, BASE, 0xffffffff, 0);
    NOTHING(f);
}

static void a_value_result_length_is_the_lesser_of_both(void **state)
{
    uint32_t before = 16, after = 110;
    struct fixture *f = *state;

    ENTER(f, __NR_accept, 3, BASE, put(f, 100, &before, 4));
    EXPECT(f, BASE + 100, 4);
    put(f, 100, &after, 4);
    leave(f, 5);
    EXPECT(f, BASE + 100, 4, BASE, 16);
    after = 2;
    put(f, 100, &after, 4);
    leave(f, 5);
    EXPECT(f, BASE + 100, 4, BASE, 2);
    leave(f, -EAGAIN);
    NOTHING(f);
}

static void a_short_read_into_whole_sectors_may_have_filled_them(void **state)
{
    struct fixture *f = *state;

    ENTER(f, __NR_read, 7, BASE, 8192);
    leave(f, 100);
    EXPECT(f, BASE, 8192); /* nobody to ask */
    f->m.fd_flags = fd_is_direct;
    leave(f, 100);
    EXPECT(f, BASE, 8192);
    f->c.args[0] = 8;
    leave(f, 100);
    EXPECT(f, BASE, 100);
    ENTER(f, __NR_read, 7, BASE + 8, 8192);
    leave(f, 100);
    EXPECT(f, BASE + 8, 100);
    ENTER(f, __NR_recvfrom, 7, BASE, 8192);
    leave(f, 100);
    EXPECT(f, BASE, 100);
}

static void a_failed_read_is_told_as_far_as_memory_goes(void **state)
{
    struct fixture *f = *state;

    f->task.size = 5000;
    ENTER(f, __NR_read, 3, BASE + 4000, 100000);
    leave(f, -EFAULT);
    EXPECT(f, BASE + 4000, 1000);
    leave(f, -EIO);
    EXPECT(f, BASE + 4000, 1000);
    leave(f, -EAGAIN);
    NOTHING(f);
    leave(f, -512);
    NOTHING(f);
    ENTER(f, __NR_read, 3, 8, 100000);
    leave(f, -EFAULT);
    NOTHING(f);
}

static void ticks_that_look_like_an_error_are_told(void **state)
{
    struct fixture *f = *state;

    ENTER(f, __NR_times, BASE);
    leave(f, -14);
    EXPECT(f, BASE, 32);
    leave(f, -1);
    EXPECT(f, BASE, 32);
}

/* ---- Hostile memory ---- */

static uint64_t random_state = 88172645463325252ull;

static uint64_t random_u64(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static uint64_t random_arg(void)
{
    switch (random_u64() % 6) {
    case 0:
        return random_u64();
    case 1:
        return random_u64() % 100;
    case 2:
        return 0;
    case 3:
        return UINT64_MAX - random_u64() % 5000;
    }
    return BASE + random_u64() % 16384 / 8 * 8;
}

static const struct command_set *const sets[COMMANDS_COUNT] = {
#define COMMANDS(upper, lower) [COMMANDS_##upper] = &commands_##lower,
#include "syscalls/commands.inc"
#undef COMMANDS
};

/* Chooses a command that there is, where the call has some. */
static void choose_command(struct syscall_call *c)
{
    const struct syscall_row *row = syscall_row(c->nr);
    const struct range_rule *rule = row ? row->rules : NULL;

    for (; rule && rule->dir != RANGE_END; rule++) {
        if (rule->dir == RANGE_COMMAND)
            c->args[rule->arg] = sets[rule->walk]->v[random_u64() % sets[rule->walk]->n].value;
    }
}

static unsigned rounds_for(size_t nr)
{
    return nr == __NR_ioctl ? 1500 : nr == __NR_ptrace || nr == __NR_prctl ? 300 : 40;
}

static void no_memory_and_no_arguments_break_a_walker(void **state)
{
    static const int64_t results[] = {0,      1,      100,  65536, -EFAULT,
                                      -E2BIG, -EINTR, -516, -1,    INT64_MAX};
    struct fixture *f = *state;
    size_t nr, round, i, j;

    for (nr = 0; nr < syscall_count(); nr++) {
        for (round = 0; round < rounds_for(nr); round++) {
            for (i = 0; i < sizeof(f->task.bytes) / 8; i++) {
                uint64_t v = random_arg();

                memcpy(f->task.bytes + i * 8, &v, 8);
            }
            f->task.size = random_u64() % 4 ? sizeof(f->task.bytes) : random_u64() % 16384;
            f->c.nr = (int64_t)nr;
            for (j = 0; j < 6; j++)
                f->c.args[j] = random_arg();
            if (random_u64() % 4)
                choose_command(&f->c);
            f->r.n = 0;
            assert_int_equal(syscall_handed(&f->c, &f->m, &f->r), 0);
            for (j = 0; j < sizeof(results) / sizeof(results[0]); j++) {
                int rc;

                f->r.n = 0;
                f->c.result = results[j];
                rc = syscall_written(&f->c, &f->m, &f->r);
                assert_true(rc == 0 || rc == -ENOSYS);
                assert_int_equal(rc == 0, syscall_is_listed(&f->c));
                for (i = 0; i < f->r.n; i++) {
                    assert_true(f->r.v[i].addr && f->r.v[i].len);
                    assert_true(f->r.v[i].addr + f->r.v[i].len > f->r.v[i].addr);
                }
            }
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_rest_of_a_sleep_is_told_with_every_error_that_restarts),
        TEST(a_restarted_call_is_told_under_its_own_number),
        TEST(unknown_numbers_hand_nothing_over_and_cannot_be_told),
        TEST(calls_that_write_nothing_are_told_without_looking),
        TEST(the_child_of_a_clone_is_told_its_own_word),
        TEST(what_is_written_before_the_wait_is_known),
        cmocka_unit_test(arguments_can_keep_a_call_from_waiting),
        TEST(strings_are_handed_over_with_their_end),
        TEST(arguments_and_environment_are_handed_over),
        TEST(an_array_of_strings_without_end_comes_to_one),
        TEST(vectors_are_handed_over_up_to_what_the_kernel_takes),
        TEST(a_message_is_handed_over_with_all_it_points_to),
        TEST(the_upper_half_of_an_int_does_not_count),
        TEST(a_value_result_length_is_the_lesser_of_both),
        TEST(a_short_read_into_whole_sectors_may_have_filled_them),
        TEST(a_failed_read_is_told_as_far_as_memory_goes),
        TEST(ticks_that_look_like_an_error_are_told),
        TEST(no_memory_and_no_arguments_break_a_walker),
    };

    return cmocka_run_group_tests_name("syscalls_rules", tests, NULL, NULL);
}
