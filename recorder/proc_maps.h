/* /proc/PID/maps and smaps as a program reads them, where the recorder has taken its code's
 * permission to execute for a while: the program sees the permissions that it has given itself. */
#ifndef REPRISE_RECORDER_PROC_MAPS_H
#define REPRISE_RECORDER_PROC_MAPS_H

#include "recorder/record_state.h"

/* The task has opened a file by this path, of `len` bytes with its end. */
void proc_maps_opened(struct task *t, const uint8_t *path, size_t len, int64_t fd);
/* At the exit stop of read or pread64: what was read may be changed, and its length in regs. */
void proc_maps_read(struct recorder *r, struct task *t, struct user_regs_struct *regs);
void proc_maps_free(struct task *t);

#endif
