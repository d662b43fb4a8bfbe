/* /proc/PID/status as it would be without the recorder. */
#ifndef REPRISE_RECORDER_PROC_STATUS_H
#define REPRISE_RECORDER_PROC_STATUS_H

#include "recorder/record_state.h"

/* A path, with its NUL, was opened by open or openat. */
void proc_status_opened(struct task *t, const uint8_t *path, size_t len, int64_t fd);
/* At the exit stop of read or pread64 by a task that has opened such a file: replaces what was
 * read, and the result in *regs. */
void proc_status_read(struct recorder *r, struct task *t, struct user_regs_struct *regs);
void proc_status_free(struct task *t);

#endif
