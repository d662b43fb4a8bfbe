/* Calls on files and descriptors against the kernel that runs. */
#include "syscalls_probe.h"

#include <asm/unistd_64.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define PATTERN_OF_FILE "0123456789abcdef"

static char dir[] = "/tmp/reprise-syscalls-XXXXXX";
static char path[sizeof(dir) + 8];

/* A file of `size` bytes, opened with the flags. */
static int open_file(int flags, size_t size)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    size_t i;

    assert_true(fd >= 0);
    for (i = 0; i < size; i++)
        assert_int_equal(write(fd, &PATTERN_OF_FILE[i % 16], 1), 1);
    close(fd);
    fd = open(path, flags, 0600);
    assert_true(fd >= 0);
    return fd;
}

static void reading(struct probe *p)
{
    int fd = open_file(O_RDWR, 1000), ends[2];
    static const char data[9000];

    assert_int_equal(call_exactly(p, 0, __NR_read, fd, place(p, 300), 300), 300);
    assert_int_equal(call_exactly(p, 0, __NR_read, fd, place(p, 3000), 3000), 700);
    assert_int_equal(call_exactly(p, 0, __NR_read, fd, place(p, 100), 100), 0);
    assert_int_equal(call_exactly(p, 0, __NR_pread64, fd, place(p, 300), 300, 900), 100);
    assert_int_equal(call_exactly(p, 0, __NR_pread64, fd, place(p, 4), 4, 16), 4);
    assert_int_equal(call(p, __NR_read, -1, place(p, 8), 8), -EBADF);
    assert_int_equal(call(p, __NR_read, fd, 8, 8), 0);
    assert_int_equal(call(p, __NR_lseek, fd, 0, SEEK_SET), 0);
    assert_int_equal(call(p, __NR_read, fd, 8, 8), -EFAULT);
    call(p, __NR_write, fd, place_string(p, "text"), 4);
    close(fd);

    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    assert_int_equal(call(p, __NR_read, ends[0], place(p, 4096), 4096), -EAGAIN);
    assert_int_equal(call(p, __NR_write, ends[1], data, 9000), 9000);
    assert_int_equal(call_exactly(p, 0, __NR_read, ends[0], place(p, 100), 100), 100);
    /* Fails in the middle, with what came before the hole written. */
    call(p, __NR_read, ends[0], place_at_the_end(p, 200), 300);
    close(ends[0]);
    close(ends[1]);
}

static void reading_devices(struct probe *p)
{
    int zero = open("/dev/zero", O_RDONLY), proc = open("/proc/self/stat", O_RDONLY);

    call_exactly(p, 0, __NR_read, zero, place(p, 5000), 5000);
    call(p, __NR_read, zero, place_at_the_end(p, 100), 300);
    call(p, __NR_read, proc, place(p, 5000), 5000);
    close(zero);
    close(proc);
}

static void reading_vectors(struct probe *p)
{
    int fd = open_file(O_RDONLY, 1000);
    struct iovec *v = place(p, 3 * sizeof(*v));

    v[0] = (struct iovec){place(p, 10), 10};
    v[1] = (struct iovec){NULL, 0};
    v[2] = (struct iovec){place(p, 2000), 2000};
    assert_int_equal(call_exactly(p, 0, __NR_readv, fd, v, 3), 1000);
    assert_int_equal(call_exactly(p, 0, __NR_preadv, fd, v, 3, 995, 0), 5);
    assert_int_equal(call_exactly(p, 0, __NR_preadv2, fd, v, 3, 980, 0, 0), 20);
    assert_int_equal(call_exactly(p, 0, __NR_preadv2, fd, v, 1, -1, 0, 0), 0);
    call(p, __NR_readv, fd, v, 5000);
    call(p, __NR_readv, fd, 16, 2);
    v[2] = (struct iovec){place_at_the_end(p, 50), 500};
    call(p, __NR_preadv, fd, v, 3, 0, 0);
    close(fd);
}

/* The buffer holds the array that describes it: what the call does with it counts, not what is
 * there afterwards. */
static void reading_over_the_vectors(struct probe *p)
{
    int fd = open_file(O_RDWR, 1000);
    struct iovec *v = place(p, 2 * sizeof(*v));
    char *second = place(p, 100);
    uint8_t others[2 * sizeof(*v)];
    size_t i;

    v[0] = (struct iovec){v, 2 * sizeof(*v)};
    v[1] = (struct iovec){second, 100};
    /* Each byte of the vectors changes, wherever the arena is. */
    for (i = 0; i < sizeof(others); i++)
        others[i] = (uint8_t) ~((uint8_t *)v)[i];
    assert_int_equal(pwrite(fd, others, sizeof(others), 0), sizeof(others));
    assert_int_equal(call_exactly(p, 0, __NR_readv, fd, v, 2), 132);
    close(fd);
}

/* What O_DIRECT writes behind the end of the file is told: see walk_io.c. */
static void reading_directly(struct probe *p)
{
    int fd = open_file(O_RDONLY, 5000);
    uint8_t *page = (uint8_t *)place_at_the_end(p, 65536);
    struct iovec *v = place(p, 2 * sizeof(*v));

    if (fcntl(fd, F_SETFL, O_DIRECT)) {
        close(fd);
        return;
    }
    call(p, __NR_read, fd, page, 32768);
    v[0] = (struct iovec){page + 32768, 8192};
    v[1] = (struct iovec){page + 40960, 8192};
    call(p, __NR_preadv, fd, v, 2, 0, 0);
    fcntl(fd, F_SETFL, 0);
    assert_int_equal(call_exactly(p, 0, __NR_pread64, fd, page + 8192 * 7, 8192, 4096), 904);
    close(fd);
}

static void moving_between_descriptors(struct probe *p)
{
    int fd = open_file(O_RDWR, 1000), ends[2], more[2];
    int out = open("/dev/null", O_WRONLY);
    int64_t zero = 0, far = 900;
    int64_t *offset = PLACE(p, zero);
    struct iovec *v = place(p, 2 * sizeof(*v));

    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    assert_int_equal(pipe2(more, O_NONBLOCK), 0);
    assert_int_equal(call(p, __NR_sendfile, out, fd, offset, 500), 500);
    assert_int_equal(*offset, 500);
    call(p, __NR_sendfile, out, fd, 0, 100);
    call(p, __NR_sendfile, -1, fd, PLACE(p, zero), 100);
    assert_int_equal(call(p, __NR_splice, fd, PLACE(p, zero), ends[1], 0, 100, 0), 100);
    assert_int_equal(call(p, __NR_tee, ends[0], more[1], 50, 0), 50);
    assert_int_equal(call(p, __NR_splice, ends[0], 0, fd, PLACE(p, far), 40, 0), 40);
    call(p, __NR_copy_file_range, fd, PLACE(p, zero), fd, PLACE(p, far), 50, 0);

    v[0] = (struct iovec){place(p, 16), 16};
    v[1] = (struct iovec){place(p, 100), 100};
    call(p, __NR_vmsplice, more[1], v, 2, 0);
    assert_int_equal(call(p, __NR_vmsplice, more[0], v, 2, 0), 116);
    call(p, __NR_vmsplice, more[0], v, 1, 0);
    close(out);
    close(fd);
    close(ends[0]);
    close(ends[1]);
    close(more[0]);
    close(more[1]);
}

static void attributes(struct probe *p)
{
    int fd = open_file(O_RDWR, 1000);
    char *name = place_string(p, path);
    uint64_t range[2] = {0, 100};

    call_exactly(p, 0, __NR_stat, name, place(p, 200));
    call_exactly(p, 0, __NR_lstat, name, place(p, 200));
    call_exactly(p, 0, __NR_fstat, fd, place(p, 200));
    call_exactly(p, 0, __NR_newfstatat, AT_FDCWD, name, place(p, 200), 0);
    call_exactly(p, 0, __NR_statx, AT_FDCWD, name, 0, 0xfff, place(p, 400));
    call_exactly(p, 0, __NR_statfs, name, place(p, 200));
    call_exactly(p, 0, __NR_fstatfs, fd, place(p, 200));
    call(p, __NR_stat, place_string(p, "/nonexistent"), place(p, 200));
    call(p, __NR_fstat, -1, place(p, 200));
    call(p, __NR_fstat, fd, place_at_the_end(p, 50));
    call(p, __NR_statx, AT_FDCWD, name, 0, 0xfff, place_at_the_end(p, 100));
    call(p, __NR_ustat, 0xfe00, place(p, 64));
    call(p, __NR_access, name, R_OK);
    call(p, __NR_faccessat2, AT_FDCWD, name, R_OK, 0);
    call(p, 451, fd, PLACE(p, range), place(p, 64), 0);
    call(p, 468, AT_FDCWD, name, place(p, 100), 24, 0);
    call(p, 468, AT_FDCWD, name, place(p, 100), 80, 0);
    close(fd);
}

static void names(struct probe *p)
{
    char link[sizeof(path) + 8];
    uint32_t wants = 128, wants_none = 0;
    uint32_t *handle;
    int fd;

    snprintf(link, sizeof(link), "%s/link", dir);
    unlink(link);
    assert_int_equal(symlink("to-somewhere", link), 0);
    assert_int_equal(call_exactly(p, 0, __NR_readlink, place_string(p, link), place(p, 100), 100),
                     12);
    assert_int_equal(call_exactly(p, 0, __NR_readlink, place_string(p, link), place(p, 100), 4), 4);
    call_exactly(p, 0, __NR_readlinkat, AT_FDCWD, place_string(p, link), place(p, 100), 100);
    call(p, __NR_readlink, place_string(p, dir), place(p, 100), 100);
    call_exactly(p, 0, __NR_getcwd, place(p, 4096), 4096);
    call(p, __NR_getcwd, place(p, 2), 1);

    handle = place(p, 200);
    memcpy(handle, &wants, 4);
    call(p, __NR_name_to_handle_at, AT_FDCWD, place_string(p, dir), handle, place(p, 8), 0);
    handle = place(p, 200);
    memcpy(handle, &wants_none, 4);
    call(p, __NR_name_to_handle_at, AT_FDCWD, place_string(p, dir), handle, place(p, 8), 0);
    handle = place(p, 200);
    memcpy(handle, &wants, 4);
    call(p, __NR_name_to_handle_at, AT_FDCWD, place_string(p, dir), handle, place(p, 8), 1);

    fd = open(dir, O_RDONLY | O_DIRECTORY);
    call(p, __NR_getdents64, fd, place(p, 40), 40);
    call(p, __NR_getdents64, fd, place(p, 4096), 4096);
    call(p, __NR_getdents64, fd, place(p, 4096), 4096);
    lseek(fd, 0, SEEK_SET);
    call(p, __NR_getdents, fd, place(p, 4096), 4096);
    lseek(fd, 0, SEEK_SET);
    call(p, __NR_getdents64, fd, place_at_the_end(p, 40), 4096);
    close(fd);
    unlink(link);
}

static void extended_attributes(struct probe *p)
{
    int fd = open_file(O_RDWR, 10);
    char *name = place_string(p, path), *key = place_string(p, "user.reprise");
    struct {
        uint64_t value;
        uint32_t size, flags;
    } args = {(uint64_t)place_string(p, "value"), 5, 0};

    call(p, __NR_setxattr, name, key, place_string(p, "value"), 5, 0);
    call(p, __NR_getxattr, name, key, place(p, 100), 100);
    call(p, __NR_getxattr, name, key, 0, 0);
    call(p, __NR_getxattr, name, key, place(p, 2), 2);
    call(p, __NR_lgetxattr, name, key, place(p, 100), 100);
    call(p, __NR_fgetxattr, fd, key, place(p, 100), 100);
    call(p, __NR_getxattr, name, key, place_at_the_end(p, 2), 100);
    call(p, __NR_listxattr, name, place(p, 100), 100);
    call(p, __NR_llistxattr, name, place(p, 100), 100);
    call(p, __NR_flistxattr, fd, place(p, 100), 100);
    call(p, 463, AT_FDCWD, name, 0, key, PLACE(p, args), 16);
    args.value = (uint64_t)place(p, 100);
    args.size = 100;
    call(p, 464, AT_FDCWD, name, 0, key, PLACE(p, args), 16);
    call(p, 465, AT_FDCWD, name, 0, place(p, 100), 100);
    call(p, 466, AT_FDCWD, name, 0, key);
    close(fd);
}

static void fcntl_commands(struct probe *p)
{
    int fd = open_file(O_RDWR, 100);
    struct flock lock = {.l_type = F_WRLCK};
    struct f_owner_ex owner = {F_OWNER_PID, getpid()};

    call(p, __NR_fcntl, fd, F_GETFL, 0);
    call_exactly(p, 32, __NR_fcntl, fd, F_GETLK, PLACE(p, lock));
    call(p, __NR_fcntl, fd, F_SETLK, PLACE(p, lock));
    call_exactly(p, 32, __NR_fcntl, fd, F_OFD_GETLK, PLACE(p, lock));
    call(p, __NR_fcntl, fd, F_SETOWN_EX, PLACE(p, owner));
    call_exactly(p, 0, __NR_fcntl, fd, F_GETOWN_EX, place(p, 64));
    call_exactly(p, 0, __NR_fcntl, fd, 17, place(p, 64));
    call_exactly(p, 0, __NR_fcntl, fd, F_GET_RW_HINT, place(p, 64));
    call(p, __NR_fcntl, fd, F_GET_FILE_RW_HINT, place(p, 64));
    call(p, __NR_fcntl, fd, 1039, place(p, 64));
    close(fd);
}

static void descriptors(struct probe *p)
{
    int *ends = place(p, 8);

    call_exactly(p, 0, __NR_pipe, ends);
    close(ends[0]);
    close(ends[1]);
    ends = place(p, 8);
    call_exactly(p, 0, __NR_pipe2, ends, O_CLOEXEC);
    close(ends[0]);
    close(ends[1]);
    call(p, __NR_pipe2, place(p, 8), 12345);
    call(p, __NR_pipe2, place_at_the_end(p, 4), 0);
}

static void polling(struct probe *p)
{
    struct pollfd *fds = place(p, 3 * sizeof(*fds));
    struct timespec no_time = {0, 1000}, *rest;
    struct timeval short_time = {0, 1000};
    int ends[2], i;
    fd_set set;

    assert_int_equal(pipe(ends), 0);
    for (i = 0; i < 3; i++)
        fds[i] = (struct pollfd){ends[i % 2], POLLIN | POLLOUT, 0x5555};
    assert_int_equal(call(p, __NR_poll, fds, 3, 0), 1);
    assert_int_equal(fds[1].revents, POLLOUT);
    assert_int_equal(call(p, __NR_poll, fds, 0x5500000000 + 3, 0), 1); /* nfds is an int */
    rest = PLACE(p, no_time);
    call(p, __NR_ppoll, fds, 1, rest, 0, 8);
    assert_int_equal(rest->tv_nsec, 0);
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    call(p, __NR_select, ends[1] + 1, PLACE(p, set), 0, PLACE(p, set), PLACE(p, short_time));
    FD_SET(ends[1], &set);
    call(p, __NR_select, ends[1] + 1, PLACE(p, set), PLACE(p, set), 0, PLACE(p, short_time));
    call(p, __NR_pselect6, ends[1] + 1, PLACE(p, set), PLACE(p, set), 0, PLACE(p, no_time), 0);
    /* More descriptors than there can be, and than there is memory for. */
    call(p, __NR_select, 1 << 20, place_copy(p, &set, sizeof(set)), 0, 0, PLACE(p, short_time));
    call(p, __NR_select, 100, place_at_the_end(p, 8), 0, 0, PLACE(p, short_time));
    close(ends[0]);
    close(ends[1]);
}

static void on_alarm(int signo)
{
    (void)signo;
}

/* A signal that ends a wait leaves its trace in memory as well. */
static void polling_until_a_signal(struct probe *p)
{
    struct sigaction action = {.sa_handler = on_alarm}, old;
    struct itimerval soon = {{0, 20000}, {0, 20000}}, never = {{0, 0}, {0, 0}};
    struct timespec long_time = {3, 0};
    struct timeval long_val = {3, 0};
    struct pollfd *fds = place(p, 2 * sizeof(*fds));
    int ends[2];
    fd_set set;

    assert_int_equal(pipe(ends), 0);
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    fds[0] = (struct pollfd){ends[0], POLLIN, 0x5555};
    fds[1] = (struct pollfd){ends[0], POLLIN, 0x5555};
    sigaction(SIGALRM, &action, &old);
    setitimer(ITIMER_REAL, &soon, NULL);
    assert_int_equal(call(p, __NR_poll, fds, 2, 3000), -EINTR);
    assert_int_equal(fds[0].revents, 0);
    fds[0].revents = 0x5555;
    assert_int_equal(call(p, __NR_ppoll, fds, 2, PLACE(p, long_time), 0, 8), -EINTR);
    assert_int_equal(call(p, __NR_select, ends[0] + 1, PLACE(p, set), 0, 0, PLACE(p, long_val)),
                     -EINTR);
    assert_int_equal(
        call(p, __NR_pselect6, ends[0] + 1, PLACE(p, set), 0, 0, PLACE(p, long_time), 0), -EINTR);
    assert_int_equal(call(p, __NR_read, ends[0], place(p, 100), 100), -EINTR);
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &old, NULL);
    close(ends[0]);
    close(ends[1]);
}

static void epoll_and_its_like(struct probe *p)
{
    int ep = epoll_create1(0), ends[2], watch,
        event = (int)raw_syscall(__NR_eventfd2, (uint64_t[6]){7, 0});
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.u64 = 0x1122334455667788};
    struct timespec no_time = {0, 1000};

    assert_int_equal(pipe(ends), 0);
    call(p, __NR_epoll_ctl, ep, EPOLL_CTL_ADD, ends[0], PLACE(p, e));
    call(p, __NR_epoll_ctl, ep, EPOLL_CTL_ADD, ends[1], PLACE(p, e));
    call(p, __NR_epoll_ctl, ep, EPOLL_CTL_ADD, event, PLACE(p, e));
    assert_int_equal(call_exactly(p, 4, __NR_epoll_wait, ep, place(p, 120), 10, 0), 2);
    call_exactly(p, 4, __NR_epoll_pwait, ep, place(p, 120), 1, 0, 0, 8);
    call(p, __NR_epoll_pwait2, ep, place(p, 120), 10, PLACE(p, no_time), 0, 8);
    call_exactly(p, 0, __NR_read, event, place(p, 8), 8);

    watch = inotify_init1(IN_NONBLOCK);
    call(p, __NR_inotify_add_watch, watch, place_string(p, dir), IN_CREATE | IN_MODIFY);
    close(open_file(O_RDONLY, 3));
    call(p, __NR_read, watch, place(p, 4096), 4096);
    call(p, __NR_read, watch, place(p, 4096), 4096);
    close(watch);
    close(event);
    close(ep);
    close(ends[0]);
    close(ends[1]);
}

#define TEST(name)                                                                                 \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        probe_run(name);                                                                           \
    }
TEST(reading)
TEST(reading_devices)
TEST(reading_vectors)
TEST(reading_over_the_vectors)
TEST(reading_directly)
TEST(moving_between_descriptors)
TEST(attributes)
TEST(names)
TEST(extended_attributes)
TEST(fcntl_commands)
TEST(descriptors)
TEST(polling)
TEST(polling_until_a_signal)
TEST(epoll_and_its_like)

static int make_directory(void **state)
{
    (void)state;
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof(path), "%s/file", dir);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    unlink(path);
    print_message("%u calls checked\n", probe_calls());
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"reads_are_told_to_the_last_byte", test_reading, NULL, NULL, NULL},
        {"reads_of_devices_are_told", test_reading_devices, NULL, NULL, NULL},
        {"vector_reads_stop_where_the_result_says", test_reading_vectors, NULL, NULL, NULL},
        {"a_vector_that_is_read_over_is_followed_as_it_was", test_reading_over_the_vectors, NULL,
         NULL, NULL},
        {"a_direct_read_past_the_end_is_told_whole", test_reading_directly, NULL, NULL, NULL},
        {"offsets_of_moves_are_told", test_moving_between_descriptors, NULL, NULL, NULL},
        {"attributes_are_told", test_attributes, NULL, NULL, NULL},
        {"names_and_handles_are_told", test_names, NULL, NULL, NULL},
        {"extended_attributes_are_told", test_extended_attributes, NULL, NULL, NULL},
        {"fcntl_is_told_by_command", test_fcntl_commands, NULL, NULL, NULL},
        {"new_descriptors_are_told", test_descriptors, NULL, NULL, NULL},
        {"polls_are_told", test_polling, NULL, NULL, NULL},
        {"polls_that_a_signal_ends_are_told", test_polling_until_a_signal, NULL, NULL, NULL},
        {"epoll_events_are_told", test_epoll_and_its_like, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("syscalls_kernel_file", tests, make_directory,
                                       remove_directory);
}
