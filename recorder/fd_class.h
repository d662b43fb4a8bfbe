/* What the descriptors of a task are, as far as writes to them matter to the recorder. */
#ifndef REPRISE_RECORDER_FD_CLASS_H
#define REPRISE_RECORDER_FD_CLASS_H

#include "recorder/record_state.h"

/* Looks at the recorder's own outputs. Freed with free(r->outputs). */
void fd_class_init(struct recorder *r);
/* A table of descriptors of which nothing is known yet; one that another task shares; none. */
struct fd_table *fd_table_new(void);
struct fd_table *fd_table_ref(struct fd_table *table);
void fd_table_unref(struct fd_table *table);
enum fd_kind fd_class_of(struct recorder *r, struct task *t, uint64_t fd);
/* Whether reading from or writing to it may wait for others. Regular files never let anybody wait,
 * but for those that a program serves (FUSE) or that tell what goes on in the kernel. */
bool fd_class_may_wait(struct recorder *r, struct task *t, uint64_t fd);
/* O_* as open(2) and fcntl(2) set them, or -1. */
int fd_class_flags(const struct task *t, uint64_t fd);
/* Whether it was opened for writing, or nobody can tell. */
bool fd_class_is_writable(const struct task *t, uint64_t fd);
/* How calls on it can be made that nobody looks at. Not at all for files of /proc, terminals, and
 * what was opened with O_DIRECT. Sets *ret_dev for regular files: the device that it is on. */
enum fd_ease { FD_EASE_NONE, FD_EASE_NEVER_WAITS, FD_EASE_MAY_POLL };
enum fd_ease fd_class_ease(struct recorder *r, struct task *t, uint64_t fd, uint64_t *ret_dev);
/* Whether reading regular files on the device that the path is on never waits, and is nothing
 * special. */
bool fd_class_is_plain_device(const char *path, uint64_t *ret_dev);
/* The path below /proc of what the descriptor leads to; 64 bytes will do. */
void fd_class_path(const struct task *t, uint64_t fd, char *buf, size_t size);
/* Whether it leads to a file of /proc, wherever that is mounted. */
bool fd_class_is_of_proc(const struct task *t, uint64_t fd);
/* The current file offset. */
bool fd_class_position(const struct task *t, uint64_t fd, uint64_t *ret);
/* The output that a descriptor leads to: 1, 2 (1 for both where they are one file), or 0. */
int fd_class_output_of(struct recorder *r, struct task *t, uint64_t fd);
/* The task's table changed. */
void fd_class_forget(struct task *t);
/* Notes in the event whether the call wrote to the program's stdout or stderr. */
void fd_class_output(struct recorder *r, struct task *t, Reprise__Syscall *s);

#endif
