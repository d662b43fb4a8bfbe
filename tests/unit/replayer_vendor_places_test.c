/* replayer/vendor_places.c: what is counted in the code of a trace. */
#include "replayer/vendor_places.h"

#include "format_fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE   4096u
#define LENGTH (4 * PAGE)

/* Code that is no file of any form: common instructions, so that ways fall into step, and an fsin
 * in its second page, a vrcpps in its third. */
static void make_code(uint8_t *code)
{
    static const uint8_t common[] = {0x48, 0x8b, 0x44, 0x24, 0x10, 0x89, 0xc3, 0x83, 0xc0, 0x01,
                                     0x8b, 0x4b, 0x08, 0x85, 0xc9, 0x90, 0x48, 0x89, 0xe5, 0x53};
    for (size_t i = 0; i < LENGTH; i++)
        code[i] = common[i % sizeof common];
    memcpy(code + 6000, "\xd9\xfe\x90\x90\x90", 5);
    memcpy(code + 10000, "\xc5\xf8\x53\xc1\x90", 5);
}

struct piece {
    uint64_t start, len;
};

/* A trace whose program had pieces of the code mapped. */
static struct trace_reader *trace_of(const struct piece *pieces, size_t n)
{
    static uint8_t code[LENGTH];
    struct blob_id id;
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    make_code(code);
    assert_int_equal(trace_writer_blob(w, code, sizeof code, &id), 0);
    for (size_t i = 0; i < n; i++) {
        Reprise__Mapping m = REPRISE__MAPPING__INIT;
        Reprise__MapOp op = REPRISE__MAP_OP__INIT, *ops[] = {&op};
        Reprise__Poke poke = REPRISE__POKE__INIT;
        Reprise__Event e = REPRISE__EVENT__INIT;
        m.blob.data = id.bytes;
        m.blob.len = sizeof id.bytes;
        m.blob_offset = m.file_offset = pieces[i].start;
        m.len = pieces[i].len;
        m.prot = PROT_EXEC;
        m.name.data = (uint8_t *)"code";
        m.name.len = 4;
        op.mapping = &m;
        poke.n_map = 1;
        poke.map = ops;
        e.body_case = REPRISE__EVENT__BODY_POKE;
        e.poke = &poke;
        e.task = 1;
        assert_int_equal(trace_writer_event(w, 0, &e), 0);
    }
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    return fixture_open(fd);
}

static struct vendor_places find(const struct piece *pieces, size_t n)
{
    struct vendor_places places = {0};
    struct trace_reader *trace = trace_of(pieces, n);
    assert_int_equal(vendor_places_find(trace, &places), 0);
    trace_reader_free(trace);
    return places;
}

static void each_place_counts_once_however_often_it_is_mapped(void **state)
{
    (void)state;
    static const struct piece pieces[] = {
        {0, LENGTH}, {0, LENGTH}, {PAGE, PAGE}, {0, 2 * PAGE}, {0, 100 * PAGE}};
    char names[VENDOR_NAMES_MAX];
    struct vendor_places places = find(pieces, 5);
    assert_int_equal(places.n, 1);
    assert_string_equal(places.files[0].name, "code");
    assert_int_equal(places.files[0].total, 2);
    assert_int_equal(places.total, 2);
    assert_int_equal(places.counts.n[VENDOR_FSIN], 1);
    assert_int_equal(places.counts.n[VENDOR_VRCPPS], 1);
    assert_string_equal(vendor_names(&places.counts, names), "vrcpps, fsin");
    vendor_places_done(&places);
    vendor_places_done(&places);
}

static void what_is_not_mapped_does_not_count(void **state)
{
    (void)state;
    static const struct piece around[] = {{0, PAGE}, {3 * PAGE, PAGE}, {100 * PAGE, PAGE}};
    static const struct piece one[] = {{2 * PAGE, PAGE}};
    struct vendor_places places = find(around, 3);
    assert_int_equal(places.total, 0);
    assert_int_equal(places.n, 0);
    vendor_places_done(&places);
    places = find(one, 1);
    assert_int_equal(places.total, 1);
    assert_int_equal(places.counts.n[VENDOR_VRCPPS], 1);
    vendor_places_done(&places);
}

static void a_content_that_is_not_in_the_trace_is_left_out(void **state)
{
    (void)state;
    struct code_span span = {.id = {{1}}, .end = PAGE, .name = (char *)"gone"}, *list[] = {&span};
    struct code_spans spans = {.v = list, .n = 1};
    struct vendor_places places = {0};
    struct trace_reader *trace = trace_of(NULL, 0);
    assert_int_equal(vendor_places_look(&spans, trace, &places), 0);
    assert_int_equal(places.n, 0);
    trace_reader_free(trace);
}

/* Stands before code/vendor_code.c: the look at code, which may die of it. */
static bool is_fatal;
int __real_vendor_code_count(struct code_finder *finder, const struct code_range *range,
                             struct vendor_counts *counts);
int __wrap_vendor_code_count(struct code_finder *finder, const struct code_range *range,
                             struct vendor_counts *counts);
int __wrap_vendor_code_count(struct code_finder *finder, const struct code_range *range,
                             struct vendor_counts *counts)
{
    if (is_fatal)
        syscall(SYS_getppid);
    return __real_vendor_code_count(finder, range, counts);
}

static void code_that_ends_who_looks_at_it_is_told_and_left_out(void **state)
{
    (void)state;
    static const struct piece all[] = {{0, LENGTH}};
    is_fatal = true;
    struct vendor_places places = find(all, 1);
    is_fatal = false;
    assert_int_equal(places.n, 0);
    assert_string_equal(places.trouble, "code of code could not be read: what reads it made a call "
                                        "that it may not make");
    vendor_places_done(&places);
    places = find(all, 1);
    assert_int_equal(places.total, 2);
    assert_null(places.trouble);
    vendor_places_done(&places);
}

static void the_names_of_all_fit(void **state)
{
    (void)state;
    struct vendor_counts all;
    char names[VENDOR_NAMES_MAX];
    for (enum vendor_insn insn = 0; insn < VENDOR_INSNS; insn++)
        all.n[insn] = 1;
    size_t len = strlen(vendor_names(&all, names));
    assert_true(len < VENDOR_NAMES_MAX - 20);
    assert_string_equal(names + len - strlen("fsin, fcos"), "fsin, fcos");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_place_counts_once_however_often_it_is_mapped),
        cmocka_unit_test(what_is_not_mapped_does_not_count),
        cmocka_unit_test(a_content_that_is_not_in_the_trace_is_left_out),
        cmocka_unit_test(code_that_ends_who_looks_at_it_is_told_and_left_out),
        cmocka_unit_test(the_names_of_all_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
