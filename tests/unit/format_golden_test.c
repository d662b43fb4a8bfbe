/* Tests that a trace of each format version stays readable for ever. GOLDEN_DIR holds for each
 * version a trace and what was in it as text, see tests/golden/make_golden.c. */
#include "format_fixture.h"
#include "message_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *read_text(const char *path)
{
    FILE *f = fopen(path, "re");
    if (f == NULL)
        fail_msg("cannot read %s", path);
    char *text = NULL;
    size_t cap = 0;
    if (getdelim(&text, &cap, EOF, f) < 0)
        fail_msg("cannot read %s", path);
    fclose(f);
    return text;
}

static void print_events(FILE *out, struct trace_reader *r)
{
    struct trace_cursor *c;
    struct trace_event e;
    struct err err = {0};
    int rc = trace_cursor_open(r, TRACE_ALL_STREAMS, &c, &err);
    while (rc >= 0 && (rc = trace_cursor_next(c, &e, &err)) > 0) {
        fprintf(out, "stream %u:\n", e.stream);
        message_text(out, &e.event->base, 2);
    }
    if (rc < 0)
        fail_msg("%s", err.msg);
    trace_cursor_free(c);
}

static char *text_of(struct trace_reader *r)
{
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    fputs("header:\n", out);
    message_text(out, &trace_reader_header(r)->base, 2);
    print_events(out, r);
    fputs("summary:\n", out);
    message_text(out, &trace_reader_summary(r)->base, 2);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void golden_trace_of_version_1_reads_as_it_always_did(void **state)
{
    (void)state;
    struct err err = {0};
    struct trace_reader *r;
    if (trace_reader_open(GOLDEN_DIR "/v1.reprise", &r, &err) < 0)
        fail_msg("%s", err.msg);
    assert_false(trace_reader_is_torn(r));
    if (trace_reader_check(r, &err) < 0)
        fail_msg("%s", err.msg);
    char *expected = read_text(GOLDEN_DIR "/v1.txt"), *got = text_of(r);
    assert_string_equal(got, expected);
    free(expected);
    free(got);
    trace_reader_free(r);
}

/* Puts the bytes of a line like "00000010  89 72 ..." into b, at the place that it says. */
static void take_hex_line(struct buf *b, const char *line)
{
    unsigned long at;
    int used = 0;
    if (sscanf(line, "%8lx  %n", &at, &used) != 1 || used != 10)
        return;
    assert_int_equal(at, b->len);
    unsigned byte;
    for (line += used; sscanf(line, "%2x%n", &byte, &used) == 1; line += used)
        assert_int_equal(buf_append(b, &(uint8_t){(uint8_t)byte}, 1), 0);
}

static void example_in_the_specification_is_a_trace(void **state)
{
    (void)state;
    FILE *f = fopen(FORMAT_DOC, "re");
    assert_non_null(f);
    struct buf b = {0};
    char *line = NULL;
    size_t cap = 0;
    while (getline(&line, &cap, f) > 0)
        take_hex_line(&b, line);
    free(line);
    fclose(f);
    int fd = fixture_file_of(b.data, b.len);
    buf_done(&b);
    struct trace_reader *r = fixture_open(fd);
    assert_false(trace_reader_is_torn(r));
    assert_int_equal(trace_reader_check(r, NULL), 0);
    assert_memory_equal(trace_reader_header(r)->argv[0].data, "true", 4);
    struct fixture_events events = fixture_events(r, 1);
    assert_int_equal(events.len, 2);
    assert_int_equal(events.items[0].time, 1000);
    assert_int_equal(events.items[1].time, 1300);
    assert_non_null(strstr(events.items[0].text, "hi\\0a"));
    fixture_events_done(&events);
    trace_reader_free(r);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_trace_of_version_1_reads_as_it_always_did),
        cmocka_unit_test(example_in_the_specification_is_a_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
