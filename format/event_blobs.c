/* Owns the walk over the places where an event can name a blob: which those are is told by the
 * table of kinds. */
#include "format/event_blobs.h"

struct visitor {
    int (*visit)(void *ctx, const ProtobufCBinaryData *id);
    void *ctx;
};

static int visit_id(const struct visitor *v, const ProtobufCBinaryData *id)
{
    return id->len > 0 ? v->visit(v->ctx, id) : 0;
}

static int visit_ranges(const struct visitor *v, size_t n, Reprise__Range *const *ranges)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < n; i++)
        r = visit_id(v, &ranges[i]->blob);
    return r;
}

static int visit_mapping(const struct visitor *v, const Reprise__Mapping *m)
{
    int r = visit_id(v, &m->blob);
    return r != 0 ? r : visit_ranges(v, m->n_content, m->content);
}

static int visit_map_op(const struct visitor *v, const Reprise__MapOp *op)
{
    int r = op->mapping != NULL ? visit_mapping(v, op->mapping) : 0;
    return r == 0 && op->content != NULL ? visit_id(v, &op->content->blob) : r;
}

static int visit_map_ops(const struct visitor *v, size_t n, Reprise__MapOp *const *ops)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < n; i++)
        r = visit_map_op(v, ops[i]);
    return r;
}

static int visit_image(const struct visitor *v, const Reprise__Image *image)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < image->n_mappings; i++)
        r = visit_mapping(v, image->mappings[i]);
    return r;
}

int event_blobs_visit(const Reprise__Event *event,
                      int (*visit)(void *ctx, const ProtobufCBinaryData *id), void *ctx)
{
    const struct visitor v = {.visit = visit, .ctx = ctx};
    int r = 0;
#define RANGES(list) r = r == 0 ? visit_ranges(&v, body->n_##list, body->list) : r;
#define OPS(list)    r = r == 0 ? visit_map_ops(&v, body->n_##list, body->list) : r;
#define IMAGE(image) r = r == 0 ? visit_image(&v, body->image) : r;
    switch (event->body_case) {
#define EVENT_KIND(upper, field, carrier, shown, blobs)                                            \
    case REPRISE__EVENT__BODY_##upper: {                                                           \
        const __typeof__(*event->field) *body = event->field;                                      \
        (void)body;                                                                                \
        blobs return r;                                                                            \
    }
#include "format/event_kinds.inc"
#undef EVENT_KIND
    case REPRISE__EVENT__BODY__NOT_SET:
    case _REPRISE__EVENT__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return 0;
}
