/* Owns the question whether this machine can replay a trace: whether its CPU has all that the
 * recorded program was told that it has. Nothing else is asked of a machine. */
#include "replayer/replayer.h"

#include "replayer/origin.h"

#include <errno.h>
#include <stdio.h>

/* How the recording came to offer what it did. */
static void describe_recording(const Reprise__Header *h, char *buf, size_t size)
{
    const Reprise__Cpu *cpu = h->cpu_detail;
    if (!cpu->cpuid_trapped)
        snprintf(buf, size, "recorded on %s, where cpuid could not be answered", h->cpu);
    else if (cpu->level == REPRISE__CPU__LEVEL__UNTOLD)
        snprintf(buf, size, "recorded on %s", h->cpu);
    else
        snprintf(buf, size, "recorded with --cpu=%s on %s", cpu_level_name(origin_level(cpu)),
                 h->cpu);
}

static int refuse(const Reprise__Header *h, const char *lacks, struct err *err)
{
    enum cpu_level here = cpu_level_portable();
    char how[200];
    describe_recording(h, how, sizeof how);
    return err_set(err, ENOTSUP,
                   "this CPU lacks %s, which the recorded program was offered (%s); it replays on "
                   "a CPU that has it; a recording with --cpu=%s replays here",
                   lacks, how, here == CPU_V3 ? "portable" : cpu_level_name(here));
}

int replayer_can_replay(struct trace_reader *trace, struct err *err)
{
    const Reprise__Header *h = trace_reader_header(trace);
    const struct cpu_feature *f;
    if (h == NULL || h->cpu_detail == NULL)
        return 0;
    for (size_t i = 0; (f = cpu_feature(i)) != NULL; i++)
        if (origin_offers(h->cpu_detail, f) && !cpu_has(f))
            return refuse(h, f->name, err);
    return 0;
}
