/* Compares hostile traces with a sound one and with themselves, and writes what was found as a
 * page. Whatever is in a trace, this ends by itself, says why when it fails, and finds a trace to
 * be the same as itself. */
#include "diff/report.h"
#include "tools/diff_view.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SOUND "corpus/made.reprise" /* the directory is the work directory of run.sh */

struct runs {
    struct diff_run v[2];
};

static bool open_run(struct diff_run *run, int fd, const char *path, bool passes)
{
    struct err err = {0};
    int r = path != NULL ? trace_reader_open(path, &run->trace, &err)
                         : trace_reader_open_fd(fd, "fuzz", &run->trace, &err);
    if (r < 0 && err.msg[0] == '\0')
        abort();
    run->name = "fuzz";
    run->passes = passes;
    return r == 0;
}

static void compare_runs(const struct runs *runs, uint16_t strict, bool same, FILE *null)
{
    struct diff_report *report;
    struct err err = {0};
    if (diff_runs(runs->v, 2, strict, &report, &err) < 0) {
        if (err.msg[0] == '\0')
            abort();
        return;
    }
    if (same && !report->same)
        abort();
    struct diff_view view = {.report = report, .show_ignored = true};
    diff_print_html(&view, null);
    diff_report_free(report);
}

static void one_round(int fd, const char *other, uint16_t strict, bool first, FILE *null)
{
    struct runs runs = {0};
    bool a = open_run(&runs.v[0], fd, NULL, first), b = open_run(&runs.v[1], fd, other, !first);
    if (a && b)
        compare_runs(&runs, strict, other == NULL, null);
    trace_reader_free(runs.v[0].trace);
    trace_reader_free(runs.v[1].trace);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    static FILE *null;
    if (fd < 0) {
        fd = memfd_create("fuzz", MFD_CLOEXEC);
        null = fopen("/dev/null", "we");
    }
    if (fd < 0 || null == NULL || ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) < 0)
        abort();
    bool some = size % 2 == 0;
    one_round(fd, NULL, some ? UINT16_MAX : 0, true, null);
    one_round(fd, SOUND, some ? UINT16_MAX : 0, size % 4 < 2, null);
    return 0;
}
