/* The one table of the kinds of events: what holds of all events of a kind. */
#ifndef REPRISE_FORMAT_EVENT_KINDS_H
#define REPRISE_FORMAT_EVENT_KINDS_H

#include "format/trace.pb-c.h"

#include <stddef.h>

/* Which task may carry it. */
enum event_carrier {
    EVENT_BY_NOBODY = 0, /* no event of a trace is of this kind */
    EVENT_BY_UNBORN,     /* one that has not appeared yet: the event is its birth */
    EVENT_BY_BORN,       /* one that was born, with a program or not */
    EVENT_BY_PROGRAM,    /* one that was born and has executed a program */
    EVENT_BY_ANYBODY,    /* also one that was announced, but killed before it was born */
};

/* How it is shown to people. */
enum event_shown {
    EVENT_SHOWN_INTERNAL = 0, /* only to those who ask for what is no call and no signal */
    EVENT_SHOWN_CALL,         /* as a call */
    EVENT_SHOWN_LINE,         /* as a line of its own */
};

/* The kinds by number, without gaps; 0 is what this version does not know. */
enum event_kind {
    EVENT_KIND_OTHER = 0,
#define EVENT_KIND(upper, field, carrier, shown, blobs) EVENT_KIND_##upper,
#include "format/event_kinds.inc"
#undef EVENT_KIND
    EVENT_KINDS,
};

struct event_kind_info {
    enum event_kind kind;
    const char *name; /* "syscall", "signal" ...; "other" */
    enum event_carrier carrier;
    enum event_shown shown;
};

/* Never NULL. */
const struct event_kind_info *event_kind_info(Reprise__Event__BodyCase body);
/* The same by its number here. */
const struct event_kind_info *event_kind_at(enum event_kind kind);

#endif
