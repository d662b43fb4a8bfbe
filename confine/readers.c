/* Owns the patience with files that end their readers. */
#include "confine/readers.h"

#include "base/scope.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define READERS_MAX 4

void readers_done(struct readers *r)
{
    reader_end(r->now);
    buf_done(&r->trouble);
    *r = (struct readers){0};
}

int readers_need(struct readers *r, reader_serve_fn *serve, void *state, struct err *err)
{
    if (r->now != NULL)
        return 0;
    if (r->has_given_up || r->n_started == READERS_MAX)
        return err_set(err, ENOTSUP, "others have ended what reads them; no more are read");
    struct reader_limits limits = reader_limits_default();
    r->n_started++;
    return reader_start(serve, state, &limits, &r->now, err);
}

static int note(struct buf *b, const char *what, const char *why)
{
    char *line SCOPE_FREE = NULL;
    int len = asprintf(&line, "%s%s could not be read: %s", b->len > 0 ? "\n" : "", what, why);
    if (len < 0 || buf_reserve(b, (size_t)len + 1) < 0)
        return -ENOMEM;
    if (b->len > 0)
        b->len--; /* the end of the string */
    return buf_append(b, line, (size_t)len + 1);
}

int readers_fail(struct readers *r, const char *what, const struct err *err)
{
    reader_end(r->now);
    r->now = NULL;
    if (r->has_given_up)
        return 0;
    r->has_given_up = err->code == ENOTSUP;
    return note(&r->trouble, what, err->msg);
}

const char *readers_trouble(const struct readers *r)
{
    return r->trouble.len > 0 ? (const char *)r->trouble.data : NULL;
}
