/* Owns the walk that feeds the printers, and the waiting for a trace that grows. */
#include "tools/dump_follow.h"

#include "tools/dump_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct printers {
    struct dump_printer *lines;
    struct dump_json *json;
};

static int print_event(struct printers *p, struct fd_follow *fds, const struct walk_event *ev)
{
    int r = p->json != NULL ? dump_json_before(p->json, ev) : dump_printer_before(p->lines, ev);
    if (r == 0)
        r = fd_follow_event(fds, ev);
    if (r == 0)
        r = p->json != NULL ? dump_json_after(p->json, ev) : dump_printer_after(p->lines, ev);
    return r;
}

static int run(const struct dump_options *o, struct trace_walk *walk, struct fd_follow *fds,
               struct dump_out *out, uint64_t *shown, struct err *err)
{
    struct printers p = {0};
    struct walk_event ev;
    int r = o->json ? dump_json_new(o, walk, fds, out, &p.json)
                    : dump_printer_new(o, walk, fds, out, &p.lines);
    if (r == 0 && o->json)
        dump_json_skip(p.json, *shown);
    else if (r == 0)
        dump_printer_skip(p.lines, *shown);
    if (r < 0)
        err_sys(err, -r, "cannot print the trace");
    int more = r < 0 ? r : 1;
    while (more > 0) {
        more = trace_walk_next(walk, &ev, err);
        if (more <= 0)
            break;
        r = print_event(&p, fds, &ev);
        if (r < 0)
            more = err_sys(err, -r, "cannot print the trace");
        else if (out->error != 0)
            more = -EPIPE; /* as out tells */
        else if (!ev.begins && ev.number >= o->filter.last)
            more = 0;
    }
    if (more == 0 && !o->json && dump_printer_end(p.lines) < 0)
        more = err_sys(err, ENOMEM, "cannot print the trace");
    if (trace_walk_number(walk) > *shown)
        *shown = trace_walk_number(walk);
    dump_printer_free(p.lines);
    dump_json_free(p.json);
    return more;
}

int dump_trace(const struct dump_options *options, struct trace_reader *trace, struct dump_out *out,
               uint64_t *shown, struct err *err)
{
    struct trace_walk *walk = NULL;
    struct fd_follow *fds = NULL;
    int r = options->json ? trace_walk_open(trace, &walk, err)
                          : trace_walk_open_by_start(trace, &walk, err);
    if (r == 0 && (r = fd_follow_new(trace_reader_header(trace), &fds)) < 0)
        err_sys(err, -r, "cannot print the trace");
    if (r == 0)
        r = run(options, walk, fds, out, shown, err);
    fd_follow_free(fds);
    trace_walk_free(walk);
    return r;
}

/* ---- following ---- */

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void sleep_ns(uint64_t ns)
{
    struct timespec t = {.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
    nanosleep(&t, NULL);
}

#define PAUSE_NS 200000000u

int dump_follow(const struct dump_options *options, const char *path, struct dump_out *out,
                bool *ret_torn, struct err *err)
{
    uint64_t shown = 0, took = 0;
    off_t size = -1;
    for (;;) {
        struct stat st;
        if (stat(path, &st) < 0)
            return err_sys(err, errno, "cannot follow %s", path);
        if (st.st_size == size) {
            sleep_ns(PAUSE_NS);
            continue;
        }
        size = st.st_size;
        uint64_t begun = now_ns();
        struct trace_reader *trace = NULL;
        int r = trace_reader_open(path, &trace, err);
        bool torn = r < 0 || trace_reader_is_torn(trace);
        if (r == 0)
            r = dump_trace(options, trace, out, &shown, err);
        trace_reader_free(trace);
        /* A header that is half written, a chunk that is: the next look finds more. */
        if (r == -EBADMSG && torn)
            *err = (struct err){0};
        else if (r < 0)
            return r;
        if (!torn || shown >= options->filter.last) {
            *ret_torn = torn;
            return 0;
        }
        dump_out_flush(out);
        if (out->error != 0)
            return -EPIPE;
        took = now_ns() - begun;
        sleep_ns(took > PAUSE_NS ? took : PAUSE_NS); /* all is read again: at most half the time */
    }
}
