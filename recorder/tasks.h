/* Tasks of a recording: birth, lookup, death of the recorder's own objects. */
#ifndef REPRISE_RECORDER_TASKS_H
#define REPRISE_RECORDER_TASKS_H

#include "recorder/record_state.h"

/* A task with a serial number, without group and space. The recorder owns it. */
struct task *task_new(struct recorder *r, pid_t tid);
struct task *task_find(const struct recorder *r, pid_t tid);
/* The recorder no longer finds it. */
void task_forget(struct recorder *r, struct task *t);
/* The task has another tid from here on (exec by a thread that is no leader). */
void task_rename(struct recorder *r, struct task *t, pid_t tid);
void task_swap_tids(struct recorder *r, struct task *a, struct task *b);

/* The CPUs that the task would run on without the recorder. */
const cpu_set_t *task_affinity(const struct recorder *r, const struct task *t);

#endif
