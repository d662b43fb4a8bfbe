/* Feeds bytes, taken for a list of calls with arguments and memory, to the decoders and to what
 * follows descriptors: so they are reached without the luck that a whole trace takes. */
#include "decode/call_text.h"
#include "decode/fd_follow.h"
#include "decode/trace_walk.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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
    if (fd_follow_event(fds, ev) < 0)
        abort();
}

struct input {
    const uint8_t *at;
    size_t left;
};

static uint64_t number(struct input *in, size_t bytes)
{
    uint64_t v = 0;
    size_t n = bytes < in->left ? bytes : in->left;
    memcpy(&v, in->at, n);
    in->at += n;
    in->left -= n;
    return v;
}

#define ARENA 0x10000u /* where the made-up memory lies */

/* Pointers into the arena are what decoders follow; other values are as likely. */
static uint64_t argument(struct input *in)
{
    uint64_t kind = number(in, 1);
    if (kind < 128)
        return ARENA + kind * 8;
    return kind < 192 ? number(in, 2) : number(in, 8);
}

static void one_call(struct input *in, struct walk_task *task, struct fd_follow *fds,
                     struct buf *out)
{
    struct walk_call c = {.entered = true, .done = true};
    Reprise__Range ranges[4], *list[4];
    c.nr = (int64_t)(number(in, 2) % 480);
    c.row = syscall_row(c.nr);
    c.n_args = c.row != NULL ? c.row->nargs : 6;
    for (size_t i = 0; i < c.n_args; i++)
        c.args[i] = argument(in);
    c.result = (int16_t)number(in, 2);
    uint64_t addr = ARENA;
    for (size_t i = 0; i < 4; i++) {
        size_t len = (size_t)number(in, 1);
        len = len < in->left ? len : in->left;
        reprise__range__init(&ranges[i]);
        ranges[i].addr = i == 2 ? ARENA + 16 : addr;
        ranges[i].len = len;
        ranges[i].data = (ProtobufCBinaryData){len, (uint8_t *)in->at};
        addr += len;
        in->at += len;
        in->left -= len;
        list[i] = &ranges[i];
    }
    c.in = list;
    c.n_in = 2;
    c.out = list + 2;
    c.n_out = 2;
    struct walk_event ev = {
        .number = 1, .kind = REPRISE__EVENT__BODY_SYSCALL, .task = task, .call = &c};
    take(NULL, fds, &ev, out);
}

static void as_calls(const uint8_t *data, size_t size)
{
    struct walk_process process = {.number = 1, .pid = 1};
    struct walk_task task = {.serial = 1, .tid = 1, .process = &process};
    struct fd_follow *fds;
    struct buf out = {0};
    struct input in = {data, size};
    if (fd_follow_new(NULL, &fds) < 0)
        return;
    while (in.left > 8)
        one_call(&in, &task, fds, &out);
    fd_follow_free(fds);
    buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    as_calls(data, size);
    return 0;
}
