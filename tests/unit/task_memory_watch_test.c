/* Unit tests of hashing only what was written: a child changes its memory in every way that there
 * is, and after each change the hash by the watch must equal the hash of all. */
#include "task/memory_hash.h"
#include "task/present_pages.h"
#include "task/tracee.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PAGE    4096ul
#define N_PAGES 3072ul /* of the anonymous memory: 12 MiB */
#define N_OTHER 64ul   /* of each other kind */
#define ROUNDS  200

static unsigned char *anonymous, *shared, *of_file, *huge, *moved, *closing;
static int file, feed[2];
static uint64_t seed; /* of the child, and of its parent, who make the same numbers */

static uint64_t below(uint64_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % n;
}

/* ---- what the child does; true: the parent has its part in it ---- */

static void write_some(void)
{
    for (uint64_t i = 1 + below(50); i > 0; i--)
        anonymous[below(N_PAGES) * PAGE + below(PAGE)] = (unsigned char)below(256);
}

static void write_what_is_there(void)
{
    unsigned char *at = anonymous + below(N_PAGES) * PAGE;
    *(volatile unsigned char *)at = *at;
}

static void zero_a_page(void)
{
    memset(anonymous + below(N_PAGES) * PAGE, 0, PAGE);
}

static void drop_some(void)
{
    madvise(anonymous + below(N_PAGES - 100) * PAGE, (1 + below(100)) * PAGE, MADV_DONTNEED);
}

static void drop_and_touch(void)
{
    unsigned char *at = anonymous + below(N_PAGES - 8) * PAGE;
    madvise(at, 8 * PAGE, MADV_DONTNEED);
    at[3 * PAGE] = (unsigned char)below(3);
}

static void map_over(void)
{
    unsigned char *at = anonymous + below(N_PAGES - 200) * PAGE;
    uint64_t n = 1 + below(200);
    if (below(2) == 0)
        munmap(at, n * PAGE);
    if (mmap(at, n * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
             0) == MAP_FAILED)
        abort();
    for (uint64_t i = below(n); i < n; i++)
        at[i * PAGE + 9] = (unsigned char)below(256);
}

/* Pages of one place appear in another, where others were known. */
static void move_within(void)
{
    uint64_t n = 32 + below(100), from = below(N_PAGES / 2 - n), to = N_PAGES / 2 + from;
    unsigned char *a = anonymous + from * PAGE, *b = anonymous + to * PAGE;
    if (mremap(a, n * PAGE, n * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, b) == MAP_FAILED)
        return; /* the range was several mappings */
    if (mmap(a, n * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
        MAP_FAILED)
        abort();
}

static void resize(void)
{
    static uint64_t n = N_OTHER;
    uint64_t want = N_OTHER + below(N_OTHER);
    void *at = mremap(moved, n * PAGE, want * PAGE, MREMAP_MAYMOVE);
    if (at == MAP_FAILED)
        return;
    moved = at;
    n = want;
    moved[(n - 1) * PAGE] = (unsigned char)below(256);
}

static void close_and_open(void)
{
    static bool closed;
    int prot = !closed ? (below(2) == 0 ? PROT_NONE : PROT_READ) : PROT_READ | PROT_WRITE;
    if (!closed)
        closing[below(N_OTHER) * PAGE] = (unsigned char)below(256);
    if (mprotect(closing + PAGE, (N_OTHER - 2) * PAGE, prot) < 0)
        abort();
    closed = !closed;
    if (!closed)
        closing[below(N_OTHER) * PAGE] = (unsigned char)below(256);
}

static void fork_and_write(void)
{
    pid_t child = fork();
    if (child == 0) {
        write_some();
        _exit(0);
    }
    if (below(2) == 0)
        write_some();
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
    write_some();
}

static void let_the_kernel_write(void)
{
    char bytes[3000];
    memset(bytes, (int)below(256), sizeof bytes);
    if (write(feed[1], bytes, sizeof bytes) != sizeof bytes ||
        read(feed[0], anonymous + below(N_PAGES - 2) * PAGE + 1500, sizeof bytes) != sizeof bytes)
        abort();
}

static void write_shared(void)
{
    shared[below(N_OTHER) * PAGE] = (unsigned char)below(256);
}

static void write_the_file(void)
{
    char byte = (char)below(256);
    if (pwrite(file, &byte, 1, (off_t)(below(N_OTHER) * PAGE)) != 1)
        abort();
}

static void write_of_file(void)
{
    of_file[below(N_OTHER) * PAGE + 1] = (unsigned char)below(256);
    if (below(4) == 0)
        madvise(of_file + below(N_OTHER) * PAGE, PAGE, MADV_DONTNEED);
}

static void write_huge(void)
{
    huge[below(4ul << 20)] = (unsigned char)below(256);
    if (below(8) == 0)
        madvise(huge + PAGE * below(500), PAGE * 7, MADV_DONTNEED);
}

__attribute__((noinline)) static unsigned use_stack(unsigned depth)
{
    volatile unsigned char bytes[2000];
    bytes[below(sizeof bytes)] = (unsigned char)depth;
    return depth == 0 ? 0 : bytes[0] + use_stack(depth - 1);
}

static void grow_the_stack(void)
{
    (void)use_stack((unsigned)below(400));
}

static void do_nothing(void)
{
}

static void (*const changes[])(void) = {
    write_some,     write_what_is_there,  zero_a_page,    drop_some,      drop_and_touch,
    map_over,       move_within,          resize,         close_and_open, fork_and_write,
    write_shared,   let_the_kernel_write, write_the_file, write_of_file,  write_huge,
    grow_the_stack, do_nothing,
};
#define N_CHANGES (sizeof changes / sizeof changes[0])

/* ---- the child ---- */

static void *must_map(size_t n, int flags, int fd)
{
    void *at = mmap(NULL, n, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (at == MAP_FAILED)
        abort();
    return at;
}

static void map_all(void)
{
    anonymous = must_map(N_PAGES * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    moved = must_map(N_OTHER * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    closing = must_map(N_OTHER * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    file = memfd_create("test", MFD_CLOEXEC);
    if (file < 0 || ftruncate(file, N_OTHER * PAGE) < 0 || pipe(feed) < 0)
        abort();
    of_file = must_map(N_OTHER * PAGE, MAP_PRIVATE, file);
    huge = must_map(6ul << 20, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    huge = (unsigned char *)(((uintptr_t)huge + (2ul << 20) - 1) & ~((2ul << 20) - 1));
    madvise(huge, 4ul << 20, MADV_HUGEPAGE);
    for (size_t i = 0; i < N_PAGES * PAGE; i += 64)
        anonymous[i] = (unsigned char)(i >> 8);
}

static _Noreturn void child_main(uint64_t first_seed)
{
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    map_all();
    seed = first_seed;
    int fd = (int)syscall(SYS_userfaultfd, MEMORY_WATCH_FLAGS);
    if (fd >= 0 && fd != 100) {
        dup2(fd, 100);
        close(fd);
    }
    raise(SIGSTOP);
    close(100);
    raise(SIGSTOP); /* the parent has the only descriptor */
    for (;;) {
        changes[below(N_CHANGES)]();
        raise(SIGSTOP);
    }
}

/* ---- the parent ---- */

static pid_t child;
static struct memory_watch *watch;

static void to_next_stop(void)
{
    int status;
    do {
        assert_int_equal(waitpid(child, &status, __WALL), child);
        assert_true(WIFSTOPPED(status));
        if (WSTOPSIG(status) != SIGSTOP)
            ptrace(PTRACE_CONT, child, NULL, WSTOPSIG(status));
    } while (WSTOPSIG(status) != SIGSTOP);
}

static void go_on(void)
{
    assert_int_equal(ptrace(PTRACE_CONT, child, NULL, NULL), 0);
    to_next_stop();
}

/* False: this kernel has nothing to offer. */
static bool start(uint64_t first_seed)
{
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        child_main(first_seed);
    to_next_stop();
    assert_int_equal(ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_EXITKILL), 0);
    int process = (int)syscall(SYS_pidfd_open, child, 0);
    int fd = process >= 0 ? (int)syscall(SYS_pidfd_getfd, process, 100, 0) : -1;
    close(process);
    watch = memory_watch_new(true);
    assert_non_null(watch);
    go_on();
    memory_watch_start(watch, fd);
    if (memory_watch_is_on(watch))
        return true;
    print_message("left out: this kernel, or this container, has no asynchronous userfaultfd\n");
    return false;
}

static void end(void)
{
    memory_watch_unref(watch);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void hashes_agree(const struct memory_span *dead, size_t n, unsigned round)
{
    struct memory_hash by_watch, of_all;
    assert_int_equal(memory_hash_take(child, dead, n, watch, &by_watch), 0);
    assert_int_equal(memory_hash_take(child, dead, n, NULL, &of_all), 0);
    if (!memory_hash_equal(&by_watch, &of_all))
        print_error("round %u\n", round);
    assert_int_equal(by_watch.pages, of_all.pages);
    assert_true(memory_hash_equal(&by_watch, &of_all));
}

static uint64_t page_of_child(void)
{
    return (uint64_t)anonymous + below(N_PAGES) * PAGE;
}

/* The parent writes to the child's memory in the ways that a recorder and other processes do. */
static void write_from_outside(void)
{
    uint64_t word = below(UINT32_MAX), addr = page_of_child() + 8 * below(500);
    switch (below(4)) {
    case 0:
        (void)ptrace(PTRACE_POKEDATA, child, (void *)addr, (void *)word);
        break;
    case 1:
        (void)tracee_write_user(child, addr, &word, sizeof word);
        break;
    case 2: {
        char path[32];
        snprintf(path, sizeof path, "/proc/%d/mem", (int)child);
        int fd = open(path, O_RDWR | O_CLOEXEC);
        (void)!pwrite(fd, &word, sizeof word, (off_t)addr);
        close(fd);
        break;
    }
    default:
        shared[below(N_OTHER) * PAGE + 5] = (unsigned char)word;
        break;
    }
}

/* Stretches of every size that come and go. */
static size_t choose_dead(struct memory_span v[4])
{
    static struct memory_span kept;
    size_t n = below(4);
    for (size_t i = 0; i < n; i++)
        v[i] = (struct memory_span){page_of_child() + below(PAGE), below(below(4) * 5000 + 1)};
    if (n > 0 && below(2) == 0)
        v[0] = kept;
    kept = n > 0 ? v[0] : kept;
    return n;
}

static void shared_with_the_child(void)
{
    shared = must_map(N_OTHER * PAGE, MAP_SHARED | MAP_ANONYMOUS, -1);
}

/* The parent's copies of where the child has its memory. */
static void learn_addresses(void)
{
    /* map_all() chose them after the fork, so the child tells */
    unsigned char **const all[] = {&anonymous, &moved, &of_file, &huge};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        assert_int_equal(tracee_read_all(child, (uint64_t)all[i], all[i], sizeof *all[i]), 0);
}

static void hash_by_watch_is_the_hash_of_all(void **state)
{
    (void)state;
    shared_with_the_child();
    unsigned n_on = 0;
    for (uint64_t s = 1; s <= 3; s++) {
        if (!start(s * 0x9e3779b97f4a7c15)) {
            end();
            skip();
        }
        learn_addresses();
        seed = s;
        for (unsigned round = 0; round < ROUNDS; round++) {
            struct memory_span dead[4];
            size_t n = choose_dead(dead);
            hashes_agree(dead, n, round);
            n_on += memory_watch_is_on(watch);
            if (below(4) == 0) {
                write_from_outside();
                hashes_agree(dead, n, round);
            }
            go_on();
        }
        end();
    }
    assert_int_equal(n_on, 3 * ROUNDS); /* else it proves little */
}

static void only_what_was_written_is_read(void **state)
{
    (void)state;
    if (!start(1)) {
        end();
        skip();
    }
    learn_addresses();
    seed = 1;
    hashes_agree(NULL, 0, 0);
    assert_true(memory_watch_last_read(watch) >= N_PAGES);
    hashes_agree(NULL, 0, 1);
    assert_int_equal(memory_watch_last_read(watch), 0);
    uint64_t word = 42;
    assert_int_equal(tracee_write(child, (uint64_t)anonymous + 77 * PAGE, &word, 8), 0);
    hashes_agree(NULL, 0, 2);
    assert_int_equal(memory_watch_last_read(watch), 1);
    memory_watch_forget(watch, (uint64_t)anonymous + 80 * PAGE + 1, PAGE);
    hashes_agree(NULL, 0, 3);
    assert_int_equal(memory_watch_last_read(watch), 2);
    end();
}

static void it_is_wanted_for_large_memory_and_not_where_most_is_written(void **state)
{
    (void)state;
    struct memory_watch *w = memory_watch_new(true);
    assert_non_null(w);
    assert_false(memory_watch_is_wanted(w, 0));
    memory_watch_note_hash(w, 100, 100);
    assert_false(memory_watch_is_wanted(w, 0));
    memory_watch_note_hash(w, 100000, 100000);
    assert_true(memory_watch_is_wanted(w, 0));
    memory_watch_start(w, -EPERM);
    assert_false(memory_watch_is_on(w));
    memory_watch_note_hash(w, 100000, 100000);
    assert_false(memory_watch_is_wanted(w, 0)); /* it was refused */
    memory_watch_unref(w);

    if (!start(1)) {
        end();
        skip();
    }
    for (unsigned i = 0; i < 6 && memory_watch_is_on(watch); i++)
        memory_watch_note_hash(watch, 10000, 9000);
    assert_false(memory_watch_is_on(watch));
    assert_false(memory_watch_is_wanted(watch, child));
    for (unsigned i = 0; i < 20 && !memory_watch_is_wanted(watch, child); i++)
        memory_watch_note_hash(watch, 10000, 10000);
    assert_true(memory_watch_is_wanted(watch, child)); /* another try */
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash_by_watch_is_the_hash_of_all),
        cmocka_unit_test(only_what_was_written_is_read),
        cmocka_unit_test(it_is_wanted_for_large_memory_and_not_where_most_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
