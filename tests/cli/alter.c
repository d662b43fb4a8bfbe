/* alter HOW IN OUT: copies a trace, every checksum right, with one thing changed:
 *
 *   version   a format version of the future
 *   event     the arguments of the last system call that has some
 *   points    the memory at each preemption point
 *   cpu       the program was offered every feature that a CPU could have
 *   machine   it was recorded on a CPU of another vendor, by a machine that lacks abilities
 *
 * What a trace says cannot be changed with an editor: the reader would find it damaged. */
#include "base/buf.h"
#include "format/chunk.h"
#include "format/chunk_reader.h"
#include "format/chunk_writer.h"
#include "format/delimited.h"
#include "format/trace.pb-c.h"
#include "format/trace_reader.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FUTURE_VERSION 99

static void need(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "alter: %s\n", what);
    exit(1);
}

/* The place among all EVENTS chunks and their messages of the last call with arguments. */
struct place {
    size_t chunk, message;
};

static bool is_call_with_args(const uint8_t *bytes, size_t len)
{
    Reprise__Event *e = reprise__event__unpack(NULL, len, bytes);
    need(e != NULL, "an event cannot be decoded");
    bool is = e->body_case == REPRISE__EVENT__BODY_SYSCALL && e->syscall->n_args > 0 &&
              e->syscall->phase != REPRISE__SYSCALL__PHASE__EXIT;
    reprise__event__free_unpacked(e, NULL);
    return is;
}

static struct place find_last_call(struct trace_reader *trace, struct chunk_reader *in)
{
    struct place found = {0};
    struct buf raw = {0};
    bool any = false;
    for (size_t i = 0; i < trace_reader_chunk_count(trace); i++) {
        const Reprise__IndexEntry *entry = trace_reader_chunk(trace, i);
        struct chunk_head head;
        if (entry->kind != CHUNK_EVENTS)
            continue;
        need(chunk_reader_load(in, entry->offset, &head, &raw, NULL) == 0, "a chunk is damaged");
        size_t pos = 0, len;
        const uint8_t *message;
        for (size_t m = 0; delimited_next(raw.data, raw.len, &pos, &message, &len) == 1; m++) {
            if (!is_call_with_args(message, len))
                continue;
            found = (struct place){i, m};
            any = true;
        }
    }
    need(any, "there is no call to change");
    buf_done(&raw);
    return found;
}

static void alter_event(struct buf *raw, size_t which)
{
    struct buf out = {0};
    size_t pos = 0, len;
    const uint8_t *message;
    for (size_t m = 0; delimited_next(raw->data, raw->len, &pos, &message, &len) == 1; m++) {
        Reprise__Event *e = reprise__event__unpack(NULL, len, message);
        need(e != NULL, "an event cannot be decoded");
        if (m == which)
            e->syscall->args[0] ^= 1;
        need(delimited_append(&out, &e->base) == 0, "no memory");
        reprise__event__free_unpacked(e, NULL);
    }
    buf_done(raw);
    *raw = out;
}

static void offer_everything(Reprise__Cpu *cpu)
{
    for (size_t i = 0; i < cpu->n_leaves; i++)
        cpu->leaves[i]->eax = cpu->leaves[i]->ebx = cpu->leaves[i]->ecx = cpu->leaves[i]->edx =
            UINT32_MAX;
}

static void alter_machine(Reprise__Cpu *cpu)
{
    for (size_t i = 0; i < cpu->n_leaves; i++) {
        Reprise__CpuidLeaf *leaf = cpu->leaves[i];
        if (leaf->leaf == 0) {
            memcpy(&leaf->ebx, "Othe", 4);
            memcpy(&leaf->edx, "rVen", 4);
            memcpy(&leaf->ecx, "dors", 4);
        } else if (leaf->leaf == 1) {
            leaf->eax = 0xa20f12;
        }
    }
    if (cpu->missing[0] != '\0')
        free(cpu->missing);
    cpu->missing = strdup("-tsc-trap,-breakpoints");
}

static void alter_header(struct buf *raw, void (*alter)(Reprise__Cpu *cpu))
{
    size_t pos = 0, len;
    const uint8_t *message;
    need(delimited_next(raw->data, raw->len, &pos, &message, &len) == 1, "no header");
    Reprise__Header *h = reprise__header__unpack(NULL, len, message);
    need(h != NULL && h->cpu_detail != NULL, "no header");
    alter(h->cpu_detail);
    buf_clear(raw);
    need(delimited_append(raw, &h->base) == 0, "no memory");
    reprise__header__free_unpacked(h, NULL);
}

static void alter_points(struct buf *raw)
{
    struct buf out = {0};
    size_t pos = 0, len;
    const uint8_t *message;
    while (delimited_next(raw->data, raw->len, &pos, &message, &len) == 1) {
        Reprise__Event *e = reprise__event__unpack(NULL, len, message);
        need(e != NULL, "an event cannot be decoded");
        if (e->body_case == REPRISE__EVENT__BODY_PREEMPTION)
            e->preemption->memory_low ^= 1;
        need(delimited_append(&out, &e->base) == 0, "no memory");
        reprise__event__free_unpacked(e, NULL);
    }
    buf_done(raw);
    *raw = out;
}

/* What is to be changed, and how. */
struct change {
    bool event, points, version;
    void (*header)(Reprise__Cpu *cpu);
    struct place place; /* of the event */
};

/* Copies the chunks but for the index, which the writer makes anew. */
static void copy_chunk(struct chunk_reader *in, struct chunk_writer *out,
                       const struct trace_reader *trace, size_t i, const struct change *change)
{
    struct chunk_head head;
    struct buf raw = {0};
    struct err err = {0};
    int r = chunk_reader_load(in, trace_reader_chunk(trace, i)->offset, &head, &raw, &err);
    need(r == 0, err.msg);
    if (change->event && i == change->place.chunk)
        alter_event(&raw, change->place.message);
    if (change->points && head.kind == CHUNK_EVENTS)
        alter_points(&raw);
    if (change->header != NULL && head.kind == CHUNK_HEADER)
        alter_header(&raw, change->header);
    head.raw_len = (uint32_t)raw.len;
    if (head.kind == CHUNK_BLOBNAME)
        r = chunk_writer_put_blobname(out, head, raw.data);
    else if (head.kind != CHUNK_INDEX && head.kind != CHUNK_END)
        r = chunk_writer_put(out, head, raw.data);
    need(r == 0, "cannot write");
    buf_done(&raw);
}

static void set_version(int fd)
{
    uint8_t head[FILE_HEAD_SIZE];
    file_head_encode(head, FUTURE_VERSION);
    need(pwrite(fd, head, sizeof head, 0) == sizeof head, "cannot write");
}

static void copy(int in_fd, int out_fd, const char *name, struct change *change)
{
    struct err err = {0};
    struct trace_reader *trace;
    struct chunk_reader in;
    struct chunk_writer out;
    need(trace_reader_open_fd(in_fd, name, &trace, &err) == 0, err.msg);
    need(chunk_reader_init(&in, in_fd, name) == 0, "no memory");
    need(chunk_writer_init(&out, out_fd, 1, 1) == 0, "no memory");
    if (change->event)
        change->place = find_last_call(trace, &in);
    for (size_t i = 0; i < trace_reader_chunk_count(trace); i++)
        copy_chunk(&in, &out, trace, i, change);
    need(chunk_writer_finish(&out) == 0, "cannot write");
    if (change->version)
        set_version(out_fd);
    chunk_writer_done(&out);
    chunk_reader_done(&in);
    trace_reader_free(trace);
}

int main(int argc, char **argv)
{
    need(argc == 4, "usage: alter version|event|points|cpu|machine IN OUT");
    struct change change = {
        .event = strcmp(argv[1], "event") == 0,
        .header = strcmp(argv[1], "cpu") == 0       ? offer_everything
                  : strcmp(argv[1], "machine") == 0 ? alter_machine
                                                    : NULL,
        .points = strcmp(argv[1], "points") == 0,
        .version = strcmp(argv[1], "version") == 0,
    };
    need(change.event || change.points || change.header != NULL || change.version,
         "unknown way to alter");
    int in = open(argv[2], O_RDONLY | O_CLOEXEC);
    int out = open(argv[3], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    need(in >= 0 && out >= 0, "cannot open the files");
    copy(in, out, argv[2], &change);
    return 0;
}
