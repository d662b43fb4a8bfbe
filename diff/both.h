/* Two things at a time: there are two traces to be read, and two cores at least. */
#ifndef REPRISE_DIFF_BOTH_H
#define REPRISE_DIFF_BOTH_H

/* Does work(a) and work(b), in parallel where a thread can be had. Both have ended on return. NULL
 * as an argument: there is nothing to do for it. */
void both_do(void (*work)(void *arg), void *a, void *b);

#endif
