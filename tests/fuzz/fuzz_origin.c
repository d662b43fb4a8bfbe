/* Feeds what judges by a trace whether and why a machine cannot replay it with hostile ones: its
 * header, lists of CPUID leaves and abilities, and the code in its files. */
#include "format/trace_reader.h"
#include "replayer/blame.h"
#include "replayer/origin.h"
#include "replayer/vendor_places.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(struct trace_reader *trace)
{
    const struct machine machine = {0};
    struct vendor_places places = {0};
    struct err err = {0};
    char text[ORIGIN_TEXT_MAX];
    (void)replayer_can_replay(trace, &err);
    bool known = vendor_places_find(trace, &places) == 0;
    const char *t = origin_differences(trace_reader_header(trace), trace_reader_summary(trace),
                                       known ? &places : NULL, &machine, text);
    if (strlen(t) >= ORIGIN_TEXT_MAX)
        abort();
    vendor_places_done(&places);
    const struct replayer_options options = {.trace = trace, .machine = &machine};
    err = (struct err){0};
    err_set(&err, EILSEQ, "replay diverged");
    blame_machines(&options, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    struct trace_reader *trace;
    if (fd < 0)
        fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) < 0)
        abort();
    if (trace_reader_open_fd(fd, "fuzz", &trace, NULL) < 0)
        return 0;
    look(trace);
    trace_reader_free(trace);
    return 0;
}
