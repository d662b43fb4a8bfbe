/* The tree of recorded tasks in struct trace_facts. */
#ifndef REPRISE_TOOLS_FACT_TASK_H
#define REPRISE_TOOLS_FACT_TASK_H

#include "tools/trace_facts.h"

/* Notes births, execs and exits; other events are none of its business. 0 or -ENOMEM. */
int fact_task_event(struct trace_facts *facts, const Reprise__Event *event);

void fact_task_done(struct trace_facts *facts);

#endif
