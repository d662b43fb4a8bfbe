/* Which instructions of a file's code tell of the machine: found once for each content in a
 * recording, wherever and by whomever it is mapped. */
#ifndef REPRISE_RECORDER_KNOWN_CODE_H
#define REPRISE_RECORDER_KNOWN_CODE_H

#include "code/code_finder.h"
#include "recorder/record_state.h"

/* Of a stretch of a blob. */
struct known_code {
    struct blob_id id;
    uint64_t start, len;     /* in the blob */
    struct code_sites sites; /* offsets from `start`; only those that may be rewritten here */
    bool doubts_reads;       /* of something it is not certain that it is rdtsc or rdtscp */
};

/* What is known of the bytes [blob_offset, blob_offset + len) of a blob, which is the content of
 * the file behind `path`, there from `file_offset` on. Looks at it the first time. NULL: it cannot
 * be read. The recorder owns it. */
const struct known_code *known_code_get(struct recorder *r, const char *path,
                                        const struct blob_id *id, uint64_t blob_offset,
                                        uint64_t file_offset, uint64_t len);
void known_code_free(struct recorder *r);

/* Finds out which kinds of instructions are rewritten on this machine: those that do not trap, as
 * far as the CPU has them. Once, at the beginning: to ask the CPU later costs a trap. */
void known_code_choose(struct recorder *r);
/* Whether those of this kind are. */
bool known_code_wants(const struct recorder *r, enum machine_insn_kind kind);

#endif
