/* The reader (confine/reader.h) that looks at the code of a trace. Private to replayer/. */
#ifndef REPRISE_REPLAYER_VENDOR_READER_H
#define REPRISE_REPLAYER_VENDOR_READER_H

#include "code/vendor_code.h"
#include "confine/readers.h"
#include "replayer/code_spans.h"

/* As readers_need(). */
int vendor_readers_need(struct readers *r, struct err *err);

/* Counts in spans of one blob, by their starts: each byte once. fd, size: its content, of a file
 * that becomes longer by this. 0, or -errno with err: the reader is of no more use. */
int vendor_reader_count(struct reader *r, int fd, uint64_t size, struct code_span *const *v,
                        size_t n, struct vendor_counts *ret, struct err *err);

#endif
