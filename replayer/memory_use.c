/* Owns the sum over all that takes memory in a replay, and what of /proc is read for it. */
#include "replayer/memory_use.h"

#include "replayer/replay_state.h"
#include "replayer/space_use.h"
#include "replayer/zygote.h"
#include "task/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KIB          1024u
#define BLOCK        512u                  /* of st_blocks */
#define PER_TASK     (32u * KIB)           /* a thread's kernel stack and structures */
#define PER_MAPPING  256u                  /* struct vm_area_struct and its place in the tree */
#define NAMELESS     "/dev/zero (deleted)" /* what the kernel calls such shared memory */
#define MAPPINGS_MAX 65530u                /* of an address space, as a rule: vm.max_map_count */

/* A file that was closed, or shared memory of no file: both may be mapped still. */
struct left_file {
    uint64_t inode, bytes;
    uint64_t size; /* as far as it is known */
    bool is_mapped;
};

void memory_use_begin(struct memory_use *u)
{
    u->no_proc = access("/proc/self/status", R_OK) < 0;
}

void memory_use_done(struct memory_use *u)
{
    size_t pos = 0;
    for (struct left_file *f; (f = map64_next(&u->left, &pos)) != NULL;)
        free(f);
    map64_done(&u->left);
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
    size_t pos = 0;
    for (const struct left_file *f; (f = map64_next(&r->use.left, &pos)) != NULL;)
        sum += f->bytes;
    return sum;
}

/* The entry of a file that was left; NULL: there is no memory for it, which shows soon. */
static struct left_file *entry_of(struct memory_use *u, uint64_t inode)
{
    struct left_file *f = map64_get(&u->left, inode);
    if (f != NULL)
        return f;
    f = calloc(1, sizeof *f);
    if (f == NULL || map64_put(&u->left, inode, f) < 0) {
        free(f);
        return NULL;
    }
    f->inode = inode;
    return f;
}

void memory_use_leave(struct replayer *r, int fd)
{
    uint64_t inode = 0, bytes = size_of_file(fd, &inode);
    struct left_file *f = entry_of(&r->use, inode);
    if (f != NULL)
        f->bytes = f->size = bytes;
}

static void mark_mapped(struct memory_use *u, uint64_t inode)
{
    struct left_file *f = map64_get(&u->left, inode);
    if (f != NULL)
        f->is_mapped = true;
}

/* Those that were not marked since the last time. */
static void forget_unmapped(struct memory_use *u)
{
    size_t pos = 0;
    for (struct left_file *f; (f = map64_next(&u->left, &pos)) != NULL;) {
        if (!f->is_mapped)
            free(map64_take(&u->left, f->inode));
        else
            f->is_mapped = false;
    }
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
    bool counts = false;
    snprintf(path, sizeof path, "/proc/%d/smaps", (int)pid);
    FILE *f = fopen(path, "re");
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        if (sscanf(line, "%*x-%*x %*s %*x %*x:%*x %lu", &inode) == 1) {
            counts = strstr(line, NAMELESS) != NULL;
            mark_mapped(&r->use, inode);
        } else if (counts && sscanf(line, "Pss: %lu", &kib) == 1) {
            sum += kib * KIB;
        }
    }
    if (f != NULL)
        fclose(f);
    return sum;
}

static bool is_nameless(const struct map *m)
{
    return m->shared && strncmp(m->name, NAMELESS, strlen(NAMELESS)) == 0;
}

/* So many bytes of shared memory of no file may have lost their page table entries. */
static void hide(struct memory_use *u, const struct map *m, uint64_t bytes)
{
    struct left_file *f = entry_of(u, m->ino);
    if (f == NULL)
        return;
    uint64_t size = m->offset + (m->end - m->start);
    f->size = f->size > size ? f->size : size;
    f->bytes = f->bytes + bytes < f->size ? f->bytes + bytes : f->size;
}

void memory_use_hide(struct replayer *r, pid_t pid, uint64_t addr, uint64_t len)
{
    static const char *const fields[] = {"RssShmem:"};
    size_t found;
    struct maps maps = {0};
    uint64_t most = sum_of_fields(pid, "status", fields, 1, &found);
    if (most > 0 && maps_read(pid, &maps) == 0)
        for (size_t i = 0; i < maps.n; i++) {
            const struct map *m = &maps.v[i];
            uint64_t start = m->start > addr ? m->start : addr;
            uint64_t end = m->end < addr + len ? m->end : addr + len;
            if (start < end && is_nameless(m))
                hide(&r->use, m, end - start < most ? end - start : most);
        }
    maps_done(&maps);
}

/* ---- tasks ---- */

/* One of the tasks of an address space, which they share. */
struct space {
    pid_t pid;
    const struct space_use *use;
};

struct walk {
    struct replayer *r;
    uint64_t (*measure)(struct replayer *r, const struct space *s);
    struct map64 seen; /* by use */
    uint64_t sum;
};

static void visit(struct walk *w, const struct space *s)
{
    uint64_t key = (uint64_t)(uintptr_t)s->use, n;
    w->sum += PER_TASK;
    if (s->pid <= 0 || s->use == NULL || map64_get(&w->seen, key) != NULL)
        return;
    (void)map64_put(&w->seen, key, w); /* without memory it counts twice */
    n = 2 * space_use_calls(s->use);
    w->sum += (n < MAPPINGS_MAX ? n : MAPPINGS_MAX) * PER_MAPPING + w->measure(w->r, s);
}

static uint64_t size_of_tasks(struct replayer *r,
                              uint64_t (*measure)(struct replayer *r, const struct space *s))
{
    struct walk w = {.r = r, .measure = measure};
    size_t pos = 0;
    for (const struct rtask *t; (t = map64_next(&r->tasks, &pos)) != NULL;)
        visit(&w, &(struct space){t->pid, t->use});
    pos = 0;
    for (const struct unborn *u; (u = map64_next(&r->unborn, &pos)) != NULL;)
        visit(&w, &(struct space){u->pid, u->use});
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
    return r->use.no_proc ? peak_of(r, s->pid) : own_memory(s->pid, space_use_shares(s->use));
}

static uint64_t share_of(struct replayer *r, const struct space *s)
{
    uint64_t sum = own_share(s->pid);
    if (r->use.left.len > 0 || space_use_shares(s->use))
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
    uint64_t tasks = size_of_tasks(r, share_of);
    forget_unmapped(&r->use);
    return own_memory(getpid(), false) + size_of_files(r) + tasks;
}
