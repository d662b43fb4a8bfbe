/* The two forms of `reprise info`. */
#ifndef REPRISE_TOOLS_INFO_H
#define REPRISE_TOOLS_INFO_H

#include "format/trace_reader.h"
#include "replayer/vendor_places.h"
#include "tools/trace_facts.h"

struct info {
    const char *path;
    const struct trace_reader *trace;
    const struct trace_facts *facts;
    const struct vendor_places *places;
};

/* Both print to stdout. 0 or -ENOMEM. */
int info_print_text(const struct info *info);
int info_print_json(const struct info *info);

#endif
