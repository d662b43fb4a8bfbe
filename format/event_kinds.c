/* Owns the table of the kinds of events. */
#include "format/event_kinds.h"

static const struct event_kind_info kinds[EVENT_KINDS] = {
    [EVENT_KIND_OTHER] = {.name = "other"},
#define EVENT_KIND(upper, field, carrier_, shown_, blobs)                                          \
    [EVENT_KIND_##upper] = {.kind = EVENT_KIND_##upper,                                            \
                            .name = #field,                                                        \
                            .carrier = EVENT_BY_##carrier_,                                        \
                            .shown = EVENT_SHOWN_##shown_},
#include "format/event_kinds.inc"
#undef EVENT_KIND
};

const struct event_kind_info *event_kind_info(Reprise__Event__BodyCase body)
{
    switch (body) {
#define EVENT_KIND(upper, field, carrier, shown, blobs)                                            \
    case REPRISE__EVENT__BODY_##upper:                                                             \
        return &kinds[EVENT_KIND_##upper];
#include "format/event_kinds.inc"
#undef EVENT_KIND
    case REPRISE__EVENT__BODY__NOT_SET:
    case _REPRISE__EVENT__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return &kinds[EVENT_KIND_OTHER]; /* what a later version wrote */
}

const struct event_kind_info *event_kind_at(enum event_kind kind)
{
    return &kinds[kind < EVENT_KINDS ? kind : EVENT_KIND_OTHER];
}
