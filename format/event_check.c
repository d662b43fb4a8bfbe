/* Owns the rules that events obey. Lets through whatever a kernel could have done; refuses what
 * would make code behind the reader overflow, overrun or loop. */
#include "format/event_check.h"

#include "format/blob_id.h"

#include <errno.h>
#include <stdbool.h>

#define PAGE 4096u

/* Each check returns NULL or what is wrong, and they chain: the first fault wins. */
#define FAIL_IF(condition, why)                                                                    \
    do {                                                                                           \
        if (condition)                                                                             \
            return why;                                                                            \
    } while (0)
#define CHECK(call)                                                                                \
    do {                                                                                           \
        const char *why_ = (call);                                                                 \
        if (why_ != NULL)                                                                          \
            return why_;                                                                           \
    } while (0)

static bool overflows(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum);
}

/* Whether the schema has this value: unpacking lets any number through. */
static bool is_value_of(const ProtobufCEnumDescriptor *type, int value)
{
    return protobuf_c_enum_descriptor_get_value(type, value) != NULL;
}

static bool is_aligned(uint64_t v)
{
    return v % PAGE == 0;
}

static const char *check_blob_id(const ProtobufCBinaryData *id)
{
    FAIL_IF(id->len != 0 && id->len != BLOB_ID_SIZE, "a blob's name has not 16 bytes");
    return NULL;
}

static const char *check_regs(const ProtobufCBinaryData *regs)
{
    FAIL_IF(regs->len != 0 && regs->len != EVENT_REGS_SIZE, "registers have a wrong size");
    return NULL;
}

static const char *check_xstate(const ProtobufCBinaryData *xstate)
{
    FAIL_IF(xstate->len > EVENT_XSTATE_MAX, "the extended state is too large");
    return NULL;
}

static const char *check_reg_values(size_t n, Reprise__RegValue *const *regs)
{
    for (size_t i = 0; i < n; i++)
        FAIL_IF(regs[i]->index >= EVENT_REGS_SIZE / 8, "a register has a wrong number");
    return NULL;
}

static const char *check_range(const Reprise__Range *r)
{
    FAIL_IF(r->len > EVENT_RANGE_MAX, "a range is too long");
    FAIL_IF(overflows(r->addr, r->len), "a range wraps around");
    FAIL_IF(r->data.len > r->len, "a range has more data than bytes");
    FAIL_IF(r->hash != 0 && r->data.len == r->len, "a range has a hash beside all of its data");
    CHECK(check_blob_id(&r->blob));
    FAIL_IF(r->blob.len > 0 && (r->data.len > 0 || r->hash != 0),
            "a range tells its content twice");
    FAIL_IF(!is_value_of(&reprise__range__kind__descriptor, r->kind),
            "a range is of no known kind");
    return NULL;
}

/* What the program handed over: may be told by a prefix and a hash. */
static const char *check_in(size_t n, Reprise__Range *const *ranges)
{
    for (size_t i = 0; i < n; i++)
        CHECK(check_range(ranges[i]));
    return NULL;
}

/* What is to be written: must be told in full. */
static const char *check_full(const Reprise__Range *r)
{
    CHECK(check_range(r));
    FAIL_IF(r->hash != 0 || (r->data.len != 0 && r->data.len != r->len),
            "a range to be written lacks data");
    return NULL;
}

static const char *check_out(size_t n, Reprise__Range *const *ranges)
{
    for (size_t i = 0; i < n; i++)
        CHECK(check_full(ranges[i]));
    return NULL;
}

static const char *check_mapping(const Reprise__Mapping *m)
{
    FAIL_IF(m->len == 0 || m->len > EVENT_RANGE_MAX, "a mapping has a wrong length");
    FAIL_IF(!is_aligned(m->addr) || !is_aligned(m->len), "a mapping is not page-aligned");
    FAIL_IF(overflows(m->addr, m->len), "a mapping wraps around");
    FAIL_IF(!is_aligned(m->valid_len) || m->valid_len > m->len, "a mapping's valid part is wrong");
    FAIL_IF(overflows(m->blob_offset, m->len), "a mapping's place in its blob wraps around");
    FAIL_IF(overflows(m->file_offset, m->len), "a mapping's place in its file wraps around");
    FAIL_IF(overflows(m->object_offset, m->len), "a mapping's place in its object wraps around");
    FAIL_IF(m->name.len > EVENT_NAME_MAX, "the name of a mapping is too long");
    CHECK(check_blob_id(&m->blob));
    for (size_t i = 0; i < m->n_content; i++) {
        const Reprise__Range *r = m->content[i];
        CHECK(check_full(r));
        FAIL_IF(r->addr < m->addr || r->addr + r->len > m->addr + m->len,
                "a mapping has content outside of it");
    }
    return NULL;
}

static const char *check_map_op(const Reprise__MapOp *op)
{
    FAIL_IF(op->len > EVENT_RANGE_MAX || op->new_len > EVENT_RANGE_MAX,
            "a change of the address space is too long");
    FAIL_IF(overflows(op->addr, op->len) || overflows(op->new_addr, op->new_len),
            "a change of the address space wraps around");
    if (op->mapping != NULL)
        CHECK(check_mapping(op->mapping));
    if (op->content != NULL)
        CHECK(check_full(op->content));
    switch (op->op) {
    case REPRISE__MAP_OP__OP__MAP:
        FAIL_IF(op->mapping == NULL, "a MAP lacks its mapping");
        return NULL;
    case REPRISE__MAP_OP__OP__UNMAP:
    case REPRISE__MAP_OP__OP__PROTECT:
    case REPRISE__MAP_OP__OP__REMAP:
    case REPRISE__MAP_OP__OP__ADVISE:
        FAIL_IF(!is_aligned(op->addr) || !is_aligned(op->new_addr),
                "a change of the address space is not page-aligned");
        return NULL;
    case REPRISE__MAP_OP__OP__TRUNCATE:
    case REPRISE__MAP_OP__OP__RESIZE:
    case REPRISE__MAP_OP__OP__PKEY_ALLOC:
    case REPRISE__MAP_OP__OP__PKEY_FREE:
        return NULL;
    case REPRISE__MAP_OP__OP__OBJECT_WRITE:
        FAIL_IF(op->content == NULL, "an OBJECT_WRITE lacks its content");
        return NULL;
    case _REPRISE__MAP_OP__OP_IS_INT_SIZE:
        break;
    }
    return "a change of the address space is of no known kind";
}

static const char *check_syscall(const Reprise__Syscall *s)
{
    FAIL_IF(s->n_args > 6, "a call has more than six arguments");
    FAIL_IF(s->output > 2, "a call's output went nowhere known");
    FAIL_IF(!is_value_of(&reprise__syscall__phase__descriptor, s->phase),
            "a call is in no known phase");
    CHECK(check_in(s->n_in, s->in));
    CHECK(check_out(s->n_out, s->out));
    for (size_t i = 0; i < s->n_map; i++)
        CHECK(check_map_op(s->map[i]));
    CHECK(check_reg_values(s->n_regs, s->regs));
    return check_xstate(&s->xstate);
}

static const char *check_signal(const Reprise__Signal *s)
{
    FAIL_IF(s->signo < 1 || s->signo > 64, "a signal has a wrong number");
    FAIL_IF(s->siginfo.len > EVENT_SIGINFO_MAX, "a signal's siginfo is too large");
    FAIL_IF(!is_value_of(&reprise__signal__at__descriptor, s->at),
            "a signal came at no known place");
    FAIL_IF(!is_value_of(&reprise__signal__effect__descriptor, s->effect),
            "a signal has no known effect");
    CHECK(check_regs(&s->regs));
    CHECK(check_xstate(&s->xstate));
    return check_out(s->n_frame, s->frame);
}

static bool reads_tsc(Reprise__Trap__Kind kind)
{
    return kind == REPRISE__TRAP__KIND__RDTSC || kind == REPRISE__TRAP__KIND__RDTSCP;
}

static const char *check_reads(const Reprise__Trap *t)
{
    FAIL_IF(!t->by_stub && (t->n_more > 0 || t->n_others > 0 || t->n_by > 0),
            "a trap tells of others");
    FAIL_IF(t->by_stub && !reads_tsc(t->kind), "a time stamp is read by another instruction");
    FAIL_IF(t->n_by > 0 && t->n_by != t->n_more, "time stamps are read by nobody");
    for (size_t i = 0; i < t->n_by; i++)
        FAIL_IF(t->by[i] > t->n_others, "a time stamp is read by nobody");
    for (size_t i = 0; i < t->n_others; i++)
        FAIL_IF(!reads_tsc(t->others[i]->kind), "a time stamp is read by another instruction");
    return NULL;
}

static const char *check_trap(const Reprise__Trap *t)
{
    FAIL_IF(t->len > EVENT_INSN_MAX, "a rewritten instruction has a wrong length");
    CHECK(check_reg_values(t->n_regs, t->regs));
    CHECK(check_reads(t));
    CHECK(check_out(t->n_out, t->out));
    CHECK(check_xstate(&t->xstate));
    switch (t->kind) {
    case REPRISE__TRAP__KIND__RDTSC:
    case REPRISE__TRAP__KIND__RDTSCP:
    case REPRISE__TRAP__KIND__RDRAND:
    case REPRISE__TRAP__KIND__RDSEED:
    case REPRISE__TRAP__KIND__RDPID:
    case REPRISE__TRAP__KIND__XGETBV:
    case REPRISE__TRAP__KIND__FXSAVE:
    case REPRISE__TRAP__KIND__XSAVE:
    case REPRISE__TRAP__KIND__XRSTOR:
    case REPRISE__TRAP__KIND__XSAVEOPT:
    case REPRISE__TRAP__KIND__XSAVEC:
        return NULL;
    case REPRISE__TRAP__KIND__CPUID:
        FAIL_IF(t->cpuid == NULL, "a CPUID lacks its values");
        return NULL;
    case _REPRISE__TRAP__KIND_IS_INT_SIZE:
        break;
    }
    return "a trap is of no known kind";
}

static const char *check_fetch(const Reprise__Fetch *f)
{
    for (size_t i = 0; i < f->n_map; i++)
        CHECK(check_map_op(f->map[i]));
    return check_out(f->n_out, f->out);
}

static const char *check_birth(const Reprise__Birth *b)
{
    CHECK(check_regs(&b->regs));
    return check_out(b->n_out, b->out);
}

static const char *check_exec(const Reprise__Exec *e)
{
    const Reprise__Image *image = e->image;
    FAIL_IF(image == NULL, "an exec lacks its image");
    FAIL_IF(e->path.len > EVENT_NAME_MAX, "the name of a program is too long");
    CHECK(check_regs(&image->regs));
    CHECK(check_xstate(&image->xstate));
    FAIL_IF(image->n_mappings > EVENT_MAPPINGS_MAX, "an image has too many mappings");
    uint64_t end = 0;
    for (size_t i = 0; i < image->n_mappings; i++) {
        const Reprise__Mapping *m = image->mappings[i];
        CHECK(check_mapping(m));
        FAIL_IF(m->addr < end, "mappings of an image overlap or are not sorted");
        end = m->addr + m->len;
    }
    return NULL;
}

static const char *check_poke(const Reprise__Poke *p)
{
    for (size_t i = 0; i < p->n_map; i++)
        CHECK(check_map_op(p->map[i]));
    CHECK(check_out(p->n_out, p->out));
    for (size_t i = 0; i < p->n_regs; i++) {
        uint32_t index = p->regs[i]->index;
        FAIL_IF(index >= EVENT_REGS_SIZE / 8 &&
                    (index < EVENT_DEBUG_REG_FIRST || index > EVENT_DEBUG_REG_LAST),
                "a register has a wrong number");
    }
    return check_xstate(&p->xstate);
}

static const char *check_preemption(const Reprise__Preemption *p)
{
    FAIL_IF(p->regs.len != EVENT_REGS_SIZE, "a preemption lacks its registers");
    CHECK(check_xstate(&p->xstate));
    FAIL_IF(p->code.len > EVENT_CODE_MAX, "a preemption has too much code");
    FAIL_IF(p->n_dead > EVENT_DEAD_MAX || p->n_witness > EVENT_WORDS_MAX ||
                p->n_sample > EVENT_WORDS_MAX || p->n_varying > EVENT_REGS_SIZE / 8,
            "a preemption has too long a list");
    for (size_t i = 0; i < p->n_dead; i++)
        FAIL_IF(overflows(p->dead[i]->addr, p->dead[i]->len), "a dead span wraps around");
    for (size_t i = 0; i < p->n_witness; i++)
        FAIL_IF(p->witness[i]->addr % 8 != 0, "a witness word is not aligned");
    for (size_t i = 0; i < p->n_varying; i++)
        FAIL_IF(p->varying[i] >= EVENT_REGS_SIZE / 8, "a register has a wrong number");
    FAIL_IF(p->n_lanes > EVENT_LANE_LAST, "a preemption has too long a list");
    for (size_t i = 0; i < p->n_lanes; i++)
        FAIL_IF(p->lanes[i] < EVENT_LANE_FIRST || p->lanes[i] > EVENT_LANE_LAST,
                "a word of xstate has a wrong number");
    FAIL_IF(p->changing > p->n_witness, "more words change than there are");
    for (size_t i = 0; i < p->n_sample; i++)
        FAIL_IF(!is_aligned(p->sample[i]->addr), "a page is not aligned");
    return NULL;
}

static const char *check_event(const Reprise__Event *e)
{
    switch (e->body_case) {
    case REPRISE__EVENT__BODY_SYSCALL:
        return check_syscall(e->syscall);
    case REPRISE__EVENT__BODY_SIGNAL:
        return check_signal(e->signal);
    case REPRISE__EVENT__BODY_TRAP:
        return check_trap(e->trap);
    case REPRISE__EVENT__BODY_BIRTH:
        return check_birth(e->birth);
    case REPRISE__EVENT__BODY_EXEC:
        return check_exec(e->exec);
    case REPRISE__EVENT__BODY_EXIT:
        return check_out(e->exit->n_out, e->exit->out);
    case REPRISE__EVENT__BODY_POKE:
        return check_poke(e->poke);
    case REPRISE__EVENT__BODY_MERGE:
        FAIL_IF(e->merge->from == e->merge->into, "a stream merges into itself");
        return NULL;
    case REPRISE__EVENT__BODY_STEP:
        return NULL;
    case REPRISE__EVENT__BODY_PREEMPTION:
        return check_preemption(e->preemption);
    case REPRISE__EVENT__BODY_FETCH:
        return check_fetch(e->fetch);
    case REPRISE__EVENT__BODY__NOT_SET:
    case _REPRISE__EVENT__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return "an event is of no known kind";
}

int event_check(const Reprise__Event *event, const char **ret_why)
{
    const char *why = check_event(event);
    if (why == NULL)
        return 0;
    *ret_why = why;
    return -EBADMSG;
}

int header_check(const Reprise__Header *header, const char **ret_why)
{
    const Reprise__Cpu *cpu = header->cpu_detail;
    const char *why = NULL;
    if (cpu != NULL && cpu->xstate_size > EVENT_XSTATE_MAX)
        why = "the header's extended state is too large";
    else if (cpu != NULL && cpu->core > EVENT_CORE_MAX)
        why = "the header's core is out of range";
    else if (cpu != NULL && !is_value_of(&reprise__cpu__level__descriptor, cpu->level))
        why = "the header's CPU level is unknown";
    if (why == NULL)
        return 0;
    *ret_why = why;
    return -EBADMSG;
}
