/* How numbers, times and strange bytes are shown to people. */
#ifndef REPRISE_TOOLS_TEXT_H
#define REPRISE_TOOLS_TEXT_H

#include "base/buf.h"

#include <stddef.h>
#include <stdint.h>

#define TEXT_MAX 64

/* "812 B", "1.4 MiB" */
void text_size(uint64_t bytes, char out[TEXT_MAX]);
/* "0.013 s", "12.4 s", "3 min 20 s" */
void text_duration(uint64_t ns, char out[TEXT_MAX]);
/* "2024-05-01 17:03:59" in local time */
void text_when(uint64_t unix_ns, char out[TEXT_MAX]);
/* The same in UTC for machines: "2024-05-01T15:03:59.123456789Z" */
void text_when_iso(uint64_t unix_ns, char out[TEXT_MAX]);
/* Of a wait status: "0", "3", "SIGSEGV" */
void text_status(int wait_status, char out[TEXT_MAX]);

/* Appends bytes the way a shell would take them: as they are where nothing is special in them, else
 * quoted; control characters and what is not UTF-8 become \xNN inside $'...'. 0 or -ENOMEM. */
int text_quote(struct buf *b, const void *data, size_t len);

/* Where to cut text that is valid UTF-8 so that it takes at most `columns` characters: its length
 * in bytes then. */
size_t text_cut(const char *text, size_t len, size_t columns);

#endif
