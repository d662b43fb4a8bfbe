/* The few families of calls that pictures tell apart by colour. */
#ifndef REPRISE_EXPORT_CALL_CLASS_H
#define REPRISE_EXPORT_CALL_CLASS_H

#include "decode/trace_walk.h"

enum call_class {
    CLASS_OTHER = 0,
    CLASS_FILE, /* takes a path */
    CLASS_DESC, /* takes a descriptor */
    CLASS_NETWORK,
    CLASS_MEMORY,
    CLASS_PROCESS,
    CLASS_SIGNAL,
    CLASS_WAIT, /* for time, for other tasks, for descriptors to become ready */
};

enum call_class call_class_of(const struct walk_call *call);
/* "file", "desc" ... */
const char *call_class_name(enum call_class c);

#endif
