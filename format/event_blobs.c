/* Owns knowing where in an event a blob can be named. */
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

static int visit_syscall(const struct visitor *v, const Reprise__Syscall *s)
{
    int r = visit_ranges(v, s->n_in, s->in);
    if (r == 0)
        r = visit_ranges(v, s->n_out, s->out);
    return r == 0 ? visit_map_ops(v, s->n_map, s->map) : r;
}

/* Memory operations, and then bytes. */
static int visit_ops_and_ranges(const struct visitor *v, size_t n_map, Reprise__MapOp *const *map,
                                size_t n_out, Reprise__Range *const *out)
{
    int r = visit_map_ops(v, n_map, map);
    return r == 0 ? visit_ranges(v, n_out, out) : r;
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
    switch (event->body_case) {
    case REPRISE__EVENT__BODY_SYSCALL:
        return visit_syscall(&v, event->syscall);
    case REPRISE__EVENT__BODY_SIGNAL:
        return visit_ranges(&v, event->signal->n_frame, event->signal->frame);
    case REPRISE__EVENT__BODY_BIRTH:
        return visit_ranges(&v, event->birth->n_out, event->birth->out);
    case REPRISE__EVENT__BODY_TRAP:
        return visit_ranges(&v, event->trap->n_out, event->trap->out);
    case REPRISE__EVENT__BODY_EXEC:
        return visit_image(&v, event->exec->image);
    case REPRISE__EVENT__BODY_EXIT:
        return visit_ranges(&v, event->exit->n_out, event->exit->out);
    case REPRISE__EVENT__BODY_POKE:
        return visit_ops_and_ranges(&v, event->poke->n_map, event->poke->map, event->poke->n_out,
                                    event->poke->out);
    case REPRISE__EVENT__BODY_FETCH:
        return visit_ops_and_ranges(&v, event->fetch->n_map, event->fetch->map, event->fetch->n_out,
                                    event->fetch->out);
    case REPRISE__EVENT__BODY_MERGE:
    case REPRISE__EVENT__BODY_STEP:
    case REPRISE__EVENT__BODY_PREEMPTION:
    case REPRISE__EVENT__BODY__NOT_SET:
    case _REPRISE__EVENT__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return 0;
}
