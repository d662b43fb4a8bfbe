/* Owns the decision of what a machine can be blamed for; the words are origin.c's. */
#include "replayer/blame.h"

#include "replayer/origin.h"
#include "replayer/vendor_places.h"

#include <errno.h>

void blame_machines(const struct replayer_options *options, struct err *err)
{
    const Reprise__Header *header = trace_reader_header(options->trace);
    struct vendor_places places = {0};
    char text[ORIGIN_TEXT_MAX];
    if (err == NULL || err->code == EBADMSG || err->code == ENOMEM)
        return; /* the trace is damaged, or this machine is full */
    if (origin_is_of_another_vendor(header))
        (void)vendor_places_find(options->trace, &places); /* without memory: not told */
    origin_differences(header, trace_reader_summary(options->trace), &places, options->machine,
                       text);
    if (text[0] != '\0')
        err_append(err, "\n%s", text);
    vendor_places_done(&places);
}
