/* A recording in which nothing moves. */
#ifndef REPRISE_RECORDER_STANDSTILL_H
#define REPRISE_RECORDER_STANDSTILL_H

#include "recorder/record_state.h"

/* wait4 was interrupted: says so, once, if nothing has moved for ten seconds and somebody could. */
void standstill_look(struct recorder *r);
/* Which task waits for which, and what that one does. False: nobody waits for another one. */
bool standstill_describe(const struct recorder *r, char *ret, size_t size);

#endif
