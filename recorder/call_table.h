/* The plain calls as the code in recorded tasks finds them. */
#ifndef REPRISE_RECORDER_CALL_TABLE_H
#define REPRISE_RECORDER_CALL_TABLE_H

#include "recorder/call_stub.h"

void call_table_make(struct call_table *ret);

#endif
