/* What /proc tells of a task: the one place that knows how its paths and its texts are built. */
#ifndef REPRISE_TASK_PROC_H
#define REPRISE_TASK_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct proc_path {
    char s[64];
};

/* /proc/TID/NAME. Threads that are no leaders have such a directory, too. */
struct proc_path proc_path(pid_t tid, const char *name);
/* /proc/TID/fd/FD, and the same in fdinfo. */
struct proc_path proc_fd(pid_t tid, int fd);
struct proc_path proc_fdinfo(pid_t tid, int fd);

/* Opens /proc/TID/NAME for reading: a descriptor, or -errno. */
int proc_open(pid_t tid, const char *name);

/* Whether tid is a thread of the process pid. */
bool proc_has_thread(pid_t pid, pid_t tid);

/* Of /proc/TID/stat (proc_pid_stat(5)). False: there is no such task. */
struct proc_stat {
    char state; /* R, S, D, t, Z ... */
    pid_t parent;
    uint64_t start_brk; /* 0 if the kernel does not tell us */
};
bool proc_stat(pid_t tid, struct proc_stat *ret);
/* The state alone; X if there is no such task. */
char proc_state(pid_t tid);

/* What stands behind "KEY:" and blanks in a file of such lines, without the line's end. False:
 * there is no such file or line. */
bool proc_field(struct proc_path file, const char *key, char *ret, size_t size);
/* The same as a number, by strtol(3) with this base; 0 if there is none. */
long proc_number(struct proc_path file, const char *key, int base);

/* The children of a thread that are there now, each handed to `found`. */
void proc_children(pid_t tid, void (*found)(void *ctx, pid_t child), void *ctx);

#endif
