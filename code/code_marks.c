/* Owns the search by pieces: what begins in the last bytes of one may end in the next. */
#include "code/code_marks.h"

#include "code/room.h"
#include "code/scan.h"

#include <string.h>

/* With so many behind it, a byte is a mark or not. */
#define SEAM sizeof((struct code_marks *)0)->last

void code_marks_done(struct code_marks *marks)
{
    free(marks->v);
    *marks = (struct code_marks){0};
}

void code_marks_limit(struct code_marks *marks, uint64_t from, uint64_t to)
{
    marks->is_limited = true;
    marks->from = from;
    marks->to = to;
}

bool code_marks_cover(const struct code_marks *marks, uint64_t offset, uint64_t len)
{
    return !marks->is_limited ||
           (offset >= marks->from && offset <= marks->to && len <= marks->to - offset);
}

static size_t smaller(uint64_t a, size_t b)
{
    return a < b ? (size_t)a : b;
}

/* How many of the bytes from `offset` on are before the limit. */
static size_t before(uint64_t limit, uint64_t offset, size_t len)
{
    return limit > offset ? smaller(limit - offset, len) : 0;
}

/* Those that are in the bytes, but for what is known. */
static int add_from(struct code_marks *marks, uint64_t offset, const uint8_t *bytes, size_t len)
{
    size_t at = marks->is_limited ? before(marks->from, offset, len) : 0;
    size_t to = marks->is_limited ? before(marks->to, offset, len) : len;
    size_t end = smaller((uint64_t)to + SEAM, len); /* the last one may need what follows */
    if (at >= to)
        return 0;
    for (at = scan_next(bytes, end, at); at < to; at = scan_next(bytes, end, at + 1)) {
        if (marks->n > 0 && marks->v[marks->n - 1] >= offset + at)
            continue;
        int r = make_room((void **)&marks->v, marks->n, &marks->cap, sizeof *marks->v);
        if (r < 0)
            return r;
        marks->v[marks->n++] = offset + at;
    }
    return 0;
}

int code_marks_read(struct code_marks *marks, const uint8_t *bytes, size_t len)
{
    uint8_t seam[2 * SEAM];
    size_t n = smaller(marks->read, SEAM), behind = smaller(len, SEAM);
    memcpy(seam, marks->last + SEAM - n, n);
    memcpy(seam + n, bytes, behind);
    int r = add_from(marks, marks->read - n, seam, n + behind);
    if (r == 0)
        r = add_from(marks, marks->read, bytes, len);
    size_t kept = smaller(marks->read + len, SEAM);
    memcpy(seam + n, len >= SEAM ? bytes + len - SEAM : bytes, behind);
    memcpy(marks->last + SEAM - kept, seam + n + behind - kept, kept);
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
