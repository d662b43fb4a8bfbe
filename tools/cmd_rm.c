/* Owns `reprise rm`. Removes traces and nothing else: names in the trace directory, and paths that
 * end in the suffix of traces. */
#include "base/scope.h"
#include "tools/command.h"
#include "tools/exit_status.h"
#include "tools/options.h"
#include "tools/report.h"
#include "tools/trace_arg.h"
#include "tools/trace_dir.h"

#include <errno.h>
#include <string.h>

static int run(int argc, char **argv);

const struct command command_rm = {
    .name = "rm",
    .usage = "TRACE... | --all",
    .help = "Remove traces",
    .run = run,
};

enum key { KEY_ALL = 256 };

static const struct argp_option options[] = {
    {"all", KEY_ALL, NULL, 0, "Remove all traces in the trace directory", 0},
    {0},
};

struct choice {
    bool all;
    char **traces; /* n of them, within argv */
    size_t n;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct choice *choice = state->input;
    (void)arg;
    switch (key) {
    case KEY_ALL:
        choice->all = true;
        return 0;
    case ARGP_KEY_ARGS:
        choice->traces = &state->argv[state->next];
        choice->n = (size_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_END:
        if (choice->all == (choice->n > 0)) {
            report_error("rm takes the names of traces, or --all");
            return EINVAL;
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int remove_file(const char *path, struct err *err)
{
    return unlink(path) == 0 ? 0 : err_sys(err, errno, "cannot remove %s", path);
}

static int remove_named(const char *arg, struct err *err)
{
    char *path SCOPE_FREE = NULL;
    if (strcmp(arg, TRACE_LATEST) == 0) {
        int r = trace_arg_resolve(NULL, &path, err);
        return r < 0 ? r : remove_file(path, err);
    }
    if (trace_arg_in_dir(arg, &path, NULL) == 0)
        return remove_file(path, err);
    if (access(arg, F_OK) != 0)
        return trace_arg_in_dir(arg, &path, err);
    const char *slash = strrchr(arg, '/');
    if (!trace_dir_is_trace_name(slash != NULL ? slash + 1 : arg))
        return err_set(err, EINVAL, "not removed: %s, which does not end in " TRACE_SUFFIX, arg);
    return remove_file(arg, err);
}

static int remove_all(const char *dir, struct err *err)
{
    struct trace_names names;
    int r = trace_dir_list(dir, &names, err);
    if (r < 0)
        return r;
    for (size_t i = 0; i < names.n && r == 0; i++) {
        char *path SCOPE_FREE = trace_dir_join(dir, names.v[i]);
        r = path != NULL ? remove_file(path, err) : err_sys(err, ENOMEM, "cannot remove traces");
    }
    trace_names_done(&names);
    return r;
}

static int report(const struct err *err, int r)
{
    if (r == 0)
        return 0;
    report_error("%s", err->msg);
    return EXIT_REPRISE;
}

static int run(int argc, char **argv)
{
    struct choice choice = {0};
    int status = options_parse(&command_rm, options, parse, false, NULL, argc, argv, &choice);
    if (status != 0)
        return status;
    struct err err = {0};
    char *dir SCOPE_FREE = NULL;
    int r = trace_dir_path(&dir, &err);
    if (r < 0)
        return report(&err, r);
    if (choice.all)
        status = report(&err, remove_all(dir, &err));
    for (size_t i = 0; i < choice.n; i++) {
        struct err one = {0};
        int failed = report(&one, remove_named(choice.traces[i], &one));
        status = failed != 0 ? failed : status;
    }
    struct err mend = {0};
    int failed = report(&mend, trace_dir_mend_latest(dir, &mend));
    return failed != 0 ? failed : status;
}
