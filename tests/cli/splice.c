/* splice IN OUT raw|index [N...]: copies chunks N... of a trace (from 0, in the file's order),
 * every checksum right: `raw` leaves index and end as what they are, chunks like others; `index`
 * leaves them out and makes new ones, which agree with the chunks. Without any N: prints how many
 * chunks IN has, and of what kind each is. */
#include "base/buf.h"
#include "format/chunk.h"
#include "format/chunk_reader.h"
#include "format/chunk_writer.h"
#include "format/trace_reader.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void need(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "splice: %s\n", what);
    exit(1);
}

static void copy_raw(struct chunk_reader *in, uint64_t offset, int out)
{
    struct chunk_head head;
    need(chunk_reader_verify(in, offset, &head, NULL) == 0, "a chunk is damaged");
    need(write(out, in->stored.data, in->stored.len) == (ssize_t)in->stored.len, "cannot write");
}

static void copy_indexed(struct chunk_reader *in, uint64_t offset, struct chunk_writer *out)
{
    struct chunk_head head;
    struct buf raw = {0};
    need(chunk_reader_load(in, offset, &head, &raw, NULL) == 0, "a chunk is damaged");
    int r = 0;
    if (head.kind == CHUNK_BLOBNAME)
        r = chunk_writer_put_blobname(out, head, raw.data);
    else if (head.kind != CHUNK_INDEX && head.kind != CHUNK_END)
        r = chunk_writer_put(out, head, raw.data);
    need(r == 0, "cannot write");
    buf_done(&raw);
}

static uint64_t offset_of(const struct trace_reader *trace, const char *n)
{
    size_t i = strtoul(n, NULL, 10);
    need(i < trace_reader_chunk_count(trace), "there is no such chunk");
    return trace_reader_chunk(trace, i)->offset;
}

static void splice_raw(const struct trace_reader *trace, struct chunk_reader *in, int out, char **n)
{
    uint8_t head[FILE_HEAD_SIZE];
    file_head_encode(head, TRACE_FORMAT_VERSION);
    need(write(out, head, sizeof head) == sizeof head, "cannot write");
    for (; *n != NULL; n++)
        copy_raw(in, offset_of(trace, *n), out);
}

static void splice_indexed(const struct trace_reader *trace, struct chunk_reader *in, int fd,
                           char **n)
{
    struct chunk_writer out;
    need(chunk_writer_init(&out, fd, 1, 1) == 0, "no memory");
    for (; *n != NULL; n++)
        copy_indexed(in, offset_of(trace, *n), &out);
    need(chunk_writer_finish(&out) == 0, "cannot write");
    chunk_writer_done(&out);
}

int main(int argc, char **argv)
{
    need(argc >= 4, "usage: splice IN OUT raw|index [N...]");
    struct err err = {0};
    struct trace_reader *trace;
    struct chunk_reader in;
    int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    need(trace_reader_open_fd(fd, argv[1], &trace, &err) == 0, err.msg);
    need(chunk_reader_init(&in, fd, argv[1]) == 0, "no memory");
    if (argc == 4) {
        for (size_t i = 0; i < trace_reader_chunk_count(trace); i++)
            printf("%u\n", trace_reader_chunk(trace, i)->kind);
    } else {
        int out = open(argv[2], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        need(out >= 0, "cannot open the files");
        if (strcmp(argv[3], "raw") == 0)
            splice_raw(trace, &in, out, argv + 4);
        else
            splice_indexed(trace, &in, out, argv + 4);
        close(out);
    }
    chunk_reader_done(&in);
    trace_reader_free(trace);
    close(fd);
    return 0;
}
