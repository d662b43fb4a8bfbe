/* The conversations of sockets in a trace: who is at either end, by which address. Gathered in a
 * walk of its own, since a program often learns its address only later, and since the two ends of
 * a connection between recorded processes find each other. */
#ifndef REPRISE_EXPORT_CONVERSATIONS_H
#define REPRISE_EXPORT_CONVERSATIONS_H

#include "base/err.h"
#include "decode/trace_view.h"
#include "export/net_address.h"

struct conv_end {
    uint64_t object; /* fd_object.id; 0: this end is not in the trace */
    struct net_address address;
    uint64_t closed; /* number of the event from which on it sends no more; 0: none */

    /* For who carries the bytes: of what this end sends. */
    uint64_t sent, received, shown; /* bytes so far */
    bool finished;                  /* its end was shown */
};

struct conversation {
    uint32_t number; /* from 1 */
    bool is_stream;
    struct conv_end end[2]; /* of streams 0 connected to 1; datagrams: 0 is the socket itself, 1
                               what it was connected to */
    bool confirmed;         /* a call told that it came about; else connect() only began to */
    bool failed;            /* it never came about */
    bool shown;             /* its beginning was shown */
};

struct conversations {
    struct conversation **v;
    size_t n, cap;
    struct map64 by_object; /* the conversation, its lowest bit the end */
    struct map64 senders;   /* hash of the address of recorded sockets of datagrams */
    struct net_names names;
    uint64_t left_out; /* calls that moved bytes through sockets of other kinds */
    bool cut;          /* there were too many */
};

#define CONVERSATIONS_MAX ((size_t)500000)

/* Damage ends the walk and is no error. 0, or -ENOMEM and the like. */
int conversations_gather(struct trace_reader *reader, struct conversations *ret, struct err *err);
void conversations_done(struct conversations *c);

/* NULL: the object is no end of any. */
struct conversation *conversations_find(const struct conversations *c, uint64_t object,
                                        int *ret_end);

/* Whether datagrams from that address were sent by a recorded socket. */
bool conversations_has_sender(const struct conversations *c, const struct net_address *a);

/* For conversations.c, which fills the list. Adds one, *ret NULL: there are too many. 0 or
 * -ENOMEM. */
int conversations_add(struct conversations *c, bool is_stream, struct conversation **ret);
int conversations_set_object(struct conversations *c, struct conversation *conv, int end,
                             uint64_t object);
/* Makes up the addresses that nobody told. */
int conversations_finish(struct conversations *c);

#endif
