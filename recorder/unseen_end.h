/* Ends that pass unseen. */
#ifndef REPRISE_RECORDER_UNSEEN_END_H
#define REPRISE_RECORDER_UNSEEN_END_H

#include "recorder/record_state.h"

/* Now and then: finds holders of a token that have ended without telling, and gives it on. */
void unseen_end_look(struct recorder *r);

#endif
