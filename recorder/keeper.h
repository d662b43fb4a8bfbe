/* Who stays with recorded processes when the recorder must go. */
#ifndef REPRISE_RECORDER_KEEPER_H
#define REPRISE_RECORDER_KEEPER_H

/* Hands all tracees of this process to a child in a session of its own, which passes their stops
 * through to their end: without a tracer, the filter of task/call_filter.h would make each of their
 * calls fail. They are stopped and continued on the way (SIGSTOP, SIGCONT). 0, or -errno: they stay
 * with the caller. Call it from the tracing thread. */
int keeper_take_over(void);

#endif
