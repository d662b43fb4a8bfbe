/* replayer/blame.c: which failures tell of the machines, and which do not. */
#include "replayer/blame.h"

#include "format_fixture.h"

#include <errno.h>
#include <string.h>

/* A trace of a machine that could not make rdtsc fault. */
static struct trace_reader *trace_of_another_machine(void)
{
    struct err err = {0};
    Reprise__Header header = REPRISE__HEADER__INIT;
    Reprise__Cpu cpu = REPRISE__CPU__INIT;
    int fd = fixture_file();
    struct trace_writer_options options = {.fd = fd};
    struct trace_writer *w;
    cpu.missing = (char *)"-tsc-trap";
    header.cpu_detail = &cpu;
    assert_int_equal(trace_writer_open(&options, &w, &err), 0);
    assert_int_equal(trace_writer_header(w, &header), 0);
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    return fixture_open(fd);
}

static void check(struct trace_reader *trace, int code, const char *want)
{
    struct machine here = {0};
    struct err err = {0};
    memset(here.has, true, sizeof here.has);
    struct replayer_options options = {.trace = trace, .machine = &here};
    if (code != 0)
        err_set(&err, code, "it failed");
    blame_machines(&options, &err);
    assert_string_equal(err.msg, want);
    assert_int_equal(err.code, code);
}

static void what_a_machine_can_be_the_cause_of_tells_how_they_differ(void **state)
{
    (void)state;
    struct trace_reader *trace = trace_of_another_machine();
    static const char both[] = "it failed\nrecorded on a machine without tsc-trap";
    check(trace, EILSEQ, both);
    check(trace, ECHILD, both);
    check(trace, EINVAL, both);
    trace_reader_free(trace);
}

static void other_failures_do_not(void **state)
{
    (void)state;
    struct trace_reader *trace = trace_of_another_machine();
    check(trace, EBADMSG, "it failed");
    check(trace, ENOMEM, "it failed");
    check(trace, EPIPE, "it failed");
    check(trace, EPERM, "it failed");
    check(trace, ENOTSUP, "it failed");
    check(trace, 0, "");
    trace_reader_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_machine_can_be_the_cause_of_tells_how_they_differ),
        cmocka_unit_test(other_failures_do_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
