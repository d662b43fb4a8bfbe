/* Feeds what looks at traces with hostile ones: sums them up and writes them in all forms, each
 * twice, the second time restricted to some events and with short strings. Whatever is in a trace,
 * this ends by itself and says why when it fails. */
#include "export/export.h"
#include "stat/stat.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DATABASE "fuzz.db"

static void sum_up(struct trace_reader *r)
{
    struct trace_stat stat;
    struct err err = {0};
    if (stat_gather(r, &stat, &err) == 0)
        stat_done(&stat);
    else if (err.msg[0] == '\0')
        abort();
}

static void write_all(struct trace_reader *r, int null, uint64_t first, uint64_t last,
                      size_t string_max)
{
    static int (*const forms[])(const struct export_job *, struct export_result *, struct err *) = {
        export_perfetto, export_html, export_pcap, export_sqlite};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        bool database = forms[i] == export_sqlite;
        int fd = database ? open(DATABASE, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : null;
        struct export_job job = {.reader = r,
                                 .fd = fd,
                                 .path = database ? DATABASE : "null",
                                 .first = first,
                                 .last = last,
                                 .string_max = string_max,
                                 .row_max = 100};
        struct export_result result;
        struct err err = {0};
        if (fd < 0 || (forms[i](&job, &result, &err) < 0 && err.msg[0] == '\0'))
            abort();
        if (database)
            close(fd);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1, null = -1;
    if (fd < 0) {
        fd = memfd_create("fuzz", MFD_CLOEXEC);
        null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    }
    if (fd < 0 || null < 0 || ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) < 0)
        abort();
    struct trace_reader *r;
    struct err err = {0};
    if (trace_reader_open_fd(fd, "fuzz", &r, &err) < 0)
        return 0;
    sum_up(r);
    write_all(r, null, 0, UINT64_MAX, 64);
    write_all(r, null, 5, 20, 3);
    trace_reader_free(r);
    return 0;
}
