/* The machines as a cause of a failed replay. */
#ifndef REPRISE_REPLAYER_BLAME_H
#define REPRISE_REPLAYER_BLAME_H

#include "replayer/replayer.h"

/* A replay has failed with err: appends how the machine of the trace and this one differ, if they
 * do and that can be why. */
void blame_machines(const struct replayer_options *options, struct err *err);

#endif
