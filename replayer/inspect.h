/* What the tasks of a replay look like between two steps. */
#ifndef REPRISE_REPLAYER_INSPECT_H
#define REPRISE_REPLAYER_INSPECT_H

#include "replayer/replayer.h"

#include <sys/types.h>
#include <sys/user.h>

struct replay_task {
    uint32_t serial;  /* as in the trace */
    int32_t pid;      /* of the thread, as recorded */
    const char *name; /* of the program; the replayer's */
    bool in_call;     /* within a system call, of which only the entry has been replayed */
    pid_t process;    /* that stands for it here; 0: none before its first exec */
};

/* The tasks that live, in no order. *pos is 0 at first. False: there are no more. */
bool replay_next_task(const struct replayer *r, size_t *pos, struct replay_task *ret);

/* The task's registers: those that the program has there. 0; -ESRCH: it has no process; or -errno.
 */
int replay_get_regs(struct replayer *r, uint32_t serial, struct user_regs_struct *ret,
                    struct err *err);

/* Reads memory of a task, as the program would see it: no code is redirected in it. Returns how
 * many bytes from `addr` on could be read, or -errno. */
long replay_read(struct replayer *r, uint32_t serial, uint64_t addr, void *buf, size_t len,
                 struct err *err);

#endif
