/* Builds the map operations of the event at hand. */
#include "recorder/emit_map.h"

#include "base/page.h"

uint64_t emit_page_up(uint64_t v)
{
    return (v + PAGE - 1) & ~(PAGE - 1);
}

Reprise__MapOp *emit_map_op(struct recorder *r, Reprise__MapOp__Op kind, struct emit_list *map)
{
    Reprise__MapOp *op = emit_alloc(r, sizeof *op);
    reprise__map_op__init(op);
    op->op = kind;
    emit_push(r, map, op);
    return op;
}

Reprise__Mapping *emit_mapping(struct recorder *r, uint64_t addr, uint64_t len, uint32_t prot,
                               uint32_t flags, struct emit_list *map)
{
    Reprise__Mapping *m = emit_alloc(r, sizeof *m);
    reprise__mapping__init(m);
    m->addr = addr;
    m->len = len;
    m->prot = prot;
    m->flags = flags;
    emit_map_op(r, REPRISE__MAP_OP__OP__MAP, map)->mapping = m;
    return m;
}

/* Content of a mapping as the task sees it now; pages behind the end of a file read as nothing. */
void emit_mapping_content(struct recorder *r, struct task *t, Reprise__Mapping *m, uint64_t len)
{
    struct emit_list content = {0};
    enum { CHUNK = 1 << 20 };
    for (uint64_t done = 0; done < len; done += CHUNK) {
        uint64_t n = len - done < CHUNK ? len - done : CHUNK;
        Reprise__Range *range = emit_memory(r, t->tid, m->addr + done, n);
        if (range == NULL)
            break;
        if (range->data.len > 0 || range->blob.len > 0)
            emit_push(r, &content, range);
    }
    m->content = (Reprise__Range **)content.v;
    m->n_content = content.n;
}
