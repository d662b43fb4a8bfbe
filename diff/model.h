/* A trace as it is walked: tasks by their tokens, what their descriptors and addresses stand for,
 * and the words that name something of this run. */
#ifndef REPRISE_DIFF_MODEL_H
#define REPRISE_DIFF_MODEL_H

#include "decode/fd_follow.h"
#include "decode/trace_walk.h"
#include "diff/addr_space.h"
#include "diff/census.h"
#include "diff/field_rules.h"
#include "diff/words.h"

#define MODEL_CLOCKS 16

struct model_task {
    const struct census_task *who;
    size_t index; /* in the census */
    struct addr_space *space;
    uint32_t n_objects, n_temps; /* made so far */
};

struct model {
    const struct census *census;
    const struct field_rules *rules;
    struct trace_walk *walk;
    struct fd_follow *fds;
    struct words words;
    struct addr_space_files files;
    struct model_task *tasks; /* as in the census */
    struct map64 objects;     /* id of an fd_object -> its token */
    struct map64 by_tid;      /* -> struct model_task that has it now */
    bool clock_known[MODEL_CLOCKS];
    int64_t clock_base[MODEL_CLOCKS]; /* ns from the trace's own clock to this one */
    struct walk_event event;          /* the current one */
    bool has_event;
};

/* The census, the rules and the reader stay the caller's. 0 or -errno with err. */
int model_open(struct trace_reader *trace, const struct census *census,
               const struct field_rules *rules, struct model *ret, struct err *err);
void model_done(struct model *m);

/* 1: the next event is in m->event, with descriptors and addresses as they were before it;
 * 0: the end; -errno. */
int model_next(struct model *m, struct err *err);

/* Takes in what the current event does to addresses and words; to be called once for each event.
 * Descriptors follow with the next model_next(). -ENOMEM. */
int model_apply(struct model *m);

struct model_task *model_task_of(struct model *m, const struct walk_event *ev);

/* Of a descriptor of the task: a number that is the same in every run. */
uint64_t model_fd_token(struct model *m, const struct walk_task *task, int fd);
uint64_t model_tid_token(const struct model *m, int32_t tid);
uint64_t model_path_token(const struct model *m, const void *path, size_t len);

#endif
