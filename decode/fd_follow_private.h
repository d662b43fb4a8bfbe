/* Shared by the files that make up fd_follow: fd_follow.c, fd_calls.c, fd_path.c. */
#ifndef REPRISE_DECODE_FD_FOLLOW_PRIVATE_H
#define REPRISE_DECODE_FD_FOLLOW_PRIVATE_H

#include "base/map64.h"
#include "decode/fd_follow.h"

/* Descriptor -> object, its lowest bit the close-on-exec flag. Forks share it until one changes
 * it. */
struct fd_slots {
    size_t refs;
    struct map64 map;
};

/* What tasks made with CLONE_FILES share. */
struct fd_table {
    size_t refs;
    struct fd_slots *slots;
};

/* What tasks made with CLONE_FS share. */
struct fd_fs {
    size_t refs;
    char *cwd; /* NULL: not known */
};

struct fd_task {
    struct fd_table *table;
    struct fd_fs *fs;
};

struct fd_follow {
    struct map64 tasks; /* serial -> struct fd_task */
    uint64_t n_objects; /* made so far */
    uint64_t n_pairs;
    size_t n_entries; /* of all tables together */
    char *cwd;        /* where the first task starts */
    bool started;
};

struct fd_object *fd_object_new(struct fd_follow *f, enum fd_kind kind, uint64_t opener);
/* Frees an object that no table has taken. */
void fd_object_drop(struct fd_object *o);
int fd_object_set_path(struct fd_object *o, const void *path, size_t len);

/* Takes a reference; an object that cannot be kept and that nobody else has is freed. */
int fd_table_set(struct fd_follow *f, struct fd_table *t, int fd, struct fd_object *o,
                 bool cloexec);
struct fd_object *fd_table_get(const struct fd_table *t, int fd, bool *ret_cloexec);
int fd_table_clear(struct fd_follow *f, struct fd_table *t, int fd);
int fd_table_clear_range(struct fd_follow *f, struct fd_table *t, uint32_t first, uint32_t last,
                         bool only_cloexec);
int fd_table_mark_cloexec(struct fd_follow *f, struct fd_table *t, uint32_t first, uint32_t last,
                          bool on);
int fd_task_unshare(struct fd_follow *f, struct fd_task *t, uint64_t flags);

/* A call that is done. */
int fd_calls_event(struct fd_follow *f, struct fd_task *t, const struct walk_event *event);

#endif
