/* Compares hostile traces with a sound one and with themselves, and writes what was found in all
 * forms. Whatever is in a trace, this ends by itself, says why when it fails, and finds a trace to
 * be the same as itself; the JSON can be read, and nothing reaches a terminal or a page raw. */
#include "diff/report.h"
#include "tools/diff_view.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* ---- forms ---- */

static int print_page(const struct diff_view *view)
{
    return diff_print_html(view, stdout);
}

/* What it prints, NUL-terminated; a NUL of its own aborts. */
static char *print(int (*form)(const struct diff_view *view), const struct diff_view *view)
{
    FILE *real = stdout;
    char *text = NULL;
    size_t len = 0;
    stdout = open_memstream(&text, &len);
    if (stdout == NULL || form(view) < 0)
        abort();
    fclose(stdout);
    stdout = real;
    if (strlen(text) != len)
        abort();
    return text;
}

static void check_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if (((uint8_t)*text < 0x20 && *text != '\n') || *text == 0x7f)
            abort();
}

static void check_forms(const struct diff_view *view)
{
    char *text = print(diff_print_text, view), *page = print(print_page, view),
         *json = print(diff_print_json, view);
    check_plain(text);
    check_plain(page);
    if (strstr(page, "<script") != NULL)
        abort();
    json_t *read = json_loads(json, 0, NULL);
    if (read == NULL)
        abort();
    json_decref(read);
    free(text);
    free(page);
    free(json);
}

/* ---- comparing ---- */

static void compare_runs(const struct runs *runs, uint16_t strict, bool same)
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
    check_forms(&view);
    diff_report_free(report);
}

static void one_round(int fd, const char *other, uint16_t strict, bool first)
{
    struct runs runs = {0};
    bool a = open_run(&runs.v[0], fd, NULL, first), b = open_run(&runs.v[1], fd, other, !first);
    if (a && b)
        compare_runs(&runs, strict, other == NULL);
    trace_reader_free(runs.v[0].trace);
    trace_reader_free(runs.v[1].trace);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    if (fd < 0)
        fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) < 0)
        abort();
    bool some = size % 2 == 0;
    one_round(fd, NULL, some ? UINT16_MAX : 0, true);
    one_round(fd, SOUND, some ? UINT16_MAX : 0, size % 4 < 2);
    return 0;
}
