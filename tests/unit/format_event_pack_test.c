/* Tests of packing events: the fast path gives what protobuf-c gives. */
#include "format/bytes.h"
#include "format/event_pack.h"
#include "format_fixture.h"

#include <stdlib.h>
#include <string.h>

static void fast_path_knows_every_field_of_the_schema(void **state)
{
    (void)state;
    assert_true(event_pack_knows_schema());
}

/* Any number of bits, and often none at all. */
static uint64_t random_value(uint64_t *seed)
{
    uint64_t bits = fixture_random(seed) % 66;
    return bits == 0 ? 0 : bits == 65 ? UINT64_MAX : fixture_random(seed) >> (64 - bits);
}

static ProtobufCBinaryData random_bytes(uint64_t *seed, uint8_t *space, size_t max)
{
    size_t len = fixture_random(seed) % 3 == 0 ? fixture_random(seed) % max : 0;
    return (ProtobufCBinaryData){.len = len, .data = len > 0 ? space : NULL};
}

struct space {
    uint8_t bytes[700];
    uint64_t args[6];
    Reprise__Range ranges[6], *list[6];
};

static void random_call(uint64_t *seed, struct space *space, Reprise__Syscall *call)
{
    reprise__syscall__init(call);
    for (size_t i = 0; i < 6; i++) {
        space->args[i] = random_value(seed);
        Reprise__Range *r = space->list[i] = &space->ranges[i];
        reprise__range__init(r);
        r->addr = random_value(seed);
        r->len = random_value(seed);
        r->data = random_bytes(seed, space->bytes, sizeof space->bytes);
        r->hash = random_value(seed);
        r->blob = random_bytes(seed, space->bytes, 17);
        r->kind = (Reprise__Range__Kind)(fixture_random(seed) % 3);
    }
    call->phase = (Reprise__Syscall__Phase)(fixture_random(seed) % 3);
    call->nr = (int64_t)random_value(seed);
    call->n_args = fixture_random(seed) % 7;
    call->args = space->args;
    call->ip = random_value(seed);
    call->result = -(int64_t)random_value(seed);
    call->duration = random_value(seed);
    call->n_in = fixture_random(seed) % 4;
    call->in = space->list;
    call->n_out = fixture_random(seed) % 3;
    call->out = space->list + 4;
    call->output = (uint32_t)random_value(seed);
    call->output_data = random_bytes(seed, space->bytes, 300);
    call->child = (uint32_t)random_value(seed);
    call->xstate = random_bytes(seed, space->bytes, 300);
    call->refused = fixture_random(seed) % 2;
    call->unlisted = fixture_random(seed) % 2;
    call->shares_memory = fixture_random(seed) % 2;
}

/* Packs both ways and compares. */
static void expect_equal_packing(const Reprise__Event *event)
{
    struct buf b = {0};
    assert_int_equal(event_pack(&b, event, event->time), 0);
    size_t len = reprise__event__get_packed_size(event);
    uint8_t *packed = malloc(len + VARINT_MAX);
    size_t prefix = put_varint(packed, len);
    assert_int_equal(reprise__event__pack(event, packed + prefix), len);
    assert_int_equal(b.len, prefix + len);
    assert_memory_equal(b.data, packed, b.len);
    free(packed);
    buf_done(&b);
}

static void packed_calls_are_the_same_bytes_as_from_protobuf_c(void **state)
{
    (void)state;
    uint64_t seed = 31337;
    struct space space;
    fixture_fill(space.bytes, sizeof space.bytes, 1);
    for (int i = 0; i < 20000; i++) {
        Reprise__Syscall call;
        random_call(&seed, &space, &call);
        Reprise__Event event = REPRISE__EVENT__INIT;
        event.task = (uint32_t)random_value(&seed);
        event.time = random_value(&seed);
        event.body_case = REPRISE__EVENT__BODY_SYSCALL;
        event.syscall = &call;
        expect_equal_packing(&event);
    }
}

static void longest_call_fits_its_bound(void **state)
{
    (void)state;
    struct space space;
    memset(&space, 0xff, sizeof space);
    Reprise__Syscall call = REPRISE__SYSCALL__INIT;
    for (size_t i = 0; i < 6; i++) {
        Reprise__Range *r = space.list[i] = &space.ranges[i];
        reprise__range__init(r);
        r->addr = r->len = r->hash = UINT64_MAX;
        r->data = (ProtobufCBinaryData){.len = sizeof space.bytes, .data = space.bytes};
        r->blob = r->data;
        r->kind = (Reprise__Range__Kind)-1;
    }
    call.phase = (Reprise__Syscall__Phase)-1;
    call.nr = call.result = INT64_MIN;
    call.n_args = 6;
    call.args = space.args;
    call.ip = call.duration = UINT64_MAX;
    call.n_in = call.n_out = 3;
    call.in = space.list;
    call.out = space.list + 3;
    call.output = call.child = UINT32_MAX;
    call.output_data = call.xstate = space.ranges[0].data;
    call.refused = call.unlisted = call.shares_memory = 1;
    Reprise__Event event = REPRISE__EVENT__INIT;
    event.task = UINT32_MAX;
    event.time = UINT64_MAX;
    event.body_case = REPRISE__EVENT__BODY_SYSCALL;
    event.syscall = &call;
    struct buf b = {0};
    assert_int_equal(event_pack(&b, &event, event.time), 0);
    assert_true(b.len > 6 * 1400);
    buf_done(&b);
    expect_equal_packing(&event); /* enumerators that do not exist, too */
}

static void what_the_fast_path_leaves_out_goes_through_protobuf_c(void **state)
{
    (void)state;
    Reprise__Event event = REPRISE__EVENT__INIT;
    event.task = 3;
    event.time = 12345;
    Reprise__MapOp op = REPRISE__MAP_OP__INIT, *ops = &op;
    Reprise__RegValue reg = REPRISE__REG_VALUE__INIT, *regs = &reg;
    Reprise__Syscall call = REPRISE__SYSCALL__INIT;
    op.op = REPRISE__MAP_OP__OP__UNMAP;
    op.len = 4096;
    reg.index = 5;
    event.body_case = REPRISE__EVENT__BODY_SYSCALL;
    event.syscall = &call;
    call.n_map = 1;
    call.map = &ops;
    expect_equal_packing(&event);
    call.n_map = 0;
    call.n_regs = 1;
    call.regs = &regs;
    expect_equal_packing(&event);
    Reprise__Exit end = REPRISE__EXIT__INIT;
    end.status = -1;
    event.body_case = REPRISE__EVENT__BODY_EXIT;
    event.exit = &end;
    expect_equal_packing(&event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fast_path_knows_every_field_of_the_schema),
        cmocka_unit_test(packed_calls_are_the_same_bytes_as_from_protobuf_c),
        cmocka_unit_test(longest_call_fits_its_bound),
        cmocka_unit_test(what_the_fast_path_leaves_out_goes_through_protobuf_c),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
