/* Owns how a trace is changed: which field, by reflection over the messages, so that a new kind of
 * event needs nothing here; and what is done to events as a whole. What a field may become is told
 * in values.c. */
#include "mutate.h"

#include "mend.h"
#include "values.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MANY 600 /* copies of one thing */

/* ---- choosing a field ---- */

/* A field of some message within an event. */
struct slot {
    ProtobufCMessage *message;
    const ProtobufCFieldDescriptor *field;
    size_t index; /* of a repeated one */
};

/* One of all that are met, each as likely as its weight. */
struct choice {
    struct dice *dice;
    bool (*wanted)(const ProtobufCFieldDescriptor *field);
    struct slot slot;
    uint64_t weight; /* of all so far */
};

static void *member(const ProtobufCMessage *m, size_t offset)
{
    return (uint8_t *)m + offset;
}

static size_t *count_of(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    return member(m, f->quantifier_offset);
}

static bool is_there(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
        return *(uint32_t *)member(m, f->quantifier_offset) == f->id;
    return true;
}

static void offer(struct choice *c, ProtobufCMessage *m, const ProtobufCFieldDescriptor *f,
                  size_t index)
{
    if (!c->wanted(f))
        return;
    unsigned weight = weight_of(f);
    c->weight += weight;
    if (dice_throw(c->dice) % c->weight < weight)
        c->slot = (struct slot){m, f, index};
}

static void offer_all(struct choice *c, ProtobufCMessage *m);

static void offer_field(struct choice *c, ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    bool is_repeated = f->label == PROTOBUF_C_LABEL_REPEATED;
    bool is_message = f->type == PROTOBUF_C_TYPE_MESSAGE;
    size_t n = is_repeated ? *count_of(m, f) : 1;
    if (is_repeated || is_message)
        offer(c, m, f, SIZE_MAX); /* the list, or the message as a whole */
    for (size_t i = 0; i < n; i++) {
        ProtobufCMessage **list =
            is_repeated ? *(ProtobufCMessage ***)member(m, f->offset) : member(m, f->offset);
        if (!is_message)
            offer(c, m, f, i);
        else if (list[i] != NULL)
            offer_all(c, list[i]);
    }
}

static void offer_all(struct choice *c, ProtobufCMessage *m)
{
    for (unsigned i = 0; i < m->descriptor->n_fields; i++)
        if (is_there(m, &m->descriptor->fields[i]))
            offer_field(c, m, &m->descriptor->fields[i]);
}

static bool is_plain(const ProtobufCFieldDescriptor *f)
{
    return f->type != PROTOBUF_C_TYPE_MESSAGE;
}

static bool is_list(const ProtobufCFieldDescriptor *f)
{
    return f->label == PROTOBUF_C_LABEL_REPEATED;
}

static bool is_single_message(const ProtobufCFieldDescriptor *f)
{
    return f->type == PROTOBUF_C_TYPE_MESSAGE && f->label != PROTOBUF_C_LABEL_REPEATED &&
           (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0;
}

/* ---- changing it ---- */

static size_t size_of(const ProtobufCFieldDescriptor *f)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_ENUM:
        return sizeof(uint32_t);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        break;
    }
    return sizeof(uint64_t);
}

static void change_at(struct draft *d, struct dice *dice, const ProtobufCFieldDescriptor *f,
                      void *at)
{
    if (f->type == PROTOBUF_C_TYPE_BYTES) {
        ProtobufCBinaryData *b = at;
        *b = bytes_for(dice, d, f, *b);
        return;
    }
    if (f->type == PROTOBUF_C_TYPE_STRING) {
        ProtobufCBinaryData b = {strlen(*(char **)at), *(uint8_t **)at};
        b = bytes_for(dice, d, f, b);
        b.data[b.len] = '\0'; /* there is always room for it */
        *(uint8_t **)at = b.data;
        return;
    }
    uint64_t now = 0;
    memcpy(&now, at, size_of(f)); /* the processor is little-endian */
    now = value_for(dice, d, f, now);
    memcpy(at, &now, size_of(f));
}

static void change_plain(struct draft *d, struct dice *dice, const struct slot *s)
{
    uint8_t *at = member(s->message, s->field->offset);
    if (s->index == SIZE_MAX)
        return;
    if (is_list(s->field))
        at = *(uint8_t **)at + s->index * size_of(s->field);
    change_at(d, dice, s->field, at);
}

/* A message with something in each field, or NULL. */
static ProtobufCMessage *fresh(struct draft *d, struct dice *dice,
                               const ProtobufCMessageDescriptor *type, unsigned depth)
{
    ProtobufCMessage *m = arena_alloc(d->arena, type->sizeof_message);
    if (m == NULL)
        return NULL;
    protobuf_c_message_init(type, m);
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &type->fields[i];
        if (is_list(f) || (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 || dice_one_in(dice, 4))
            continue;
        if (is_plain(f))
            change_at(d, dice, f, member(m, f->offset));
        else if (depth > 0)
            *(ProtobufCMessage **)member(m, f->offset) = fresh(d, dice, f->descriptor, depth - 1);
    }
    return m;
}

/* Copies what is at one place to `n` places at the list's end. */
static bool append(struct draft *d, const struct slot *s, const void *element, size_t n)
{
    size_t *count = count_of(s->message, s->field), size = size_of(s->field);
    uint8_t **list = member(s->message, s->field->offset);
    uint8_t *more = arena_alloc(d->arena, (*count + n) * size);
    if (more == NULL)
        return false;
    if (*count > 0)
        memcpy(more, *list, *count * size);
    for (size_t i = 0; i < n; i++)
        memcpy(more + (*count + i) * size, element, size);
    *list = more;
    *count += n;
    return true;
}

static void change_list(struct draft *d, struct dice *dice, const struct slot *s)
{
    uint8_t element[sizeof(ProtobufCBinaryData)] = {0};
    size_t *count = count_of(s->message, s->field), size = size_of(s->field);
    uint8_t *list = *(uint8_t **)member(s->message, s->field->offset);
    size_t which = dice_below(dice, *count);
    switch (dice_below(dice, 4)) {
    case 0: /* one less */
        if (*count > 0) {
            memmove(list + which * size, list + (which + 1) * size, (*count - which - 1) * size);
            --*count;
        }
        return;
    case 1: /* one of them again, or often */
        if (*count == 0)
            return;
        memcpy(element, list + which * size, size);
        append(d, s, element, dice_one_in(dice, 4) ? 1 + dice_below(dice, MANY) : 1);
        return;
    default: /* a new one */
        if (is_plain(s->field)) {
            change_at(d, dice, s->field, element);
        } else {
            ProtobufCMessage *m = fresh(d, dice, s->field->descriptor, 2);
            if (m == NULL)
                return;
            memcpy(element, &m, sizeof m);
        }
        append(d, s, element, 1);
    }
}

static void change_single_message(struct draft *d, struct dice *dice, const struct slot *s)
{
    ProtobufCMessage **m = member(s->message, s->field->offset);
    *m = *m != NULL && dice_one_in(dice, 3) ? NULL : fresh(d, dice, s->field->descriptor, 2);
}

static void change_message(struct draft *d, struct dice *dice, ProtobufCMessage *m)
{
    size_t what = dice_below(dice, 20);
    struct choice c = {.dice = dice,
                       .wanted = what < 14   ? is_plain
                                 : what < 19 ? is_list
                                             : is_single_message};
    offer_all(&c, m);
    if (c.weight == 0)
        return;
    if (what < 14)
        change_plain(d, dice, &c.slot);
    else if (what >= 19)
        change_single_message(d, dice, &c.slot);
    else if (c.slot.index == SIZE_MAX)
        change_list(d, dice, &c.slot);
    else
        change_plain(d, dice, &c.slot);
}

/* ---- whole events ---- */

/* Makes the event the draft's own, so that it can be changed. */
static Reprise__Event *own(struct draft *d, size_t i)
{
    Reprise__Event *e = (Reprise__Event *)draft_copy(d, &d->events[i].event->base);
    if (e != NULL)
        d->events[i].event = e;
    return e;
}

static Reprise__Event *fresh_event(struct draft *d, struct dice *dice, uint32_t task)
{
    const ProtobufCMessageDescriptor *type = &reprise__event__descriptor;
    const ProtobufCFieldDescriptor *body = &type->fields[dice_below(dice, type->n_fields)];
    Reprise__Event *e = arena_alloc(d->arena, sizeof *e);
    if (e == NULL || (body->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0)
        return NULL;
    reprise__event__init(e);
    e->task = task;
    ProtobufCMessage *m = fresh(d, dice, body->descriptor, 2);
    if (m == NULL)
        return NULL;
    e->body_case = (Reprise__Event__BodyCase)body->id;
    *(ProtobufCMessage **)member(&e->base, body->offset) = m;
    for (size_t n = dice_below(dice, 4); n > 0; n--) { /* fresh() leaves lists empty */
        struct choice c = {.dice = dice, .wanted = is_list};
        offer_all(&c, m);
        if (c.weight > 0 && c.slot.index == SIZE_MAX)
            change_list(d, dice, &c.slot);
    }
    if (!dice_one_in(dice, 5))
        mend(&e->base);
    return e;
}

static void insert(struct draft *d, struct dice *dice, Reprise__Event *e)
{
    size_t at = dice_below(dice, d->n_events + 1);
    const struct draft_event *near = &d->events[at > 0 ? at - 1 : 0];
    if (e == NULL)
        return;
    if (!dice_one_in(dice, 6))
        e->task = near->event->task;
    e->time = near->event->time;
    draft_insert(d, at, (struct draft_event){.event = e, .stream = near->stream});
}

static void insert_of_others(struct draft *d, struct dice *dice, const struct specimen *library,
                             size_t n)
{
    const struct specimen *s = &library[dice_below(dice, n)];
    const struct draft_event *e = &s->events[dice_below(dice, s->n_events)];
    insert(d, dice, (Reprise__Event *)draft_copy(d, &e->event->base));
}

static void repeat(struct draft *d, struct dice *dice, size_t i)
{
    size_t n = dice_one_in(dice, 6) ? dice_below(dice, 64) : 1;
    for (size_t k = 0; k < n; k++)
        draft_insert(d, i, d->events[i]);
}

static void swap(struct draft *d, struct dice *dice, size_t i)
{
    size_t k = dice_one_in(dice, 2) ? (i + 1) % d->n_events : dice_below(dice, d->n_events);
    struct draft_event e = d->events[i];
    uint64_t time = d->events[k].event->time;
    Reprise__Event *a = own(d, k), *b = own(d, i);
    if (a == NULL || b == NULL)
        return;
    a->time = e.event->time;
    b->time = time;
    e.event = b;
    d->events[i] = d->events[k];
    d->events[k] = e;
}

static const Reprise__Exec *exec_before(const struct draft *d, size_t i)
{
    for (size_t k = i + 1; k-- > 0;)
        if (d->events[k].event->body_case == REPRISE__EVENT__BODY_EXEC)
            return d->events[k].event->exec;
    return NULL;
}

/* Code of ours where the program is going to be: behind a call of its, or at its beginning. It is
 * poked there by an event, or lies in the image. */
static void plant(struct draft *d, struct dice *dice, size_t i)
{
    uint64_t ip = d->events[i].event->body_case == REPRISE__EVENT__BODY_SYSCALL
                      ? d->events[i].event->syscall->ip
                      : 0;
    const Reprise__Exec *x = exec_before(d, i);
    if (ip == 0 && x != NULL && x->image != NULL && x->image->regs.len > 16 * 8 + 7)
        memcpy(&ip, x->image->regs.data + 16 * 8, 8); /* rip */
    Reprise__Range *range = arena_alloc(d->arena, sizeof *range);
    Reprise__Poke *poke = arena_alloc(d->arena, sizeof *poke);
    Reprise__Event *e = arena_alloc(d->arena, sizeof *e);
    Reprise__Range **list = arena_alloc(d->arena, sizeof *list);
    if (range == NULL || poke == NULL || e == NULL || list == NULL)
        return;
    reprise__range__init(range);
    reprise__poke__init(poke);
    reprise__event__init(e);
    range->data = code_for(dice, d);
    range->addr = ip;
    range->len = range->data.len;
    *list = range;
    poke->out = list;
    poke->n_out = 1;
    e->body_case = REPRISE__EVENT__BODY_POKE;
    e->poke = poke;
    e->task = d->events[i].event->task;
    e->time = d->events[i].event->time;
    /* before the event, while the task is at the one before: so what comes runs into it */
    draft_insert(d, i + (ip != 0 && dice_one_in(dice, 2)),
                 (struct draft_event){.event = e, .stream = d->events[i].stream});
}

/* An event that asks for much memory: by writing zeros to what it maps, or to an object. */
static void ask_for_memory(struct draft *d, struct dice *dice)
{
    static const uint64_t sizes[] = {16 << 20, 1ull << 30, 1ull << 40};
    const uint64_t size = sizes[dice_below(dice, 3)], place = 0x100000000000;
    Reprise__Poke *poke = arena_alloc(d->arena, sizeof *poke);
    Reprise__Event *e = arena_alloc(d->arena, sizeof *e);
    Reprise__Range *zeros = arena_alloc(d->arena, sizeof *zeros), **out;
    Reprise__MapOp *op = arena_alloc(d->arena, sizeof *op), **ops;
    out = arena_alloc(d->arena, sizeof *out);
    ops = arena_alloc(d->arena, sizeof *ops);
    Reprise__Mapping *m = arena_alloc(d->arena, sizeof *m);
    if (poke == NULL || e == NULL || zeros == NULL || out == NULL || op == NULL || ops == NULL ||
        m == NULL)
        return;
    reprise__poke__init(poke);
    reprise__event__init(e);
    reprise__range__init(zeros);
    reprise__map_op__init(op);
    reprise__mapping__init(m);
    m->addr = zeros->addr = place;
    m->len = zeros->len = size;
    m->prot = PROT_READ | PROT_WRITE;
    m->flags = dice_one_in(dice, 2) ? MAP_SHARED : MAP_PRIVATE;
    m->object = dice_one_in(dice, 2) ? 1 + dice_below(dice, 4) : 0;
    op->mapping = m;
    op->object = 1 + dice_below(dice, 4);
    op->content = zeros;
    op->op = dice_one_in(dice, 3) ? REPRISE__MAP_OP__OP__OBJECT_WRITE : REPRISE__MAP_OP__OP__MAP;
    poke->map = ops;
    poke->n_map = 1;
    poke->out = out;
    poke->n_out = op->op == REPRISE__MAP_OP__OP__MAP;
    *ops = op;
    *out = zeros;
    e->body_case = REPRISE__EVENT__BODY_POKE;
    e->poke = poke;
    insert(d, dice, e);
}

static void change_events(struct draft *d, struct dice *dice, const struct specimen *library,
                          size_t n_library)
{
    size_t i = dice_below(dice, d->n_events);
    if (dice_one_in(dice, 24)) {
        ask_for_memory(d, dice);
        return;
    }
    switch (dice_below(dice, 9)) {
    case 0:
        if (d->n_events > 1)
            draft_remove(d, i);
        return;
    case 1:
        repeat(d, dice, i);
        return;
    case 2:
        swap(d, dice, i);
        return;
    case 3:
        insert_of_others(d, dice, library, n_library);
        return;
    case 4:
    case 5:
        insert(d, dice, fresh_event(d, dice, d->events[i].event->task));
        return;
    case 6:
        d->events[i].stream = (uint32_t)dice_below(dice, 5);
        return;
    default:
        plant(d, dice, i);
    }
}

Reprise__Event *mutate_event(struct draft *d, struct dice *dice, const Reprise__Event *event)
{
    Reprise__Event *e = (Reprise__Event *)draft_copy(d, &event->base);
    size_t n = 1 + (dice_one_in(dice, 3) ? dice_below(dice, 4) : 0);
    for (; e != NULL && n > 0; n--)
        change_message(d, dice, &e->base);
    if (e != NULL && !dice_one_in(dice, 5))
        mend(&e->base);
    return e;
}

/* ---- all of it ---- */

static void change_header(struct draft *d, struct dice *dice)
{
    ProtobufCMessage *m = draft_copy(d, &d->header->base);
    if (m == NULL)
        return;
    d->header = (Reprise__Header *)m;
    change_message(d, dice, m);
}

static void change_summary(struct draft *d, struct dice *dice)
{
    ProtobufCMessage *m = d->summary != NULL ? draft_copy(d, &d->summary->base) : NULL;
    d->summary = (Reprise__Summary *)m;
    if (m != NULL)
        change_message(d, dice, m);
}

static void change_blobs(struct draft *d, struct dice *dice)
{
    static const enum blob_change changes[] = {BLOB_LEFT_OUT, BLOB_TWICE, BLOB_OTHERWISE,
                                               BLOB_OTHERWISE};
    const ProtobufCFieldDescriptor *size =
        protobuf_c_message_descriptor_get_field_by_name(&reprise__blob_name__descriptor, "size");
    d->blob_change = changes[dice_below(dice, 4)];
    d->blob_chunk = dice_below(dice, d->origin->n_blobs);
    d->blob_value = value_for(dice, d, size, 4096);
}

/* Events that are rare among those of a program come as often as others. */
static size_t some_event(const struct draft *d, struct dice *dice)
{
    size_t i = dice_below(dice, d->n_events);
    for (int tries = 0; tries < 4; tries++) {
        if (d->events[i].event->body_case != REPRISE__EVENT__BODY_SYSCALL)
            break;
        i = dice_below(dice, d->n_events);
    }
    return i;
}

static void change(struct draft *d, struct dice *dice, const struct specimen *library,
                   size_t n_library)
{
    size_t what = dice_below(dice, 100);
    if (what < 2) {
        change_header(d, dice);
    } else if (what < 3) {
        change_summary(d, dice);
    } else if (what < 4) {
        change_blobs(d, dice);
    } else if (what < 35) {
        change_events(d, dice, library, n_library);
    } else {
        size_t i = some_event(d, dice);
        Reprise__Event *e = mutate_event(d, dice, d->events[i].event);
        if (e != NULL)
            d->events[i].event = e;
    }
}

void mutate(struct draft *d, struct dice *dice, const struct specimen *library, size_t n_library)
{
    size_t n = dice_one_in(dice, 2) ? 1 : 1 + dice_below(dice, 4);
    while (n-- > 0)
        change(d, dice, library, n_library);
}
