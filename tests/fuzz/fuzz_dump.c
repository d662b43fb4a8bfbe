/* Feeds bytes, taken for a trace, to what `reprise dump` does with one: the walk in both orders,
 * the decoders in several styles, the following of descriptors. */
#include "decode/call_text.h"
#include "decode/fd_follow.h"
#include "decode/trace_walk.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EVENTS_MAX 20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct call_text_style styles[] = {
    {.string_max = 32, .array_max = 32, .fd_paths = true},
    {.string_max = 100000,
     .array_max = 32,
     .verbose = true,
     .hex_strings = 1,
     .constants = TEXT_CONSTANTS_VERBOSE},
    {.string_max = 0, .array_max = 1, .constants = TEXT_CONSTANTS_RAW, .hex_strings = 2},
};

static void decode(struct trace_reader *reader, const struct fd_follow *fds,
                   const struct walk_event *ev, struct buf *out)
{
    for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++) {
        struct call_decoder d = {reader, fds, ev->task, &styles[i]};
        buf_clear(out);
        call_text_line(&d, ev->call, out);
        size_t ready = call_text_ready(ev->call);
        call_text_args_from(&d, ev->call, 0, ready, out);
        call_text_args_from(&d, ev->call, ready, SIZE_MAX, out);
        for (size_t k = 0; k < ev->call->n_args; k++)
            call_text_arg(&d, ev->call, k, out);
    }
}

static void take(struct trace_reader *reader, struct fd_follow *fds, const struct walk_event *ev,
                 struct buf *out)
{
    if (ev->call != NULL)
        decode(reader, fds, ev, out);
    if (ev->kind == REPRISE__EVENT__BODY_SIGNAL) {
        const Reprise__Signal *s = ev->event->signal;
        struct call_decoder d = {reader, fds, ev->task, &styles[0]};
        call_text_siginfo(&d, s->siginfo.data, s->siginfo.len, out);
    }
    if (fd_follow_event(fds, ev) < 0)
        abort();
}

static void walk(struct trace_reader *reader, bool by_start)
{
    struct trace_walk *w = NULL;
    struct fd_follow *fds = NULL;
    struct buf out = {0};
    struct walk_event ev;
    int r =
        by_start ? trace_walk_open_by_start(reader, &w, NULL) : trace_walk_open(reader, &w, NULL);
    if (r == 0 && fd_follow_new(trace_reader_header(reader), &fds) == 0)
        for (int i = 0; i < EVENTS_MAX && trace_walk_next(w, &ev, NULL) > 0; i++)
            take(reader, fds, &ev, &out);
    fd_follow_free(fds);
    trace_walk_free(w);
    buf_done(&out);
}

static void as_trace(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    struct trace_reader *reader = NULL;
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    if (trace_reader_open_fd(fd, "fuzz", &reader, NULL) == 0) {
        walk(reader, false);
        walk(reader, true);
    }
    trace_reader_free(reader);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    as_trace(data, size);
    return 0;
}
