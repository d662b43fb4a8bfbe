/* Tests that a trace of each format version stays readable for ever. GOLDEN_DIR holds for each
 * version a trace and what was in it as text, see tests/golden/make_golden.c. */
#include "format_fixture.h"
#include "message_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_trace_of_version_1_reads_as_it_always_did),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
