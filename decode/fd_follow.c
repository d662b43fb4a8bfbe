/* Owns the tables of descriptors of all processes and what becomes of them at birth, exec and
 * exit. What single calls do to a table is fd_calls.c's. */
#include "decode/fd_follow_private.h"

#include <errno.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>

/* All tables together may have so many entries; what is opened beyond is unknown. */
#define ENTRIES_MAX ((size_t)4 << 20)

#define CLOEXEC_BIT ((uintptr_t)1)

static struct fd_object *object_of(const void *slot)
{
    return (struct fd_object *)((uintptr_t)slot & ~CLOEXEC_BIT);
}

static void object_unref(struct fd_object *o)
{
    if (o == NULL || --o->refs > 0)
        return;
    free((char *)o->path);
    free(o);
}

struct fd_object *fd_object_new(struct fd_follow *f, enum fd_kind kind, uint64_t opener)
{
    struct fd_object *o = calloc(1, sizeof *o);
    if (o == NULL)
        return NULL;
    o->id = ++f->n_objects;
    o->kind = kind;
    o->opener = opener;
    return o;
}

void fd_object_drop(struct fd_object *o)
{
    if (o != NULL && o->refs == 0) {
        o->refs = 1;
        object_unref(o);
    }
}

int fd_object_set_path(struct fd_object *o, const void *path, size_t len)
{
    char *copy = malloc(len + 1);
    if (copy == NULL)
        return -ENOMEM;
    if (len > 0)
        memcpy(copy, path, len);
    copy[len] = '\0';
    free((char *)o->path);
    o->path = copy;
    return 0;
}

/* ---- tables ---- */

static void slots_unref(struct fd_follow *f, struct fd_slots *s)
{
    if (s == NULL || --s->refs > 0)
        return;
    size_t pos = 0;
    for (void *slot; (slot = map64_next(&s->map, &pos)) != NULL;) {
        object_unref(object_of(slot));
        f->n_entries--;
    }
    map64_done(&s->map);
    free(s);
}

static void table_unref(struct fd_follow *f, struct fd_table *t)
{
    if (t == NULL || --t->refs > 0)
        return;
    slots_unref(f, t->slots);
    free(t);
}

static struct fd_table *table_new(struct fd_slots *slots)
{
    struct fd_table *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    t->refs = 1;
    t->slots = slots != NULL ? slots : calloc(1, sizeof *t->slots);
    if (t->slots == NULL) {
        free(t);
        return NULL;
    }
    t->slots->refs++;
    return t;
}

/* Gives the table slots of its own, if it shares them with a fork's. */
static int unshare_slots(struct fd_follow *f, struct fd_table *t)
{
    if (t->slots->refs == 1)
        return 0;
    struct fd_slots *own = calloc(1, sizeof *own);
    if (own == NULL)
        return -ENOMEM;
    own->refs = 1;
    size_t pos = 0;
    for (const struct map64_slot *s; (s = map64_next_slot(&t->slots->map, &pos)) != NULL;) {
        if (f->n_entries >= ENTRIES_MAX)
            continue;
        if (map64_put(&own->map, s->key, s->value) < 0) {
            slots_unref(f, own);
            return -ENOMEM;
        }
        object_of(s->value)->refs++;
        f->n_entries++;
    }
    slots_unref(f, t->slots);
    t->slots = own;
    return 0;
}

int fd_table_set(struct fd_follow *f, struct fd_table *t, int fd, struct fd_object *o, bool cloexec)
{
    if (fd < 0) {
        fd_object_drop(o);
        return 0;
    }
    int r = fd_table_clear(f, t, fd);
    if (r == 0 && f->n_entries < ENTRIES_MAX)
        r = map64_put(&t->slots->map, (uint64_t)fd,
                      (void *)((uintptr_t)o | (cloexec ? CLOEXEC_BIT : 0)));
    else {
        fd_object_drop(o);
        return r;
    }
    if (r < 0) {
        fd_object_drop(o);
        return r;
    }
    o->refs++;
    f->n_entries++;
    return 0;
}

struct fd_object *fd_table_get(const struct fd_table *t, int fd, bool *ret_cloexec)
{
    void *slot = fd >= 0 ? map64_get(&t->slots->map, (uint64_t)fd) : NULL;
    if (ret_cloexec != NULL)
        *ret_cloexec = ((uintptr_t)slot & CLOEXEC_BIT) != 0;
    return object_of(slot);
}

int fd_table_clear(struct fd_follow *f, struct fd_table *t, int fd)
{
    int r = unshare_slots(f, t);
    if (r < 0 || fd < 0)
        return r;
    void *slot = map64_take(&t->slots->map, (uint64_t)fd);
    if (slot != NULL) {
        object_unref(object_of(slot));
        f->n_entries--;
    }
    return 0;
}

int fd_table_clear_range(struct fd_follow *f, struct fd_table *t, uint32_t first, uint32_t last,
                         bool only_cloexec)
{
    int r = unshare_slots(f, t);
    size_t pos = 0;
    for (const struct map64_slot *s;
         r == 0 && (s = map64_next_slot(&t->slots->map, &pos)) != NULL;) {
        if (s->key < first || s->key > last)
            continue;
        if (!only_cloexec || ((uintptr_t)s->value & CLOEXEC_BIT) != 0)
            r = fd_table_clear(f, t, (int)s->key);
    }
    return r;
}

int fd_table_mark_cloexec(struct fd_follow *f, struct fd_table *t, uint32_t first, uint32_t last,
                          bool on)
{
    int r = unshare_slots(f, t);
    size_t pos = 0;
    for (struct map64_slot *s; r == 0 && (s = map64_next_slot(&t->slots->map, &pos)) != NULL;) {
        if (s->key < first || s->key > last)
            continue;
        s->value = (void *)(((uintptr_t)s->value & ~CLOEXEC_BIT) | (on ? CLOEXEC_BIT : 0));
    }
    return r;
}

/* ---- tasks ---- */

static void fs_unref(struct fd_fs *fs)
{
    if (fs == NULL || --fs->refs > 0)
        return;
    free(fs->cwd);
    free(fs);
}

static struct fd_fs *fs_new(const char *cwd)
{
    struct fd_fs *fs = calloc(1, sizeof *fs);
    if (fs == NULL)
        return NULL;
    fs->refs = 1;
    if (cwd != NULL && (fs->cwd = strdup(cwd)) == NULL) {
        free(fs);
        return NULL;
    }
    return fs;
}

static void task_free(struct fd_follow *f, struct fd_task *t)
{
    if (t == NULL)
        return;
    table_unref(f, t->table);
    fs_unref(t->fs);
    free(t);
}

/* `parent` may be NULL. */
static struct fd_task *task_new(struct fd_follow *f, uint32_t serial, const struct fd_task *parent,
                                uint64_t clone_flags)
{
    struct fd_task *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    if (parent != NULL && (clone_flags & CLONE_FILES) != 0) {
        t->table = parent->table;
        t->table->refs++;
    } else {
        t->table = table_new(parent != NULL ? parent->table->slots : NULL);
    }
    if (parent != NULL && (clone_flags & CLONE_FS) != 0) {
        t->fs = parent->fs;
        t->fs->refs++;
    } else {
        t->fs = fs_new(parent != NULL ? parent->fs->cwd : NULL);
    }
    if (t->table == NULL || t->fs == NULL || map64_put(&f->tasks, serial, t) < 0) {
        task_free(f, t);
        return NULL;
    }
    return t;
}

int fd_task_unshare(struct fd_follow *f, struct fd_task *t, uint64_t flags)
{
    if ((flags & CLONE_FILES) != 0 && t->table->refs > 1) {
        struct fd_table *own = table_new(t->table->slots);
        if (own == NULL)
            return -ENOMEM;
        table_unref(f, t->table);
        t->table = own;
    }
    if ((flags & (CLONE_FS | CLONE_NEWNS)) != 0 && t->fs->refs > 1) {
        struct fd_fs *own = fs_new(t->fs->cwd);
        if (own == NULL)
            return -ENOMEM;
        fs_unref(t->fs);
        t->fs = own;
    }
    return 0;
}

/* The table survives in other tasks that share it; the descriptors to be closed at exec go. */
static int at_exec(struct fd_follow *f, struct fd_task *t)
{
    int r = fd_task_unshare(f, t, CLONE_FILES);
    return r == 0 ? fd_table_clear_range(f, t->table, 0, UINT32_MAX, true) : r;
}

static void at_exit(struct fd_follow *f, const struct walk_event *event)
{
    task_free(f, map64_take(&f->tasks, event->task->serial));
}

static struct fd_task *task_of(struct fd_follow *f, const struct walk_event *event)
{
    const struct walk_task *t = event->task;
    struct fd_task *known = map64_get(&f->tasks, t->serial);
    if (known != NULL)
        return known;
    const struct fd_task *parent =
        t->parent != NULL ? map64_get(&f->tasks, t->parent->serial) : NULL;
    known = task_new(f, t->serial, parent, t->clone_flags);
    if (known != NULL && parent == NULL && t->parent == NULL && f->cwd != NULL && !f->started) {
        f->started = true;
        known->fs->cwd = strdup(f->cwd);
        if (known->fs->cwd == NULL)
            return NULL;
    }
    return known;
}

/* ---- the whole ---- */

int fd_follow_new(const Reprise__Header *header, struct fd_follow **ret)
{
    struct fd_follow *f = calloc(1, sizeof *f);
    if (f == NULL)
        return -ENOMEM;
    if (header != NULL && header->cwd.len > 0) {
        f->cwd = strndup((const char *)header->cwd.data, header->cwd.len);
        if (f->cwd == NULL) {
            free(f);
            return -ENOMEM;
        }
    }
    *ret = f;
    return 0;
}

void fd_follow_free(struct fd_follow *f)
{
    if (f == NULL)
        return;
    size_t pos = 0;
    for (void *t; (t = map64_next(&f->tasks, &pos)) != NULL;)
        task_free(f, t);
    map64_done(&f->tasks);
    free(f->cwd);
    free(f);
}

int fd_follow_event(struct fd_follow *f, const struct walk_event *event)
{
    if (event->kind == REPRISE__EVENT__BODY_EXIT) {
        at_exit(f, event);
        return 0;
    }
    if (event->kind != REPRISE__EVENT__BODY_BIRTH && event->kind != REPRISE__EVENT__BODY_EXEC &&
        event->call == NULL)
        return 0;
    struct fd_task *t = task_of(f, event);
    if (t == NULL)
        return -ENOMEM;
    if (event->kind == REPRISE__EVENT__BODY_EXEC)
        return at_exec(f, t);
    if (event->call != NULL && event->call->done)
        return fd_calls_event(f, t, event);
    return 0;
}

const struct fd_object *fd_follow_get(const struct fd_follow *f, const struct walk_task *task,
                                      int fd)
{
    const struct fd_task *t = map64_get(&f->tasks, task->serial);
    return t != NULL ? fd_table_get(t->table, fd, NULL) : NULL;
}

const char *fd_follow_cwd(const struct fd_follow *f, const struct walk_task *task)
{
    const struct fd_task *t = map64_get(&f->tasks, task->serial);
    return t != NULL ? t->fs->cwd : NULL;
}
