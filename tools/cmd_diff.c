/* Owns `reprise diff`: why one run failed and another did not. */
#include "diff/report.h"
#include "tools/command.h"
#include "tools/confined.h"
#include "tools/diff_view.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/report.h"
#include "tools/trace_arg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As diff(1) ends. */
enum { DIFF_SAME = 0, DIFF_DIFFERENT = 1, DIFF_TROUBLE = 2 };

#define RUNS_MAX 64

static int run(int argc, char **argv);

const struct command command_diff = {
    .name = "diff",
    .usage = "PASS FAIL...\n--pass PASS... --fail FAIL...",
    .help = "Tell why one run failed and another did not",
    .run = run,
};

enum key { KEY_PASS = 256, KEY_FAIL, KEY_SHOW_IGNORED, KEY_STRICT, KEY_JSON, KEY_HTML };

static const struct argp_option options[] = {
    {"pass", KEY_PASS, NULL, 0, "The traces that follow are of runs that passed", 0},
    {"fail", KEY_FAIL, NULL, 0, "The traces that follow are of runs that failed", 0},
    {"show-ignored", KEY_SHOW_IGNORED, NULL, 0, "Tell what was ignored, with examples", 0},
    {"strict", KEY_STRICT, "KIND", 0,
     "Do not ignore differences of this kind, or 'all'; --show-ignored names the kinds", 0},
    {"json", KEY_JSON, NULL, 0, "Tell it in JSON; reprise-diff(1) documents the fields", 0},
    {"html", KEY_HTML, "FILE", 0, "Write it as a page that needs no other file; -: to stdout", 0},
    {0},
};

enum group { GROUP_NONE = 0, GROUP_PASS, GROUP_FAIL };

struct choice {
    struct {
        const char *arg;
        enum group group;
    } traces[RUNS_MAX];
    size_t n;
    enum group group; /* of the traces that follow */
    bool grouped, show_ignored, json;
    const char *html;
    uint16_t strict;
};

static int parse_strict(struct choice *choice, const char *arg)
{
    for (const char *p = arg;; p++) {
        size_t len = strcspn(p, ",");
        int kind = ignored_find(p, len);
        if (kind < 0 && !(len == 3 && memcmp(p, "all", 3) == 0)) {
            report_error("--strict=%s: there is no kind '%.*s'; reprise-diff(1) names them", arg,
                         (int)len, p);
            return EINVAL;
        }
        choice->strict |= kind < 0 ? UINT16_MAX : IGNORED_BIT(kind);
        p += len;
        if (*p == '\0')
            return 0;
    }
}

static int add_trace(struct choice *choice, const char *arg)
{
    if (choice->n == RUNS_MAX) {
        report_error("diff compares up to %d traces", RUNS_MAX);
        return EINVAL;
    }
    choice->traces[choice->n].arg = arg;
    choice->traces[choice->n++].group = choice->group;
    return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct choice *choice = state->input;
    switch (key) {
    case KEY_PASS:
    case KEY_FAIL:
        choice->group = key == KEY_PASS ? GROUP_PASS : GROUP_FAIL;
        choice->grouped = true;
        return 0;
    case KEY_SHOW_IGNORED:
        choice->show_ignored = true;
        return 0;
    case KEY_STRICT:
        return parse_strict(choice, arg);
    case KEY_JSON:
        choice->json = true;
        return 0;
    case KEY_HTML:
        choice->html = arg;
        return 0;
    case ARGP_KEY_ARG:
        return add_trace(choice, arg);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Without --pass and --fail the first one passed. */
static int group_traces(struct choice *choice)
{
    size_t n_pass = 0, n_fail = 0;
    for (size_t i = 0; i < choice->n; i++) {
        if (!choice->grouped)
            choice->traces[i].group = i == 0 ? GROUP_PASS : GROUP_FAIL;
        if (choice->traces[i].group == GROUP_NONE) {
            report_error("'%s' comes before --pass and --fail: is it of a run that passed?",
                         choice->traces[i].arg);
            return -EINVAL;
        }
        *(choice->traces[i].group == GROUP_PASS ? &n_pass : &n_fail) += 1;
    }
    if (n_pass > 0 && n_fail > 0)
        return 0;
    report_error(choice->grouped ? "diff needs a trace that passed and one that failed"
                                 : "diff needs two traces: one that passed, one that failed");
    return -EINVAL;
}

static int print_html(const struct diff_view *view, const char *path)
{
    if (strcmp(path, "-") == 0)
        return diff_print_html(view, stdout);
    FILE *f = fopen(path, "we");
    int r = f != NULL ? diff_print_html(view, f) : 0;
    bool failed = f == NULL || ferror(f);
    if (f != NULL && fclose(f) != 0)
        failed = true;
    if (failed) {
        report_error("cannot write %s: %s", path, strerror(errno));
        return -EIO;
    }
    return r;
}

static int print(const struct choice *choice, const struct diff_report *report)
{
    struct diff_view view = {
        .report = report,
        .show_ignored = choice->show_ignored,
        .colour = report_may_colour(STDOUT_FILENO),
    };
    int r;
    if (choice->html != NULL)
        r = print_html(&view, choice->html);
    else
        r = choice->json ? diff_print_json(&view) : diff_print_text(&view);
    if (r == -ENOMEM)
        report_error("out of memory");
    if (r < 0 || output_finish() != 0)
        return DIFF_TROUBLE;
    return report->same ? DIFF_SAME : DIFF_DIFFERENT;
}

static void warn(const struct diff_report *report)
{
    for (size_t i = 0; i < report->n_runs; i++)
        if (report->runs[i].trouble != NULL)
            report_warning("%s: %s", report->runs[i].run->name, report->runs[i].trouble);
}

static int compare(const struct choice *choice, const struct diff_run *runs)
{
    struct diff_report *report;
    struct err err = {0};
    if (diff_runs(runs, choice->n, choice->strict, &report, &err) < 0) {
        report_error("%s", err.msg);
        return DIFF_TROUBLE;
    }
    warn(report);
    int status = print(choice, report);
    diff_report_free(report);
    return status;
}

/* All are open before the first byte of one is read. A page is opened later. */
static int open_all(const struct choice *choice, struct diff_run *runs, char **paths)
{
    const struct confinement confinement = {.landlock = true, .readable = "/usr/lib/debug"};
    struct err err = {0};
    int fds[RUNS_MAX], r = 0;
    size_t n = 0, taken = 0;
    for (; n < choice->n && r == 0; n++) {
        r = trace_arg_resolve(choice->traces[n].arg, &paths[n], &err);
        fds[n] = r == 0 ? trace_reader_open_file(paths[n], &err) : -1;
        r = r == 0 && fds[n] < 0 ? fds[n] : r;
    }
    if (r == 0 && (choice->html == NULL || strcmp(choice->html, "-") == 0))
        confined_begin(&confinement);
    for (; taken < n && r == 0; taken++)
        r = trace_reader_take(fds[taken], paths[taken], &runs[taken].trace, &err);
    for (; taken < n; taken++)
        if (fds[taken] >= 0)
            close(fds[taken]);
    if (r < 0)
        report_error("%s", err.msg);
    return r;
}

static int run(int argc, char **argv)
{
    struct choice choice = {0};
    if (options_parse(&command_diff, options, parse, true, NULL, argc, argv, &choice) != 0 ||
        group_traces(&choice) < 0)
        return DIFF_TROUBLE;
    struct diff_run runs[RUNS_MAX] = {0};
    char *paths[RUNS_MAX] = {0};
    for (size_t i = 0; i < choice.n; i++) {
        runs[i].name = choice.traces[i].arg;
        runs[i].passes = choice.traces[i].group == GROUP_PASS;
    }
    int status = open_all(&choice, runs, paths) == 0 ? compare(&choice, runs) : DIFF_TROUBLE;
    for (size_t i = 0; i < choice.n; i++) {
        trace_reader_free(runs[i].trace);
        free(paths[i]);
    }
    return status;
}
