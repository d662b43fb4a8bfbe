/* Where the kernel has a task. */
#ifndef REPRISE_RECORDER_KERNEL_STATE_H
#define REPRISE_RECORDER_KERNEL_STATE_H

#include <sys/types.h>

/* The third field of /proc/PID/stat (proc(5)): 'R' runs, 'S' sleeps, 'Z' has ended ... 'X' if there
 * is no such task. */
char kernel_state_of(pid_t tid);

#endif
