/* What a replay may use up: memory, processes, and the bytes of the program that it shows. A small
 * trace can ask for any amount of each. Passing a budget ends the replay with a message that names
 * it, the event at hand and the option that allows more: these return -EDQUOT then, and the replay
 * is broken whatever is made of that. */
#ifndef REPRISE_REPLAYER_BUDGET_H
#define REPRISE_REPLAYER_BUDGET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

struct replayer;

struct budget {
    uint64_t memory, output; /* bytes */
    uint64_t tasks;          /* at the same time */
    uint64_t shown;          /* of output */
    uint64_t used;           /* of memory, when it was looked at last ... */
    uint64_t filled;         /* ... bytes that the replayer has written to memory since ... */
    uint64_t fill_least;     /* ... so many are too few to look again ... */
    uint64_t next_look_ns;   /* ... and when to look again whatever they are */
    struct rlimit old_data;  /* RLIMIT_DATA of the replayer: its own heap is bounded by that */
};

/* Takes what the options say, or what is sensible here. */
void budget_begin(struct replayer *r);
void budget_end(struct replayer *r);

/* An allocation of the replayer's has failed, and err says so: adds why that may be. */
void budget_tell(struct replayer *r);

/* Looks at the memory in use if it is time to. Costs nothing else: to be called wherever a task may
 * have run. */
int budget_look(struct replayer *r);
/* So many bytes of memory are about to be filled, by 64 MiB at most, or asked for. */
int budget_fill(struct replayer *r, uint64_t bytes);
/* A buffer of so many bytes is needed. */
int budget_allocate(struct replayer *r, uint64_t bytes);
/* A task is about to be made. */
int budget_add_task(struct replayer *r);
/* So many bytes are about to be shown. *ret_allowed: of these; fewer with -EDQUOT. */
int budget_show(struct replayer *r, size_t bytes, size_t *ret_allowed);

#endif
