/* Mends what a reader of traces would refuse at once, so that a change gets to what is behind. */
#ifndef REPRISE_TESTS_ADVERSARY_MEND_H
#define REPRISE_TESTS_ADVERSARY_MEND_H

#include "format/trace.pb-c.h"

/* Makes a message and all within it keep the simplest rules of format/event_check.c: lengths that
 * agree, pages that are aligned, contents told once. */
void mend(ProtobufCMessage *message);

#endif
