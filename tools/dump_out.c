/* Owns the failures of the output. */
#include "tools/dump_out.h"

#include <errno.h>

static void note(struct dump_out *out)
{
    if (out->error == 0)
        out->error = errno != 0 ? errno : EIO;
}

void dump_out_write(struct dump_out *out, const void *data, size_t len)
{
    errno = 0;
    if (fwrite(data, 1, len, out->file) != len)
        note(out);
}

void dump_out_flush(struct dump_out *out)
{
    errno = 0;
    if (fflush(out->file) != 0)
        note(out);
}

void dump_out_close(struct dump_out *out)
{
    dump_out_flush(out);
    errno = 0;
    if (out->file != stdout && fclose(out->file) != 0)
        note(out);
}
