/* The main loop: one stop after the other. */
#ifndef REPRISE_RECORDER_LOOP_H
#define REPRISE_RECORDER_LOOP_H

#include "recorder/record_state.h"

/* Runs until no recorded task is left, or until the recording is given up. */
void loop_run(struct recorder *r);

#endif
