/* The program's output, shown again. */
#ifndef REPRISE_REPLAYER_OUTPUT_H
#define REPRISE_REPLAYER_OUTPUT_H

#include "replayer/replay_state.h"

/* The call, whose handed bytes the task keeps, wrote to the program's stdout or stderr. */
int output_show(struct replayer *r, const struct rtask *t, const Reprise__Syscall *s);

#endif
