/* replayer/code_spans.c: what is mapped to be executed, wherever an event tells of it. */
#include "replayer/code_spans.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

static uint8_t blob_a[BLOB_ID_SIZE] = "a", blob_b[BLOB_ID_SIZE] = "b";

static Reprise__Mapping mapping(uint8_t *blob, uint64_t offset, uint64_t len, uint32_t prot)
{
    Reprise__Mapping m = REPRISE__MAPPING__INIT;
    m.blob.data = blob;
    m.blob.len = BLOB_ID_SIZE;
    m.blob_offset = m.file_offset = offset;
    m.len = len;
    m.prot = prot;
    m.name.data = (uint8_t *)"/lib/some.so";
    m.name.len = 12;
    return m;
}

/* An event of each kind that maps, of the one mapping. */
static void note(struct code_spans *spans, Reprise__Event__BodyCase kind, Reprise__Mapping *m)
{
    Reprise__Event e = REPRISE__EVENT__INIT;
    Reprise__Syscall call = REPRISE__SYSCALL__INIT;
    Reprise__Fetch fetch = REPRISE__FETCH__INIT;
    Reprise__Poke poke = REPRISE__POKE__INIT;
    Reprise__Exec exec = REPRISE__EXEC__INIT;
    Reprise__Image image = REPRISE__IMAGE__INIT;
    Reprise__MapOp op = REPRISE__MAP_OP__INIT, *ops[] = {&op};
    op.op = REPRISE__MAP_OP__OP__MAP;
    op.mapping = m;
    e.body_case = kind;
    switch ((int)kind) {
    case REPRISE__EVENT__BODY_SYSCALL:
        e.syscall = &call;
        call.n_map = 1;
        call.map = ops;
        break;
    case REPRISE__EVENT__BODY_FETCH:
        e.fetch = &fetch;
        fetch.n_map = 1;
        fetch.map = ops;
        break;
    case REPRISE__EVENT__BODY_POKE:
        e.poke = &poke;
        poke.n_map = 1;
        poke.map = ops;
        break;
    case REPRISE__EVENT__BODY_EXEC:
        e.exec = &exec;
        exec.image = &image;
        image.n_mappings = 1;
        image.mappings = &m;
        break;
    }
    assert_int_equal(code_spans_event(spans, &e), 0);
}

static void each_event_that_maps_is_heeded(void **state)
{
    (void)state;
    static const Reprise__Event__BodyCase kinds[] = {
        REPRISE__EVENT__BODY_SYSCALL, REPRISE__EVENT__BODY_FETCH, REPRISE__EVENT__BODY_POKE,
        REPRISE__EVENT__BODY_EXEC};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct code_spans spans = {0};
        Reprise__Mapping m = mapping(blob_a, 4096, 8192, PROT_READ | PROT_EXEC);
        m.file_offset = 20480;
        note(&spans, kinds[i], &m);
        assert_int_equal(spans.n, 1);
        assert_memory_equal(spans.v[0]->id.bytes, blob_a, BLOB_ID_SIZE);
        assert_int_equal(spans.v[0]->start, 4096);
        assert_int_equal(spans.v[0]->end, 12288);
        assert_int_equal(spans.v[0]->ahead, 16384);
        assert_string_equal(spans.v[0]->name, "/lib/some.so");
        code_spans_done(&spans);
        code_spans_done(&spans);
    }
}

static void what_is_not_executed_or_no_file_is_left_out(void **state)
{
    (void)state;
    struct code_spans spans = {0};
    Reprise__Mapping data = mapping(blob_a, 0, 4096, PROT_READ | PROT_WRITE);
    Reprise__Mapping anonymous = mapping(blob_a, 0, 4096, PROT_EXEC);
    Reprise__Mapping hostile = mapping(blob_a, 4096, UINT64_MAX, PROT_EXEC);
    Reprise__Mapping turned = mapping(blob_a, 4096, 4096, PROT_EXEC);
    anonymous.blob.len = 0;
    turned.file_offset = 0;
    note(&spans, REPRISE__EVENT__BODY_SYSCALL, &data);
    note(&spans, REPRISE__EVENT__BODY_SYSCALL, &anonymous);
    note(&spans, REPRISE__EVENT__BODY_SYSCALL, &hostile);
    note(&spans, REPRISE__EVENT__BODY_SYSCALL, &turned);
    assert_int_equal(spans.n, 0);
    code_spans_done(&spans);
}

static void each_stretch_is_there_once_beside_those_of_its_content(void **state)
{
    (void)state;
    struct code_spans spans = {0};
    for (uint64_t i = 0; i < 600; i++) {
        Reprise__Mapping m =
            mapping(i % 2 == 0 ? blob_a : blob_b, (200 - i / 2 % 200) * 4096, 8192, PROT_EXEC);
        note(&spans, REPRISE__EVENT__BODY_SYSCALL, &m);
    }
    assert_int_equal(spans.n, 400);
    code_spans_sort(&spans);
    assert_int_equal(code_spans_same(&spans, 0), 200);
    assert_int_equal(code_spans_same(&spans, 200), 200);
    for (size_t i = 1; i < 200; i++)
        assert_true(spans.v[i - 1]->start < spans.v[i]->start);
    code_spans_done(&spans);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_event_that_maps_is_heeded),
        cmocka_unit_test(what_is_not_executed_or_no_file_is_left_out),
        cmocka_unit_test(each_stretch_is_there_once_beside_those_of_its_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
