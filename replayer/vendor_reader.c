/* Owns both ends of the question what is in code. What is an instruction, code/ knows. */
#include "replayer/vendor_reader.h"

#include "base/buf.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Its content is the file's, and from `ranges_at` on n ranges. */
struct question {
    uint64_t size, ahead, ranges_at, n;
};

struct range {
    uint64_t start, end;
};

struct answer {
    int64_t result; /* 0 or -errno */
    struct vendor_counts counts;
};

/* ---- in the reader ---- */

/* A blob, as the part of a file that it is. */
struct content {
    const uint8_t *bytes;
    uint64_t size, ahead;
};

static bool read_file(void *ctx, uint64_t offset, void *buf, size_t len)
{
    const struct content *c = ctx;
    uint64_t at = offset - c->ahead;
    if (offset < c->ahead || at > c->size || len > c->size - at)
        return false;
    memcpy(buf, c->bytes + at, len);
    return true;
}

static int count(struct content *c, const struct range *v, uint64_t n, struct vendor_counts *counts)
{
    struct code_file file = {.read = read_file, .ctx = c, .size = c->size + c->ahead};
    struct code_finder *finder;
    int r = code_finder_new(&file, &finder);
    if (r < 0)
        return r;
    for (uint64_t i = 0; i < n && r == 0; i++) {
        struct code_range range = {.bytes = c->bytes + v[i].start,
                                   .len = (size_t)(v[i].end - v[i].start),
                                   .file_offset = v[i].start + c->ahead};
        r = vendor_code_count(finder, &range, counts);
    }
    code_finder_free(finder);
    return r;
}

static size_t serve(void *state, struct reader_question *raw, void *to)
{
    struct question q;
    struct answer a = {0};
    (void)state;
    memcpy(&q, raw->bytes, sizeof q);
    struct content c = {.bytes = raw->content, .size = q.size, .ahead = q.ahead};
    a.result = raw->content == NULL
                   ? -ENOMEM
                   : count(&c, (const void *)(raw->content + q.ranges_at), q.n, &a.counts);
    memcpy(to, &a, sizeof a);
    return sizeof a;
}

/* ---- who asks ---- */

_Static_assert(sizeof(struct question) <= READER_QUESTION_MAX, "it is sent at once");
_Static_assert(sizeof(struct answer) <= READER_ANSWER_MAX, "it is sent at once");

int vendor_readers_need(struct readers *r, struct err *err)
{
    return readers_need(r, serve, NULL, err);
}

/* What the spans cover of the content, where they overlap once. */
static int cover(uint64_t size, struct code_span *const *v, size_t n, struct buf *ret)
{
    int r = 0;
    for (size_t i = 0; i < n && r == 0;) {
        struct range range = {v[i]->start, v[i]->end};
        for (i++; i < n && v[i]->start <= range.end; i++)
            range.end = v[i]->end > range.end ? v[i]->end : range.end;
        range.end = range.end < size ? range.end : size;
        if (range.start < range.end)
            r = buf_append(ret, &range, sizeof range);
    }
    return r;
}

static int ask(struct reader *r, int fd, const struct question *q, const struct buf *ranges,
               struct vendor_counts *ret, struct err *err)
{
    struct answer a;
    if (pwrite(fd, ranges->data, ranges->len, (off_t)q->ranges_at) != (ssize_t)ranges->len)
        return err_set(err, ENOMEM, "there is no memory for what is to be read");
    ssize_t got = reader_ask(r, q, sizeof *q, fd, q->ranges_at + ranges->len, &a, sizeof a, err);
    if (got < 0)
        return (int)got;
    if (got != (ssize_t)sizeof a || (a.result != 0 && a.result != -ENOMEM))
        return err_set(err, EBADMSG, "what reads it has answered nonsense");
    if (a.result < 0)
        return err_sys(err, ENOMEM, "what reads it");
    *ret = a.counts;
    return 0;
}

int vendor_reader_count(struct reader *r, int fd, uint64_t size, struct code_span *const *v,
                        size_t n, struct vendor_counts *ret, struct err *err)
{
    struct question q = {
        .size = size, .ahead = v[0]->ahead, .ranges_at = (size + 7) & ~(uint64_t)7};
    struct buf ranges = {0};
    int e = cover(size, v, n, &ranges);
    q.n = ranges.len / sizeof(struct range);
    if (e < 0)
        e = err_sys(err, -e, "cannot get at it");
    else if (q.n > 0)
        e = ask(r, fd, &q, &ranges, ret, err);
    buf_done(&ranges);
    return e;
}
