#include "syscalls_probe.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

#define ARENA      ((size_t)1 << 20)
#define PAGE       ((size_t)4096)
#define APART      64 /* bytes between two buffers */
#define PATTERNS   4
#define MOST_CALLS 128 /* of one case */

static const uint8_t patterns[PATTERNS] = {0xa5, 0x5c, 0x3e, 0xd1};
static unsigned calls_checked;

/* Which bytes a call told and did not change, in all runs so far. */
struct told {
    uint8_t *unchanged; /* a byte for each byte told, in order */
    size_t n;
    size_t slack;
    bool exact;
};

struct probe {
    uint8_t *arena, *before;
    size_t used;
    unsigned pattern, call;
    struct told told[MOST_CALLS];
    bool exact;
    size_t slack;
};

/* ---- Memory ---- */

static long read_self(void *ctx, uint64_t addr, void *dst, size_t len)
{
    struct iovec local = {dst, len};
    struct iovec remote[16];
    size_t n = 0;
    long got;

    (void)ctx;
    /* Page by page, so that what comes before a hole is read. */
    while (len && n < 16) {
        size_t part = PAGE - addr % PAGE;

        if (part > len || n == 15)
            part = len;
        remote[n++] = (struct iovec){(void *)addr, part};
        addr += part;
        len -= part;
    }
    got = process_vm_readv(getpid(), &local, 1, remote, n, 0);
    return got < 0 ? -errno : got;
}

static int flags_of_fd(void *ctx, int fd)
{
    int flags = fcntl(fd, F_GETFL);

    (void)ctx;
    return flags < 0 ? -errno : flags;
}

const struct syscall_memory probe_memory = {.read = read_self, .fd_flags = flags_of_fd};

/* ---- Arena ---- */

void *place(struct probe *p, size_t len)
{
    uint8_t *at = p->arena + p->used;

    p->used += (len + APART + 15) / 16 * 16;
    assert(p->used <= ARENA);
    return at;
}

void *place_copy(struct probe *p, const void *src, size_t len)
{
    return memcpy(place(p, len), src, len);
}

void *place_string(struct probe *p, const char *s)
{
    return place_copy(p, s, strlen(s) + 1);
}

void *place_at_the_end(struct probe *p, size_t before)
{
    return p->arena + ARENA - before;
}

/* ---- Calls ---- */

int64_t raw_syscall(int64_t nr, const uint64_t args[6])
{
    int64_t result;
    register uint64_t r10 __asm__("r10") = args[3];
    register uint64_t r8 __asm__("r8") = args[4];
    register uint64_t r9 __asm__("r9") = args[5];

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(nr), "D"(args[0]), "S"(args[1]), "d"(args[2]), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static void describe(char *text, size_t len, const struct syscall_call *c)
{
    const struct syscall_row *row = syscall_row(c->nr);

    snprintf(text, len, "%s(%#llx, %#llx, %#llx, %#llx, %#llx, %#llx) = %lld",
             row ? row->name : "unknown", (unsigned long long)c->args[0],
             (unsigned long long)c->args[1], (unsigned long long)c->args[2],
             (unsigned long long)c->args[3], (unsigned long long)c->args[4],
             (unsigned long long)c->args[5], (long long)c->result);
}

/* Marks what the ranges cover, a byte for each byte of the arena. */
static void cover(const struct probe *p, const struct syscall_ranges *r, uint8_t *covered)
{
    uint64_t base = (uint64_t)p->arena;
    size_t i;

    memset(covered, 0, ARENA);
    for (i = 0; i < r->n; i++) {
        uint64_t from = r->v[i].addr, to = from + r->v[i].len;

        if (to <= base || from >= base + ARENA)
            continue;
        from = from < base ? base : from;
        to = to > base + ARENA ? base + ARENA : to;
        memset(covered + (from - base), 1, to - from);
    }
}

/* Every byte that changed is covered; and what is covered and did not change is remembered. */
static void compare(struct probe *p, const struct syscall_call *c, const uint8_t *covered)
{
    struct told *told;
    size_t i, n = 0;
    char text[300];

    assert(p->call < MOST_CALLS);
    told = &p->told[p->call++];
    describe(text, sizeof(text), c);
    for (i = 0; i < ARENA; i++) {
        if (p->arena[i] != p->before[i] && !covered[i])
            fail_msg("%s changed the byte at %p, which the table does not tell", text,
                     (void *)(p->arena + i));
        n += covered[i];
    }
    if (p->exact && c->result < 0 && c->result >= -4095)
        fail_msg("%s must succeed", text);
    if (p->pattern == 0) {
        told->unchanged = malloc(n + 1);
        memset(told->unchanged, 1, n);
        told->n = n;
        told->exact = p->exact;
        told->slack = p->slack;
    }
    for (i = 0, n = 0; i < ARENA && n < told->n; i++) {
        if (covered[i]) {
            told->unchanged[n] &= p->arena[i] == p->before[i];
            n++;
        }
    }
    if (p->pattern == PATTERNS - 1 && told->exact) {
        size_t unchanged = 0;

        for (i = 0; i < told->n; i++)
            unchanged += told->unchanged[i];
        if (unchanged > told->slack)
            fail_msg("%s: of %zu bytes told, %zu were never written", text, told->n, unchanged);
    }
    p->exact = false;
}

static int64_t checked_call(struct probe *p, int64_t nr, const uint64_t args[6], bool listed)
{
    struct syscall_call c = {.nr = nr};
    struct syscall_ranges handed = {0}, written = {0};
    uint8_t *covered = malloc(ARENA);
    char text[300];
    int64_t result;
    int rc;

    memcpy(c.args, args, sizeof(c.args));
    describe(text, sizeof(text), &c);
    if (syscall_is_listed(&c) != listed)
        fail_msg("%s is %s", text, listed ? "not listed" : "listed");
    memcpy(p->before, p->arena, ARENA);
    assert_int_equal(syscall_handed(&c, &probe_memory, &handed), 0);

    c.result = raw_syscall(nr, args);

    describe(text, sizeof(text), &c);
    if (getenv("PROBE_VERBOSE"))
        print_message("%s\n", text);
    rc = syscall_written(&c, &probe_memory, &written);
    assert_int_equal(rc, listed ? 0 : -ENOSYS);
    if (listed) {
        cover(p, &written, covered);
        compare(p, &c, covered);
        calls_checked++;
    }
    free(covered);
    syscall_ranges_done(&handed);
    syscall_ranges_done(&written);
    result = c.result;
    syscall_call_done(&c);
    return result;
}

int64_t probe_call(struct probe *p, int64_t nr, const uint64_t args[6])
{
    return checked_call(p, nr, args, true);
}

int64_t probe_unlisted(struct probe *p, int64_t nr, const uint64_t args[6])
{
    return checked_call(p, nr, args, false);
}

void probe_exact(struct probe *p, size_t slack)
{
    p->exact = true;
    p->slack = slack;
}

unsigned probe_calls(void)
{
    return calls_checked;
}

void probe_run(probe_case run)
{
    struct probe p = {0};
    unsigned i;

    p.before = malloc(ARENA);
    for (p.pattern = 0; p.pattern < PATTERNS; p.pattern++) {
        uint8_t *with_hole =
            mmap(NULL, ARENA + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        assert(with_hole != MAP_FAILED);
        munmap(with_hole + ARENA, PAGE);
        p.arena = with_hole;
        p.used = 0;
        p.call = 0;
        memset(p.arena, patterns[p.pattern], ARENA);
        run(&p);
        munmap(p.arena, ARENA);
    }
    for (i = 0; i < MOST_CALLS; i++)
        free(p.told[i].unchanged);
    free(p.before);
}
