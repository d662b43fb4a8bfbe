/* Owns what a call does to the memory of other tasks than its own: which groups become one, and the
 * events in the streams of others. */
#include "recorder/foreign_memory.h"

#include "recorder/call_facts.h"
#include "recorder/code_watch.h"
#include "recorder/fd_class.h"
#include "recorder/files.h"
#include "recorder/group.h"
#include "recorder/mapped_files.h"
#include "recorder/poke.h"
#include "recorder/shared_objects.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* ---- groups become one ---- */

/* True: the task has the token of the group. */
static bool merge_into(struct recorder *r, struct task *t, struct group *into)
{
    group_merge(r, t->group, into, t);
    if (into->holder == NULL)
        into->holder = t;
    return into->holder == t;
}

/* The object that a descriptor leads to, or NULL. */
static struct shared_object *object_of_fd(struct recorder *r, const struct task *t, uint64_t fd)
{
    char link[64];
    struct stat st;
    fd_class_path(t, fd, link, sizeof link);
    return stat(link, &st) == 0 ? shared_objects_find(r, st.st_dev, st.st_ino) : NULL;
}

bool foreign_memory_join_at_exit(struct recorder *r, struct task *t)
{
    const struct call *c = &t->call;
    if (c->row == NULL || c->call.result < 0 || c->answered || shared_objects_empty(r))
        return true;
    struct shared_object *o = NULL;
    bool writes = false;
    if (call_maps_shared_file(c)) {
        o = object_of_fd(r, t, c->call.args[4]);
        writes = o != NULL && (o->writable || fd_class_is_writable(t, c->call.args[4]));
    } else if (c->row->mem == MEM_SHMAT) {
        o = shared_objects_find(r, UINT64_MAX, c->call.args[0]);
        writes = o != NULL;
    }
    if (o == NULL || !writes || o->group == NULL || o->group == t->group ||
        merge_into(r, t, o->group))
        return true;
    group_wait_for_token(r, t, DUE_EXIT);
    return false;
}

static bool maps_file(struct recorder *r, const struct task *t, const struct stat *st)
{
    if (maps_read(t->tid, &r->maps) < 0)
        return false;
    for (size_t i = 0; i < r->maps.n; i++)
        if (r->maps.v[i].ino == st->st_ino && r->maps.v[i].dev == st->st_dev)
            return true;
    return false;
}

/* A group other than the task's own in which the file is mapped, or NULL. */
static struct group *group_that_maps(struct recorder *r, const struct task *t,
                                     const struct stat *st)
{
    struct shared_object *o = shared_objects_find(r, st->st_dev, st->st_ino);
    if (o != NULL && o->group != NULL && o->group != t->group)
        return o->group;
    size_t pos = 0;
    for (struct task *other; (other = map64_next(&r->tasks, &pos)) != NULL;)
        if (other->group != t->group && other->group != NULL && maps_file(r, other, st))
            return other->group;
    return NULL;
}

pid_t foreign_memory_owner(const struct task *t, uint64_t fd)
{
    char link[64], name[64];
    int pid;
    fd_class_path(t, fd, link, sizeof link);
    ssize_t len = readlink(link, name, sizeof name - 1);
    if (len <= 0)
        return 0;
    name[len] = '\0';
    return sscanf(name, "/proc/%d/", &pid) == 1 ? pid : 0;
}

/* A group other than the task's own into whose memory the call may write, or NULL. */
static struct group *group_to_be_written(struct recorder *r, struct task *t)
{
    const struct call *c = &t->call;
    const uint64_t *args = c->call.args;
    struct stat st;
    pid_t pid = 0;
    if (c->row->mem == MEM_FILE_WRITE) {
        enum fd_kind kind = fd_class_of(r, t, args[c->row->out_fd]);
        if (kind == FD_MAPPED_FILE)
            return mapped_files_of_call(t, &st) ? group_that_maps(r, t, &st) : NULL;
        pid = kind == FD_PROC_MEM ? foreign_memory_owner(t, args[c->row->out_fd]) : 0;
    } else if (c->row->mem == MEM_FILE_SIZE) {
        return mapped_files_may_resize(t) && mapped_files_of_call(t, &st) &&
                       files_is_mapped(r, st.st_dev, st.st_ino)
                   ? group_that_maps(r, t, &st)
                   : NULL;
    } else if (c->row->io.moves == MOVES_TO_TASK) {
        pid = (pid_t)args[0];
    }
    struct task *target = pid != 0 ? map64_get(&r->tasks, (uint64_t)pid) : NULL;
    /* a debugger stops its tracee before it writes there, and that is a place that replay finds */
    bool held = target != NULL && target->traced != NULL;
    return target != NULL && !held && target->group != t->group ? target->group : NULL;
}

bool foreign_memory_join_at_entry(struct recorder *r, struct task *t)
{
    const struct call *c = &t->call;
    if (c->row == NULL || c->answered || r->n_alive < 2)
        return true;
    for (struct group *g; (g = group_to_be_written(r, t)) != NULL;)
        if (!merge_into(r, t, g)) {
            group_wait_for_token(r, t, DUE_ENTRY);
            return false;
        }
    return true;
}

/* ---- events for others ---- */

static void poke(struct recorder *r, struct task *t, pid_t pid, uint64_t addr, uint64_t len)
{
    struct task *target = map64_get(&r->tasks, (uint64_t)pid);
    if (target == NULL || target->space == t->space || target->state == TASK_DYING)
        return; /* not recorded, or told as written by the call itself */
    code_watch_written(r, target, addr, len);
    poke_memory(r, target, addr, len);
}

/* Other processes may have the written file mapped privately: their untouched pages show it. */
static void poke_private_mappings(struct recorder *r, struct task *t)
{
    uint64_t fd = t->call.call.args[t->call.row->out_fd], start, end;
    struct stat st;
    if (fd_class_of(r, t, fd) != FD_MAPPED_FILE || !mapped_files_of_call(t, &st) ||
        shared_objects_find(r, st.st_dev, st.st_ino) != NULL ||
        !mapped_files_written_range(t, &start, &end))
        return;
    size_t pos = 0;
    for (struct task *other; (other = map64_next(&r->tasks, &pos)) != NULL;) {
        if (other->space == t->space || maps_read(other->tid, &r->maps) < 0)
            continue;
        for (size_t i = 0; i < r->maps.n; i++) {
            const struct map *m = &r->maps.v[i];
            uint64_t map_end = m->offset + (m->end - m->start);
            if (m->ino != st.st_ino || m->dev != st.st_dev || m->shared || end <= m->offset ||
                start >= map_end)
                continue;
            uint64_t from = start > m->offset ? start : m->offset;
            uint64_t to = end < map_end ? end : map_end;
            poke(r, t, other->tid, m->start + (from - m->offset), to - from);
        }
    }
}

/* A stretch of memory that a call wrote by pid. */
struct foreign {
    pid_t pid;
    uint64_t addr, len;
};

static size_t foreign_ranges(struct recorder *r, struct task *t, struct foreign *v, size_t cap)
{
    const struct call *c = &t->call;
    const uint64_t *args = c->call.args;
    uint64_t left = (uint64_t)c->call.result;
    size_t n = 0;
    if (c->row->io.moves == MOVES_TO_TASK) {
        struct iovec iov[64];
        size_t count = args[4] < 64 ? (size_t)args[4] : 64;
        if (tracee_read_all(t->tid, args[3], iov, count * sizeof *iov) < 0)
            return 0;
        for (size_t i = 0; i < count && left > 0 && n < cap; i++) {
            uint64_t len = iov[i].iov_len < left ? iov[i].iov_len : left;
            v[n++] = (struct foreign){(pid_t)args[0], (uint64_t)iov[i].iov_base, len};
            left -= len;
        }
    } else if (c->row->mem == MEM_FILE_WRITE &&
               fd_class_of(r, t, args[c->row->out_fd]) == FD_PROC_MEM) {
        uint64_t start, end;
        pid_t pid = foreign_memory_owner(t, args[c->row->out_fd]);
        if (pid != 0 && mapped_files_written_range(t, &start, &end))
            v[n++] = (struct foreign){pid, start, end - start};
    }
    return n;
}

void foreign_memory_poke(struct recorder *r, struct task *t)
{
    const struct call *c = &t->call;
    if (c->row == NULL || c->answered || c->call.result <= 0 ||
        (c->row->mem != MEM_OTHER_TASK && c->row->mem != MEM_FILE_WRITE))
        return;
    struct foreign v[64];
    size_t n = foreign_ranges(r, t, v, 64);
    for (size_t i = 0; i < n; i++)
        poke(r, t, v[i].pid, v[i].addr, v[i].len);
    if (c->row->mem == MEM_FILE_WRITE)
        poke_private_mappings(r, t);
}

/* What such a call wrote into the caller itself. */
void foreign_memory_add_own(struct recorder *r, struct task *t, struct emit_list *out)
{
    struct foreign v[64];
    size_t n = foreign_ranges(r, t, v, 64);
    for (size_t i = 0; i < n; i++) {
        struct task *target = map64_get(&r->tasks, (uint64_t)v[i].pid);
        Reprise__Range *range = NULL;
        if (target != NULL && target->space == t->space) {
            code_watch_written(r, t, v[i].addr, v[i].len);
            range = emit_memory(r, t->tid, v[i].addr, v[i].len);
        }
        if (range != NULL)
            emit_push(r, out, range);
    }
}
