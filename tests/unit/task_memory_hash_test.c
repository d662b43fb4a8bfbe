/* Unit tests of the memory hash, on children that change their memory in known ways. */
#include "task/memory_hash.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PAGE 4096ul

static unsigned char *anonymous, *shared;

static int map_both(void **state)
{
    (void)state;
    anonymous = mmap(NULL, 1024 * PAGE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    shared = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (anonymous == MAP_FAILED || shared == MAP_FAILED)
        return 1;
    anonymous[PAGE] = 77;
    return 0;
}

/* All memory but ours, where two children differ by themselves: their tid, their stack. */
static size_t add_foreign_memory(struct memory_span *v)
{
    uint64_t a = (uint64_t)anonymous, a_end = a + 1024 * PAGE;
    uint64_t b = (uint64_t)shared, b_end = b + 4 * PAGE, top = 1ul << 47;
    uint64_t low = a < b ? a : b, low_end = a < b ? a_end : b_end;
    uint64_t high = a < b ? b : a, high_end = a < b ? b_end : a_end;
    v[0] = (struct memory_span){0, low};
    v[1] = (struct memory_span){low_end, high - low_end};
    v[2] = (struct memory_span){high_end, top - high_end};
    return 3;
}

/* The hash of our memory in a child that has run `change`; dead: n, at most one. Children are
 * copies of the same parent, so their memory is equal but for that. */
static struct memory_hash hash_after(void (*change)(void), const struct memory_span *dead, size_t n)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        change();
        raise(SIGSTOP);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSTOPPED(status));
    struct memory_hash hash = {0};
    struct memory_span all[4];
    size_t n_all = add_foreign_memory(all);
    if (n > 0)
        all[n_all++] = dead[0];
    assert_int_equal(memory_hash_take(child, all, n_all, NULL, &hash), 0);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return hash;
}

static void change_nothing(void)
{
}

static void touch_without_change(void)
{
    for (size_t i = 2; i < 64; i++)
        anonymous[i * PAGE] = 0;
}

static void change_a_byte(void)
{
    anonymous[700 * PAGE + 5] = 1;
}

static void change_the_same_byte_elsewhere(void)
{
    anonymous[701 * PAGE + 5] = 1;
}

static void change_shared_memory(void)
{
    shared[3 * PAGE] = 9;
}

static void change_and_close(void)
{
    anonymous[700 * PAGE + 5] = 1;
    mprotect(anonymous + 700 * PAGE, PAGE, PROT_READ);
}

static void equal_memory_has_equal_hashes(void **state)
{
    (void)state;
    struct memory_hash a = hash_after(change_nothing, NULL, 0);
    struct memory_hash b = hash_after(change_nothing, NULL, 0);
    assert_true(memory_hash_equal(&a, &b));
    assert_true(a.pages > 0);
}

static void untouched_pages_equal_pages_of_zeros(void **state)
{
    (void)state;
    struct memory_hash a = hash_after(change_nothing, NULL, 0);
    struct memory_hash b = hash_after(touch_without_change, NULL, 0);
    assert_true(memory_hash_equal(&a, &b));
}

static void one_byte_makes_a_difference_and_so_does_its_place(void **state)
{
    (void)state;
    struct memory_hash a = hash_after(change_nothing, NULL, 0);
    struct memory_hash b = hash_after(change_a_byte, NULL, 0);
    struct memory_hash c = hash_after(change_the_same_byte_elsewhere, NULL, 0);
    assert_false(memory_hash_equal(&a, &b));
    assert_false(memory_hash_equal(&b, &c));
    assert_int_equal(b.pages, a.pages + 1);
}

static void dead_bytes_make_none(void **state)
{
    (void)state;
    struct memory_span dead = {.addr = (uint64_t)anonymous + 700 * PAGE + 5, .len = 1};
    struct memory_hash a = hash_after(change_nothing, &dead, 1);
    struct memory_hash b = hash_after(change_a_byte, &dead, 1);
    assert_true(memory_hash_equal(&a, &b));
    dead.addr++;
    b = hash_after(change_a_byte, &dead, 1);
    assert_false(memory_hash_equal(&a, &b));
}

static void memory_that_cannot_be_written_does_not_count(void **state)
{
    (void)state;
    struct memory_hash a = hash_after(change_nothing, NULL, 0);
    struct memory_hash b = hash_after(change_and_close, NULL, 0);
    assert_true(memory_hash_equal(&a, &b));
}

/* Runs last: the memory is the parent's, too. */
static void shared_memory_counts(void **state)
{
    (void)state;
    struct memory_hash a = hash_after(change_nothing, NULL, 0);
    struct memory_hash b = hash_after(change_shared_memory, NULL, 0);
    assert_false(memory_hash_equal(&a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_memory_has_equal_hashes),
        cmocka_unit_test(untouched_pages_equal_pages_of_zeros),
        cmocka_unit_test(one_byte_makes_a_difference_and_so_does_its_place),
        cmocka_unit_test(dead_bytes_make_none),
        cmocka_unit_test(memory_that_cannot_be_written_does_not_count),
        cmocka_unit_test(shared_memory_counts),
    };
    return cmocka_run_group_tests(tests, map_both, NULL);
}
