/* Owns the kinds of causes and how they are told apart. */
#include "diff/cause.h"

#include <errno.h>
#include <string.h>

static const struct cause_kind kinds[CAUSE_COUNT] = {
    [CAUSE_BEHAVIOUR] = {"behaviour", "behaviour", "the program did something else"},
    [CAUSE_DATA] = {"different-data", "different data", "the program was given other bytes"},
    [CAUSE_ERROR] = {"error", "error", "a call failed in one of them"},
    [CAUSE_MISSING_FILE] = {"missing-file", "missing file", "a file is there in one of them only"},
    [CAUSE_SHORT_READ] = {"short-read", "short read", "fewer bytes came at a time"},
    [CAUSE_SHORT_WRITE] = {"short-write", "short write", "fewer bytes were taken at a time"},
    [CAUSE_TIMING] = {"timing-or-order", "timing or order",
                      "things happened at another time, or in another order"},
    [CAUSE_ENVIRONMENT] = {"environment", "environment", "variables are set differently"},
    [CAUSE_ARGUMENTS] = {"arguments", "arguments", "the program was called differently"},
    [CAUSE_SIGNAL] = {"signal", "signal", "a signal came in one of them"},
    [CAUSE_TIME] = {"time", "time", "the time was another one"},
    [CAUSE_RANDOM] = {"random", "random bytes", "the random bytes were others"},
    [CAUSE_DIR_ORDER] = {"directory-order", "directory order",
                         "a directory's names came in another order"},
    [CAUSE_RESOURCES] = {"resources", "resources", "the state of the machine was another one"},
    [CAUSE_TASK_ID] = {"task-id", "task id", "the process had another number"},
};

const struct cause_kind *cause_kind(enum cause cause)
{
    return &kinds[cause];
}

/* ---- calls ---- */

enum call_class {
    CLASS_OTHER = 0,
    CLASS_READ,
    CLASS_WRITE,
    CLASS_WAIT, /* for something to happen */
};

static enum call_class class_of(int64_t nr)
{
    const struct syscall_row *row = syscall_traits(nr);
    if (row->waits_for != WAITS_FOR_NOTHING)
        return CLASS_WAIT;
    bool in_first = row->io.in && row->io.in_fd == 0; /* sendfile names its output first */
    if (row->random || in_first)
        return CLASS_READ;
    return row->io.out ? CLASS_WRITE : CLASS_OTHER;
}

/* ---- bytes ---- */

static size_t first_difference(const struct moment_bytes *a, const struct moment_bytes *b)
{
    size_t n = a->len < b->len ? a->len : b->len, i = 0;
    while (i < n && a->data[i] == b->data[i])
        i++;
    return i;
}

static bool equal_bytes(const struct moment_bytes *a, const struct moment_bytes *b)
{
    return a->len == b->len && a->whole == b->whole && first_difference(a, b) == a->len;
}

bool cause_find_bytes(const struct moment *ref, const struct moment *run, bool in,
                      struct bytes_pair *ret)
{
    const struct moment *any = run != NULL ? run : ref;
    if (any == NULL || class_of(any->nr) != (in ? CLASS_WRITE : CLASS_READ))
        return false;
    const struct moment_bytes *a = ref == NULL ? NULL : in ? ref->in : ref->out;
    const struct moment_bytes *b = run == NULL ? NULL : in ? run->in : run->out;
    size_t n = ref == NULL ? 0 : in ? ref->n_in : ref->n_out;
    size_t m = run == NULL ? 0 : in ? run->n_in : run->n_out;
    for (size_t i = 0; i < n || i < m; i++) {
        const struct moment_bytes *x = i < n ? &a[i] : NULL, *y = i < m ? &b[i] : NULL;
        if ((x != NULL && !x->is_text) || (y != NULL && !y->is_text) ||
            (x != NULL && y != NULL && equal_bytes(x, y)))
            continue;
        *ret = (struct bytes_pair){x, y, x != NULL && y != NULL ? first_difference(x, y) : 0};
        return true;
    }
    return false;
}

static bool equal_ranges(const struct moment_bytes *a, size_t n, const struct moment_bytes *b,
                         size_t m)
{
    for (size_t i = 0; i < n && i < m; i++)
        if (!equal_bytes(&a[i], &b[i]))
            return false;
    return n == m;
}

bool cause_is_same(const struct moment *ref, const struct moment *run)
{
    return ref != NULL && run != NULL && ref->kind == MOMENT_CALL && run->kind == MOMENT_CALL &&
           ref->result == run->result && ref->nr == run->nr && ref->done == run->done &&
           equal_ranges(ref->out, ref->n_out, run->out, run->n_out) &&
           equal_ranges(ref->in, ref->n_in, run->in, run->n_in);
}

static bool is_missing(const struct moment *m)
{
    return m->about_path && (m->errnum == ENOENT || m->errnum == ENOTDIR);
}

static bool is_of_waiting(int errnum)
{
    return errnum == EAGAIN || errnum == ETIMEDOUT || errnum == EINPROGRESS || errnum == EINTR ||
           (errnum >= 512 && errnum <= 516);
}

static enum cause cause_of_call(const struct moment *ref, const struct moment *run)
{
    if (ref->errnum != run->errnum) {
        if (is_missing(ref) || is_missing(run))
            return CAUSE_MISSING_FILE;
        return is_of_waiting(ref->errnum) || is_of_waiting(run->errnum) ? CAUSE_TIMING
                                                                        : CAUSE_ERROR;
    }
    enum call_class class = class_of(run->nr);
    if (ref->result == run->result)
        return class == CLASS_WAIT ? CAUSE_TIMING : CAUSE_DATA;
    switch (class) {
    case CLASS_READ: { /* the same bytes, but not all of them */
        struct bytes_pair pair;
        bool differ = cause_find_bytes(ref, run, false, &pair);
        if (!differ || ref->result == 0 || run->result == 0)
            return differ ? CAUSE_DATA : CAUSE_SHORT_READ;
        bool prefix = pair.ref == NULL || pair.run == NULL || pair.at == pair.ref->len ||
                      pair.at == pair.run->len;
        return prefix ? CAUSE_SHORT_READ : CAUSE_DATA;
    }
    case CLASS_WRITE:
        return CAUSE_SHORT_WRITE;
    case CLASS_WAIT:
        return CAUSE_TIMING;
    case CLASS_OTHER:
        break;
    }
    return CAUSE_DATA;
}

enum cause cause_of_ignored(uint16_t bits)
{
    static const struct {
        enum ignored ignored;
        enum cause cause;
    } causes[] = {
        {IGNORED_DIR_ORDER, CAUSE_DIR_ORDER}, {IGNORED_RANDOM, CAUSE_RANDOM},
        {IGNORED_TIME, CAUSE_TIME},           {IGNORED_TASK_ID, CAUSE_TASK_ID},
        {IGNORED_SCHEDULE, CAUSE_TIMING},     {IGNORED_ENVIRONMENT, CAUSE_ENVIRONMENT},
    };
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
        if ((bits & IGNORED_BIT(causes[i].ignored)) != 0)
            return causes[i].cause;
    return CAUSE_RESOURCES;
}

static bool is_clock(int64_t nr)
{
    return syscall_traits(nr)->clock != CLOCK_NOT_READ;
}

enum cause cause_of(const struct point *p, const struct moment *ref, const struct moment *run)
{
    const struct moment *any = run != NULL ? run : ref;
    if (any != NULL && p->weak)
        return CAUSE_TIMING;
    if (any == NULL || point_is_act(p))
        return CAUSE_BEHAVIOUR;
    if (p->kind == POINT_IGNORED)
        return cause_of_ignored(p->kinds);
    if (any->kind == MOMENT_SIGNAL)
        return CAUSE_SIGNAL;
    if (any->kind == MOMENT_EXIT && syscall_traits(any->nr)->task != TASK_EXIT &&
        syscall_traits(any->nr)->task != TASK_EXIT_GROUP)
        return CAUSE_SIGNAL;
    if (any->kind == MOMENT_EXEC)
        return p->kind == POINT_INPUT ? CAUSE_ENVIRONMENT : CAUSE_BEHAVIOUR;
    if (any->kind == MOMENT_CALL && is_clock(any->nr))
        return CAUSE_TIME;
    if (ref == NULL || run == NULL || any->kind != MOMENT_CALL)
        return CAUSE_DATA;
    return cause_of_call(ref, run);
}
