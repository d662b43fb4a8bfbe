/* What a trace tells in sums: calls by what they are and what they are about, and what the trace
 * spends its room on. One walk over the events; memory is bounded by the numbers of tasks and of
 * names. */
#ifndef REPRISE_STAT_STAT_H
#define REPRISE_STAT_STAT_H

#include "base/err.h"
#include "decode/trace_view.h"
#include "stat/stat_table.h"

enum stat_by {
    STAT_BY_SYSCALL = 0,
    STAT_BY_FILE,    /* paths: what was opened, read, written, looked up */
    STAT_BY_PEER,    /* addresses that sockets were connected to or talked to */
    STAT_BY_PROCESS, /* rows are owned by struct walk_process */
    STAT_BY_SIZE,    /* what takes room in the trace: raw, stored, and calls: how often */
    STAT_BY_COUNT,
};

struct trace_stat {
    struct trace_view view; /* at the end of the trace */
    struct stat_table by[STAT_BY_COUNT];
    struct stat_sums total; /* of calls */
    uint64_t events;
    struct err damage; /* code != 0: what is told is what precedes the damage */
};

/* 0, or -ENOMEM and the like. Damage of the trace is no error. */
int stat_gather(struct trace_reader *reader, struct trace_stat *ret, struct err *err);
void stat_done(struct trace_stat *s);

#endif
