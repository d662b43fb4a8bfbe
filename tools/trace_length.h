/* How long the recorded run was. */
#ifndef REPRISE_TOOLS_TRACE_LENGTH_H
#define REPRISE_TOOLS_TRACE_LENGTH_H

#include "format/trace_reader.h"

/* In ns. Of a torn trace: about as far as it goes. */
uint64_t trace_length_ns(const struct trace_reader *trace);

#endif
