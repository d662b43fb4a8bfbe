/* Takes away, one by one, what keeps a replayed trace from doing harm: whoever watches must see it
 * then. Nothing of the replayer is built otherwise for this: its calls of ptrace(2) are changed
 * (--wrap=ptrace). */
#ifndef REPRISE_TESTS_ADVERSARY_WEAKEN_H
#define REPRISE_TESTS_ADVERSARY_WEAKEN_H

#include <stdbool.h>

/* A list of: "emulation": what was to be resumed by PTRACE_SYSEMU is resumed without it;
 * "sandbox": the filter is not installed; "waking": it is not resumed at all; "life": the replayer
 * dies instead; "manners": it makes a directory itself. */
bool weaken_choose(const char *list);

bool weaken_is_chosen(void);

/* From here on, in this process. */
void weaken_begin(void);

#endif
