/* Owns the length of a recording, from what the reader knows without reading events. */
#include "tools/trace_length.h"

#include "format/chunk.h"

uint64_t trace_length_ns(const struct trace_reader *trace)
{
    const Reprise__Summary *summary = trace_reader_summary(trace);
    if (summary != NULL)
        return summary->duration_ns;
    uint64_t last = 0;
    for (size_t i = 0; i < trace_reader_chunk_count(trace); i++) {
        const Reprise__IndexEntry *chunk = trace_reader_chunk(trace, i);
        if (chunk->kind == CHUNK_EVENTS && chunk->time > last)
            last = chunk->time;
    }
    return last;
}
