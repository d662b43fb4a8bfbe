/* Runs over a trace and prints it, once or for as long as it grows. */
#ifndef REPRISE_TOOLS_DUMP_FOLLOW_H
#define REPRISE_TOOLS_DUMP_FOLLOW_H

#include "base/err.h"
#include "tools/dump_print.h"

/* Prints events behind number *shown, which goes on to the last one printed. 0; -EPIPE: it cannot
 * be written, as out->error tells; other -errno as err tells. */
int dump_trace(const struct dump_options *options, struct trace_reader *trace, struct dump_out *out,
               uint64_t *shown, struct err *err);

/* The same again and again until the recording has ended. *ret_torn: whether it ended well. */
int dump_follow(const struct dump_options *options, const char *path, struct dump_out *out,
                bool *ret_torn, struct err *err);

#endif
