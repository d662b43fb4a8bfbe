/* Owns the search by pieces: what begins in the last bytes of one may end in the next. */
#include "code/code_marks.h"

#include "code/room.h"
#include "code/scan.h"

#include <string.h>

#define SEAM                                                                                       \
    sizeof((struct code_marks *)0)->last /* with so many before, a byte is a mark or not           \
                                          */

void code_marks_done(struct code_marks *marks)
{
    free(marks->v);
    *marks = (struct code_marks){0};
}

/* Those that are in the bytes, but for what is known. */
static int add_from(struct code_marks *marks, uint64_t offset, const uint8_t *bytes, size_t len)
{
    for (size_t at = scan_next(bytes, len, 0); at < len; at = scan_next(bytes, len, at + 1)) {
        if (marks->n > 0 && marks->v[marks->n - 1] >= offset + at)
            continue;
        int r = make_room((void **)&marks->v, marks->n, &marks->cap, sizeof *marks->v);
        if (r < 0)
            return r;
        marks->v[marks->n++] = offset + at;
    }
    return 0;
}

static size_t smaller(uint64_t a, size_t b)
{
    return a < b ? (size_t)a : b;
}

int code_marks_read(struct code_marks *marks, const uint8_t *bytes, size_t len)
{
    uint8_t seam[2 * SEAM];
    size_t before = smaller(marks->read, SEAM), behind = smaller(len, SEAM);
    memcpy(seam, marks->last + SEAM - before, before);
    memcpy(seam + before, bytes, behind);
    int r = add_from(marks, marks->read - before, seam, before + behind);
    if (r == 0)
        r = add_from(marks, marks->read, bytes, len);
    size_t kept = smaller(marks->read + len, SEAM);
    memcpy(seam + before, len >= SEAM ? bytes + len - SEAM : bytes, behind);
    memcpy(marks->last + SEAM - kept, seam + before + behind - kept, kept);
    marks->read += len;
    return r;
}

size_t code_marks_first(const struct code_marks *marks, uint64_t offset)
{
    size_t low = 0, high = marks->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (marks->v[mid] < offset)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}
