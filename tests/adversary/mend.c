/* Owns the mending of messages, by their kind. */
#include "mend.h"

#include "format/event_check.h"

#include <stdbool.h>

#define PAGE 4096ull

static uint64_t aligned(uint64_t v)
{
    return v & -PAGE;
}

static void mend_range(Reprise__Range *r)
{
    r->len = r->len < EVENT_RANGE_MAX ? r->len : EVENT_RANGE_MAX;
    if (r->addr + r->len < r->addr)
        r->addr -= EVENT_RANGE_MAX;
    if (r->blob.len != 0 && r->blob.len != 16)
        r->blob.len = 0;
    if (r->blob.len > 0)
        r->data.len = 0;
    if (r->data.len > 0)
        r->len = r->data.len;
    r->hash = 0;
}

static void mend_mapping(Reprise__Mapping *m)
{
    m->addr = aligned(m->addr);
    m->len = m->len < EVENT_RANGE_MAX ? aligned(m->len + PAGE - 1) : PAGE;
    m->len = m->len > 0 ? m->len : PAGE;
    if (m->addr + m->len < m->addr)
        m->addr -= aligned(m->len);
    m->valid_len = aligned(m->valid_len);
    m->valid_len = m->valid_len < m->len ? m->valid_len : m->len;
    if (m->blob.len != 0 && m->blob.len != 16)
        m->blob.len = 0;
    if (m->blob_offset + m->len < m->blob_offset)
        m->blob_offset = 0;
    if (m->object_offset + m->len < m->object_offset)
        m->object_offset = 0;
    if (m->file_offset + m->len < m->file_offset)
        m->file_offset = 0;
    for (size_t i = 0; i < m->n_content; i++) {
        Reprise__Range *c = m->content[i];
        mend_range(c);
        if (c->len > m->len) {
            c->len = m->len;
            c->data.len = c->data.len < c->len ? c->data.len : c->len;
        }
        if (c->addr < m->addr || c->addr + c->len > m->addr + m->len)
            c->addr = m->addr + (m->len - c->len) / 2;
    }
}

static void mend_map_op(Reprise__MapOp *op)
{
    op->len = op->len < EVENT_RANGE_MAX ? op->len : EVENT_RANGE_MAX;
    op->new_len = op->new_len < EVENT_RANGE_MAX ? op->new_len : EVENT_RANGE_MAX;
    op->addr = aligned(op->addr);
    op->new_addr = aligned(op->new_addr);
    if (op->addr + op->len < op->addr)
        op->addr -= EVENT_RANGE_MAX;
    if (op->new_addr + op->new_len < op->new_addr)
        op->new_addr -= EVENT_RANGE_MAX;
}

static void mend_trap(Reprise__Trap *t)
{
    t->len = t->len <= EVENT_INSN_MAX ? t->len : EVENT_INSN_MAX;
    if (t->kind == REPRISE__TRAP__KIND__CPUID && t->cpuid == NULL)
        t->kind = REPRISE__TRAP__KIND__RDTSC;
}

static void mend_reg_value(Reprise__RegValue *v)
{
    if (v->index >= EVENT_REGS_SIZE / 8 && v->index < EVENT_DEBUG_REG_FIRST)
        v->index %= EVENT_REGS_SIZE / 8;
}

static void mend_one(ProtobufCMessage *m)
{
    if (m->descriptor == &reprise__range__descriptor)
        mend_range((Reprise__Range *)m);
    else if (m->descriptor == &reprise__mapping__descriptor)
        mend_mapping((Reprise__Mapping *)m);
    else if (m->descriptor == &reprise__map_op__descriptor)
        mend_map_op((Reprise__MapOp *)m);
    else if (m->descriptor == &reprise__trap__descriptor)
        mend_trap((Reprise__Trap *)m);
    else if (m->descriptor == &reprise__reg_value__descriptor)
        mend_reg_value((Reprise__RegValue *)m);
}

void mend(ProtobufCMessage *m)
{
    for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
        uint8_t *at = (uint8_t *)m + f->offset, *count = (uint8_t *)m + f->quantifier_offset;
        bool is_list = f->label == PROTOBUF_C_LABEL_REPEATED;
        bool is_choice = (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
        if (f->type != PROTOBUF_C_TYPE_MESSAGE || (is_choice && *(uint32_t *)count != f->id))
            continue;
        size_t n = is_list ? *(size_t *)count : 1;
        ProtobufCMessage **list = is_list ? *(ProtobufCMessage ***)at : (ProtobufCMessage **)at;
        for (size_t k = 0; k < n; k++)
            if (list[k] != NULL)
                mend(list[k]);
    }
    mend_one(m);
}
