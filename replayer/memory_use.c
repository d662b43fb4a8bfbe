/* Owns the sum over all that takes memory in a replay, and the reading of what /proc tells of it.
 */
#include "replayer/memory_use.h"

#include "replayer/call_sites.h"
#include "replayer/replay_state.h"
#include "replayer/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KIB          1024u
#define BLOCK        512u        /* of st_blocks */
#define PER_TASK     (32u * KIB) /* a thread's kernel stack and structures */
#define PER_MAPPING  256u        /* struct vm_area_struct and its place in the tree */
#define MAPPINGS_MAX 65530u      /* of an address space, as a rule: vm.max_map_count */

void memory_use_begin(struct memory_use *u)
{
    u->no_proc = access("/proc/self/status", R_OK) < 0;
}

void memory_use_done(struct memory_use *u)
{
    free(u->left);
    *u = (struct memory_use){0};
}

/* ---- files ---- */

static uint64_t size_of_file(int fd, uint64_t *ret_inode)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return 0;
    *ret_inode = st.st_ino;
    return (uint64_t)st.st_blocks * BLOCK;
}

static uint64_t size_of_files(const struct replayer *r)
{
    uint64_t sum = 0, inode;
    for (size_t fd = 0; fd < r->n_files; fd++)
        if (r->files[fd].is_open)
            sum += size_of_file((int)fd, &inode);
    for (size_t i = 0; i < r->use.n_left; i++)
        sum += r->use.left[i].bytes;
    return sum;
}

void memory_use_leave(struct replayer *r, int fd)
{
    struct memory_use *u = &r->use;
    if (u->n_left == u->cap_left) {
        size_t cap = u->cap_left > 0 ? 2 * u->cap_left : 64;
        struct left_file *more = reallocarray(u->left, cap, sizeof *more);
        if (more == NULL)
            return; /* the budget of the replayer is used up, which shows soon */
        u->left = more;
        u->cap_left = cap;
    }
    struct left_file f = {0};
    f.bytes = size_of_file(fd, &f.inode);
    u->left[u->n_left++] = f;
}

static void mark_mapped(struct memory_use *u, uint64_t inode)
{
    for (size_t i = 0; i < u->n_left; i++)
        u->left[i].is_mapped = u->left[i].is_mapped || u->left[i].inode == inode;
}

static void forget_unmapped(struct memory_use *u)
{
    size_t n = 0;
    for (size_t i = 0; i < u->n_left; i++)
        if (u->left[i].is_mapped)
            u->left[n++] = u->left[i];
    u->n_left = n;
}

/* ---- what /proc tells ---- */

/* The sum of some fields, in kB there, of /proc/PID/NAME; *ret_found: how many there are. */
static uint64_t sum_of_fields(pid_t pid, const char *name, const char *const *fields, size_t n,
                              size_t *ret_found)
{
    char path[64], line[256];
    uint64_t sum = 0, kib;
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    FILE *f = fopen(path, "re");
    *ret_found = 0;
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        for (size_t i = 0; i < n; i++)
            if (strncmp(line, fields[i], strlen(fields[i])) == 0 &&
                sscanf(line + strlen(fields[i]), "%lu", &kib) == 1) {
                sum += kib * KIB;
                ++*ret_found;
            }
    if (f != NULL)
        fclose(f);
    return sum;
}

static uint64_t own_memory(pid_t pid, bool has_shared)
{
    static const char *const fields[] = {"RssAnon:", "VmPTE:", "VmSwap:", "RssShmem:"};
    size_t found;
    return sum_of_fields(pid, "status", fields, has_shared ? 4 : 3, &found);
}

/* Pages that others have, too, count by halves, thirds and so on. */
static uint64_t own_share(pid_t pid)
{
    static const char *const rest[] = {"VmPTE:"};
    static const char *const shares[] = {"Pss_Anon:", "SwapPss:"};
    size_t found;
    uint64_t sum = sum_of_fields(pid, "smaps_rollup", shares, 2, &found);
    if (found < 2) /* an older kernel */
        return own_memory(pid, false);
    return sum + sum_of_fields(pid, "status", rest, 1, &found);
}

/* Which files that were left are mapped; the share of memory mapped shared that is of no file. */
static uint64_t look_at_mappings(struct replayer *r, pid_t pid)
{
    char path[64], line[512];
    uint64_t sum = 0, inode, kib;
    bool is_nameless = false;
    snprintf(path, sizeof path, "/proc/%d/smaps", (int)pid);
    FILE *f = fopen(path, "re");
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        if (sscanf(line, "%*x-%*x %*s %*x %*x:%*x %lu", &inode) == 1) {
            is_nameless = strstr(line, " /dev/zero (deleted)") != NULL;
            mark_mapped(&r->use, inode);
        } else if (is_nameless && sscanf(line, "Pss: %lu", &kib) == 1) {
            sum += kib * KIB;
        }
    }
    if (f != NULL)
        fclose(f);
    return sum;
}

/* ---- tasks ---- */

/* One of the tasks of an address space, which they share. */
struct space {
    pid_t pid;
    const struct call_sites *sites;
};

struct walk {
    struct replayer *r;
    uint64_t (*measure)(struct replayer *r, const struct space *s);
    struct map64 seen; /* by sites */
    uint64_t sum;
};

static void visit(struct walk *w, const struct space *s)
{
    uint64_t key = (uint64_t)(uintptr_t)s->sites, n;
    w->sum += PER_TASK;
    if (s->pid <= 0 || map64_get(&w->seen, key) != NULL)
        return;
    if (s->sites != NULL)
        (void)map64_put(&w->seen, key, w); /* else it counts twice */
    n = 2 * call_sites_count(s->sites);
    w->sum += (n < MAPPINGS_MAX ? n : MAPPINGS_MAX) * PER_MAPPING + w->measure(w->r, s);
}

static uint64_t size_of_tasks(struct replayer *r,
                              uint64_t (*measure)(struct replayer *r, const struct space *s))
{
    struct walk w = {.r = r, .measure = measure};
    size_t pos = 0;
    for (const struct rtask *t; (t = map64_next(&r->tasks, &pos)) != NULL;)
        visit(&w, &(struct space){t->pid, t->sites});
    pos = 0;
    for (const struct unborn *u; (u = map64_next(&r->unborn, &pos)) != NULL;)
        visit(&w, &(struct space){u->pid, u->sites});
    map64_done(&w.seen);
    return w.sum;
}

/* The most that it ever had, shared or not, is told with each stop. */
static uint64_t peak_of(struct replayer *r, pid_t pid)
{
    r->use.peak = 0;
    (void)zygote_call(r, pid, SYS_munmap, 0, 0, 0, 0, 0, 0);
    return r->use.peak;
}

static uint64_t most_of(struct replayer *r, const struct space *s)
{
    return r->use.no_proc ? peak_of(r, s->pid) : own_memory(s->pid, call_sites_share(s->sites));
}

static uint64_t share_of(struct replayer *r, const struct space *s)
{
    uint64_t sum = own_share(s->pid);
    if (r->use.n_left > 0 || call_sites_share(s->sites))
        sum += look_at_mappings(r, s->pid);
    return sum;
}

uint64_t memory_use_at_most(struct replayer *r)
{
    uint64_t own = r->use.no_proc ? 0 : own_memory(getpid(), false);
    return own + size_of_files(r) + size_of_tasks(r, most_of);
}

uint64_t memory_use_exact(struct replayer *r)
{
    if (r->use.no_proc)
        return memory_use_at_most(r);
    for (size_t i = 0; i < r->use.n_left; i++)
        r->use.left[i].is_mapped = false;
    uint64_t tasks = size_of_tasks(r, share_of);
    forget_unmapped(&r->use);
    return own_memory(getpid(), false) + size_of_files(r) + tasks;
}
