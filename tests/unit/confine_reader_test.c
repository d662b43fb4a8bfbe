/* confine/reader.c, reader_filter.c: what a reader can do, and what becomes of it. */
#include "confine/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#define PAGE 4096

enum what { ADD_UP, COUNT, CALL, CRASH, SPIN, WAIT, TAKE_MEMORY, KEEP, LOOK_AGAIN };

struct question {
    uint64_t what;
    int64_t nr;
    uint64_t args[6];
};

struct state {
    uint64_t asked;
    const uint8_t *kept;
};

static uint64_t sum(const uint8_t *content, uint64_t size)
{
    uint64_t n = 0;
    for (uint64_t i = 0; content != NULL && i < size; i++)
        n += content[i];
    return n;
}

static uint64_t take_memory(void)
{
    uint64_t pieces = 0;
    for (char *p; (p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                            0)) != MAP_FAILED;
         pieces++)
        *p = 1;
    return pieces;
}

static int64_t call(const struct question *q)
{
    long r = syscall(q->nr, q->args[0], q->args[1], q->args[2], q->args[3], q->args[4], q->args[5]);
    return r < 0 ? -errno : r;
}

static int64_t answer_to(struct state *s, struct reader_question *raw, const struct question *q)
{
    char byte;
    switch ((enum what)q->what) {
    case ADD_UP:
        return (int64_t)sum(raw->content, raw->size);
    case COUNT:
        return (int64_t)++s->asked;
    case CALL:
        return call(q);
    case CRASH:
        __builtin_trap();
    case SPIN:
        for (volatile uint64_t n = 0;; n++)
            ;
    case WAIT: /* for a question that does not come */
        recvmsg(0, &(struct msghdr){.msg_iov = &(struct iovec){&byte, 1}, .msg_iovlen = 1}, 0);
        break;
    case TAKE_MEMORY:
        return (int64_t)take_memory();
    case KEEP:
        s->kept = raw->content;
        raw->keep = true;
        return 0;
    case LOOK_AGAIN:
        return s->kept[0];
    }
    return -1;
}

static size_t serve(void *state, struct reader_question *raw, void *answer)
{
    struct question q;
    memcpy(&q, raw->bytes, sizeof q);
    int64_t result = raw->len == sizeof q ? answer_to(state, raw, &q) : -EINVAL;
    memcpy(answer, &result, sizeof result);
    return sizeof result;
}

static struct reader *start(const struct reader_limits *limits)
{
    struct reader_limits usual = reader_limits_default();
    struct state state = {0};
    struct reader *r;
    struct err err = {0};
    signal(SIGILL, SIG_DFL); /* the test library's handlers would make calls */
    signal(SIGBUS, SIG_DFL);
    signal(SIGSYS, SIG_DFL);
    assert_int_equal(reader_start(serve, &state, limits != NULL ? limits : &usual, &r, &err), 0);
    return r;
}

/* The answer. */
static int64_t ask(struct reader *r, const struct question *q, int fd, uint64_t size)
{
    int64_t answer = 0;
    struct err err = {0};
    ssize_t got = reader_ask(r, q, sizeof *q, fd, size, &answer, sizeof answer, &err);
    assert_string_equal(err.msg, "");
    assert_int_equal(got, sizeof answer);
    return answer;
}

/* It must not come: why. */
static int ask_in_vain(struct reader *r, const struct question *q, struct err *err)
{
    int64_t answer = 0;
    *err = (struct err){0};
    ssize_t got = reader_ask(r, q, sizeof *q, -1, 0, &answer, sizeof answer, err);
    assert_true(got < 0);
    assert_int_equal(err->code, -got);
    return (int)got;
}

static int file_of(const void *bytes, size_t len)
{
    int fd = memfd_create("content", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    return fd;
}

static void questions_are_answered_one_after_the_other(void **state)
{
    (void)state;
    struct reader *r = start(NULL);
    for (int64_t i = 1; i <= 1000; i++)
        assert_int_equal(ask(r, &(struct question){.what = COUNT}, -1, 0), i);
    reader_end(r);
}

static void it_sees_the_content_and_keeps_what_it_likes(void **state)
{
    (void)state;
    struct reader *r = start(NULL);
    int fd = file_of("\1\2\3", 3), other = file_of("x", 1);
    assert_int_equal(ask(r, &(struct question){.what = ADD_UP}, fd, 3), 6);
    assert_int_equal(ask(r, &(struct question){.what = KEEP}, other, 1), 0);
    assert_int_equal(ask(r, &(struct question){.what = ADD_UP}, fd, 3), 6);
    assert_int_equal(ask(r, &(struct question){.what = LOOK_AGAIN}, -1, 0), 'x');
    reader_end(r);
    close(fd);
    close(other);
}

static void a_file_that_is_shorter_than_told_ends_it_and_no_one_else(void **state)
{
    (void)state;
    struct reader *r = start(NULL);
    struct err err = {0};
    int64_t answer;
    int fd = file_of("\1", 1);
    struct question q = {.what = ADD_UP};
    assert_int_equal(reader_ask(r, &q, sizeof q, fd, 2 * PAGE, &answer, sizeof answer, &err),
                     -EFAULT);
    assert_non_null(strstr(err.msg, "killed by signal 7"));
    reader_end(r);
    close(fd);
}

static void calls_that_are_not_in_the_table_kill(void **state)
{
    (void)state;
    static const struct question bad[] = {
        {CALL, SYS_getpid, {0}},
        {CALL, SYS_read, {0}},
        {CALL, SYS_write, {1}},
        {CALL, SYS_write, {2}},
        {CALL, SYS_recvmsg, {1}},
        {CALL, SYS_sendmsg, {0}},
        {CALL, SYS_socket, {AF_UNIX, SOCK_STREAM, 0}},
        {CALL, SYS_connect, {0}},
        {CALL, SYS_creat, {0}},
        {CALL, SYS_openat2, {0}},
        {CALL, SYS_unlink, {0}},
        {CALL, SYS_ftruncate, {0}},
        {CALL, SYS_memfd_create, {0}},
        {CALL, SYS_execve, {0}},
        {CALL, SYS_fork, {0}},
        {CALL, SYS_clone, {SIGCHLD}},
        {CALL, SYS_clone3, {0}},
        {CALL, SYS_kill, {0}},
        {CALL, SYS_ptrace, {0}},
        {CALL, SYS_process_vm_readv, {0}},
        {CALL, SYS_prctl, {PR_SET_DUMPABLE, 1}},
        {CALL, SYS_prlimit64, {0}},
        {CALL, SYS_io_uring_setup, {0}},
        {CALL, SYS_mmap, {0, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1u}},
        {CALL, SYS_mprotect, {0, PAGE, PROT_READ | PROT_EXEC}},
        {CALL, SYS_munmap | 0x40000000, {0}}, /* the same by its number for x32 */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err err;
        struct reader *r = start(NULL);
        assert_int_equal(ask_in_vain(r, &bad[i], &err), -EPERM);
        assert_non_null(strstr(err.msg, "a call that it may not make"));
        reader_end(r);
    }
}

static void no_file_is_found(void **state)
{
    (void)state;
    struct reader *r = start(NULL);
    const uint64_t root = (uint64_t)(uintptr_t) "/";
    const struct question some[] = {{CALL, SYS_open, {root, O_RDONLY}},
                                    {CALL, SYS_openat, {(uint64_t)AT_FDCWD, root, O_PATH}},
                                    {CALL, SYS_stat, {root}},
                                    {CALL, SYS_readlink, {root}}};
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
        assert_int_equal(ask(r, &some[i], -1, 0), -ENOENT);
    reader_end(r);
}

static void a_fault_ends_it_and_the_next_question_is_told_so(void **state)
{
    (void)state;
    struct reader *r = start(NULL);
    struct err err;
    assert_int_equal(ask_in_vain(r, &(struct question){.what = CRASH}, &err), -EFAULT);
    assert_non_null(strstr(err.msg, "killed by signal 4 "));
    assert_int_equal(ask_in_vain(r, &(struct question){.what = COUNT}, &err), -ECHILD);
    reader_end(r);
}

static void who_kills_it_is_told(void **state)
{
    (void)state;
    struct reader *r = start(NULL);
    struct err err;
    assert_int_equal(ask(r, &(struct question){.what = COUNT}, -1, 0), 1);
    assert_int_equal(kill(reader_pid(r), SIGKILL), 0);
    assert_int_equal(ask_in_vain(r, &(struct question){.what = COUNT}, &err), -EFAULT);
    assert_non_null(strstr(err.msg, "killed by signal 9"));
    reader_end(r);
}

static void its_processor_time_is_bounded(void **state)
{
    (void)state;
    struct reader_limits limits = reader_limits_default();
    limits.cpu_s = 1;
    struct reader *r = start(&limits);
    struct err err;
    assert_int_equal(ask_in_vain(r, &(struct question){.what = SPIN}, &err), -ETIME);
    assert_non_null(strstr(err.msg, "1 s of processor time"));
    reader_end(r);
}

static void nobody_waits_for_ever(void **state)
{
    (void)state;
    struct reader_limits limits = reader_limits_default();
    limits.answer_s = 1;
    struct reader *r = start(&limits);
    struct err err;
    assert_int_equal(ask_in_vain(r, &(struct question){.what = WAIT}, &err), -ETIME);
    assert_non_null(strstr(err.msg, "within 1 s"));
    reader_end(r);
}

static void its_memory_is_bounded(void **state)
{
    (void)state;
    struct reader_limits limits = reader_limits_default();
    limits.memory = 64 << 20;
    struct reader *r = start(&limits);
    int64_t pieces = ask(r, &(struct question){.what = TAKE_MEMORY}, -1, 0);
    assert_true(pieces > 32 && pieces <= 64);
    reader_end(r);
}

static void it_has_no_descriptor_but_the_channel(void **state)
{
    (void)state;
    char path[64];
    struct reader *r = start(NULL);
    ask(r, &(struct question){.what = COUNT}, -1, 0);
    for (int fd = 0; fd < 64; fd++) {
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)reader_pid(r), fd);
        errno = 0;
        bool there = readlink(path, (char[8]){0}, 8) >= 0;
        if (errno == EACCES)
            break; /* only root may look */
        assert_int_equal(there, fd == 0);
    }
    reader_end(r);
}

static void one_that_never_started_is_no_trouble(void **state)
{
    (void)state;
    reader_end(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_are_answered_one_after_the_other),
        cmocka_unit_test(it_sees_the_content_and_keeps_what_it_likes),
        cmocka_unit_test(a_file_that_is_shorter_than_told_ends_it_and_no_one_else),
        cmocka_unit_test(calls_that_are_not_in_the_table_kill),
        cmocka_unit_test(no_file_is_found),
        cmocka_unit_test(a_fault_ends_it_and_the_next_question_is_told_so),
        cmocka_unit_test(who_kills_it_is_told),
        cmocka_unit_test(its_processor_time_is_bounded),
        cmocka_unit_test(nobody_waits_for_ever),
        cmocka_unit_test(its_memory_is_bounded),
        cmocka_unit_test(it_has_no_descriptor_but_the_channel),
        cmocka_unit_test(one_that_never_started_is_no_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
