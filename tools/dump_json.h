/* `reprise dump --json`: one object a line, see doc/DUMP.md. */
#ifndef REPRISE_TOOLS_DUMP_JSON_H
#define REPRISE_TOOLS_DUMP_JSON_H

#include "decode/call_text.h"
#include "tools/dump_print.h"

#define DUMP_JSON_VERSION 1

/* Prints the event, whose effect on descriptors is taken in between `before` and `after`: text of
 * arguments is made before, of results after. 0 or -ENOMEM. */
struct dump_json;
int dump_json_new(const struct dump_options *options, struct trace_walk *walk,
                  const struct fd_follow *fds, struct dump_out *out, struct dump_json **ret);
void dump_json_free(struct dump_json *j);
int dump_json_before(struct dump_json *j, const struct walk_event *ev);
int dump_json_after(struct dump_json *j, const struct walk_event *ev);
void dump_json_skip(struct dump_json *j, uint64_t number);

#endif
