/* Places in a file where an instruction that tells of the machine may be, found while the file is
 * read for another purpose. Whoever looks at its code later needs only the bytes around them. */
#ifndef REPRISE_CODE_CODE_MARKS_H
#define REPRISE_CODE_CODE_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed is empty, and looks everywhere. */
struct code_marks {
    uint64_t *v; /* offsets, ascending */
    size_t n, cap;
    bool is_limited; /* to [from, to) */
    uint64_t from, to;
    uint64_t read;   /* bytes so far */
    uint8_t last[2]; /* of them */
};
void code_marks_done(struct code_marks *marks);

/* Before anything is read: only what lies in [from, to) is looked for. */
void code_marks_limit(struct code_marks *marks, uint64_t from, uint64_t to);

/* Takes the next piece, which begins at `marks->read`. 0 or -ENOMEM. */
int code_marks_read(struct code_marks *marks, const uint8_t *bytes, size_t len);

/* Whether all of [offset, offset + len) was looked at, if it was read. */
bool code_marks_cover(const struct code_marks *marks, uint64_t offset, uint64_t len);

/* The number of the first one that is not before the offset. */
size_t code_marks_first(const struct code_marks *marks, uint64_t offset);

#endif
