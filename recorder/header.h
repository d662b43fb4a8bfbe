/* The trace's header. */
#ifndef REPRISE_RECORDER_HEADER_H
#define REPRISE_RECORDER_HEADER_H

#include "recorder/record_state.h"

int header_write(struct recorder *r, const char *program);

#endif
