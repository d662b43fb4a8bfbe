/* Which events `reprise dump` shows. */
#ifndef REPRISE_TOOLS_DUMP_FILTER_H
#define REPRISE_TOOLS_DUMP_FILTER_H

#include "decode/fd_follow.h"
#include "decode/trace_walk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILTER_CALLS 1024 /* numbers that a set tells apart; the last one: all others */

enum filter_status {
    STATUS_SUCCESSFUL = 1 << 0,
    STATUS_FAILED = 1 << 1,
    STATUS_UNFINISHED = 1 << 2, /* never came back */
    STATUS_UNAVAILABLE = 1 << 3,
    STATUS_DETACHED = 1 << 4,
    STATUS_ALL = 31,
};

struct dump_filter {
    bool calls[FILTER_CALLS];
    uint64_t signals;     /* bit n: signal n; bit 0 is not used */
    unsigned status;      /* enum filter_status */
    uint64_t first, last; /* event numbers */
    size_t n_pids;
    int32_t *pids;
    size_t n_paths;
    char **paths;
};

void dump_filter_init(struct dump_filter *f);
void dump_filter_done(struct dump_filter *f);

/* Each takes the argument of its option. 0; or -EINVAL, -ENOMEM with the user told. */
int dump_filter_expression(struct dump_filter *f, const char *arg); /* -e */
int dump_filter_pid(struct dump_filter *f, const char *arg);        /* -p */
int dump_filter_path(struct dump_filter *f, const char *arg);       /* -P */
int dump_filter_range(struct dump_filter *f, const char *arg);      /* --range */

bool dump_filter_task(const struct dump_filter *f, const struct walk_task *task);
/* Whether a call is shown, as far as its entry tells. */
bool dump_filter_call(const struct dump_filter *f, const struct walk_task *task,
                      const struct walk_call *call, const struct fd_follow *fds);
/* And what became of it. */
bool dump_filter_result(const struct dump_filter *f, const struct walk_call *call);

#endif
