/* The few families of calls that pictures tell apart by colour. */
#ifndef REPRISE_EXPORT_CALL_CLASS_H
#define REPRISE_EXPORT_CALL_CLASS_H

#include "decode/trace_walk.h"

enum syscall_about call_class_of(const struct walk_call *call);
/* "file", "desc" ... */
const char *call_class_name(enum syscall_about c);

#endif
