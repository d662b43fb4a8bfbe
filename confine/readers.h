/* Readers one after the other: some file may end one, and the next file gets another. Of what went
 * wrong there is a text; who asks goes on. */
#ifndef REPRISE_CONFINE_READERS_H
#define REPRISE_CONFINE_READERS_H

#include "base/buf.h"
#include "confine/reader.h"

/* Zeroed is none. */
struct readers {
    struct reader *now; /* NULL: none runs */
    unsigned n_started; /* so the one that runs has this number */
    bool has_given_up;  /* none is started any more */
    struct buf trouble; /* a string, if not empty */
};
void readers_done(struct readers *r);

/* One runs afterwards, with all limits as usual. 0; or -errno with err, -ENOTSUP: there will be
 * none any more, since too many have ended. */
int readers_need(struct readers *r, reader_serve_fn *serve, void *state, struct err *err);

/* A question came to nothing, as `err` tells: ends the one that runs and notes "WHAT could not be
 * read: why", unless it was noted already that all is given up. 0 or -ENOMEM. */
int readers_fail(struct readers *r, const char *what, const struct err *err);

/* What was noted, a line each; NULL: nothing. */
const char *readers_trouble(const struct readers *r);

#endif
