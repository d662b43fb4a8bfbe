/* Memory that waiting calls write to in the place of the program's own.
 *
 * A call that may wait is made without the token. What the kernel writes for it would be seen by
 * the tasks that run meanwhile, at a moment that nobody logs. So the call is given other buffers,
 * in memory of the task that the program does not know; what was written there is copied to where
 * the program wanted it when the task has the token again and the exit is logged. */
#ifndef REPRISE_RECORDER_SCRATCH_H
#define REPRISE_RECORDER_SCRATCH_H

#include "recorder/record_state.h"

enum scratch_outcome {
    SCRATCH_NONE,  /* the call goes on with the program's own buffers */
    SCRATCH_DONE,  /* it has others now */
    SCRATCH_AGAIN, /* memory had to be made first: the task was resumed and will enter again */
};

/* The task is at an entry stop that its own tracer has not seen: makes memory for calls to come, as
 * a call that was shown cannot be entered again. False: it was resumed and will enter again. */
bool scratch_provide(struct recorder *r, struct task *t);
/* The task is at the entry stop of a call that gives up the token. */
enum scratch_outcome scratch_redirect(struct recorder *r, struct task *t);
/* The task is at the entry stop of the same call, which an interruption had stopped. */
void scratch_redirect_again(struct task *t);
/* The task's memory as the call left it: reads what the call wrote from where it wrote it. */
struct syscall_memory scratch_memory(struct task *t);
/* Writes what the call answers to where the call, not the program, wants it. */
void scratch_write(struct task *t, uint64_t addr, const void *data, size_t len);
/* At an exit stop with a result that user code will not see: the registers are the program's. */
void scratch_interrupted(struct task *t, struct user_regs_struct *regs);
/* With the token, at the exit stop: copies what the call wrote to where the program wanted it, and
 * makes registers the program's again. A buffer that cannot be written makes the result -EFAULT. */
void scratch_finish(struct task *t, struct user_regs_struct *regs);

/* Gives the task memory of so many bytes in t->scratch, if there is some in its space. */
bool scratch_take(struct task *t, uint64_t len);
/* The task no longer uses its memory. Before it leaves its space. */
void scratch_give_back(struct task *t);
/* The program is about to unmap a stretch, to map something else there or to protect it: scratch
 * memory there is the program's from now on. */
void scratch_forget(struct task *t, uint64_t addr, uint64_t len);
/* Whether an address lies in scratch memory, which is no memory of the program's. */
bool scratch_contains(const struct task *t, uint64_t addr);

#endif
