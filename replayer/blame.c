/* Owns the decision of what a machine can be blamed for; the words are origin.c's. */
#include "replayer/blame.h"

#include "replayer/origin.h"
#include "replayer/vendor_places.h"

#include <errno.h>

/* Not a trace that is damaged, an output that is closed, a want of memory or permission. */
static bool can_be_the_machine(int code)
{
    switch (code) {
    case EILSEQ: /* it diverged */
    case ECHILD: /* a task was killed, by whatever */
    case EINVAL: /* the kernel does not take a task's state ... */
    case EIO:
    case ENODEV: /* ... or has no such part of it */
        return true;
    default:
        return false;
    }
}

void blame_machines(const struct replayer_options *options, struct err *err)
{
    const Reprise__Header *header = trace_reader_header(options->trace);
    struct vendor_places places = {0};
    char text[ORIGIN_TEXT_MAX];
    if (err == NULL || !can_be_the_machine(err->code))
        return;
    if (origin_is_of_another_vendor(header))
        (void)vendor_places_find(options->trace, &places); /* without memory: not told */
    origin_differences(header, trace_reader_summary(options->trace), &places, options->machine,
                       text);
    if (text[0] != '\0')
        err_append(err, "\n%s", text);
    if (places.trouble != NULL)
        err_append(err, "\n%s", places.trouble);
    vendor_places_done(&places);
}
