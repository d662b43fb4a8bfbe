/* What one task did to another: births, exits waited for, signals, bytes that one wrote and the
 * other read. Found from the events as they come; memory is bounded by the number of processes and
 * by what is under way. */
#ifndef REPRISE_EXPORT_LINKS_H
#define REPRISE_EXPORT_LINKS_H

#include "decode/trace_view.h"
#include "export/conversations.h"

enum link_kind {
    LINK_FORK = 0, /* from the call that makes the task to its birth */
    LINK_EXEC,     /* from the call to the program's beginning */
    LINK_WAIT,     /* from an exit to the end of the call that waited for it */
    LINK_SIGNAL,   /* from the call that sends, or from an exit, to the signal's delivery */
    LINK_PIPE,     /* from the beginning of a write to the end of a read */
    LINK_SOCKET,   /* the same */
};

const char *link_kind_name(enum link_kind kind);

struct link_end {
    const struct walk_task *task;
    uint64_t time; /* ns, within the call or moment of that task */
};

struct link {
    enum link_kind kind;
    struct link_end from, to;
    uint64_t bytes; /* of pipes and sockets */
};

struct links;

/* `emit` gets each link, in no particular order; a negative return is passed on. `conversations`
 * stay the caller's. */
int links_new(const struct conversations *conversations,
              int (*emit)(void *ctx, const struct link *link), void *ctx, struct links **ret);
void links_free(struct links *l);

/* Takes in an event, with the descriptors as they were before it. 0, -ENOMEM, or what `emit`
 * returned. */
int links_event(struct links *l, const struct trace_view *view, const struct walk_event *event);

#endif
