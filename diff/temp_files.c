/* Owns what mkstemp(3), mkdtemp(3) and their kin have in common: O_EXCL with mode 0600, a
 * directory with mode 0700. */
#include "diff/temp_files.h"

#include "decode/call_text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>

static bool makes_file(const struct walk_call *c, size_t flags)
{
    return c->n_args > flags + 1 && (c->args[flags] & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL) &&
           (c->args[flags + 1] & 0777) == 0600;
}

/* The argument that is the path, or SIZE_MAX. */
static size_t path_of(const struct walk_call *c)
{
    switch (c->nr) {
    case SYS_open:
        return makes_file(c, 1) ? 0 : SIZE_MAX;
    case SYS_openat:
        return makes_file(c, 2) ? 1 : SIZE_MAX;
    case SYS_mkdir:
        return c->n_args > 1 && (c->args[1] & 0777) == 0700 ? 0 : SIZE_MAX;
    case SYS_mkdirat:
        return c->n_args > 2 && (c->args[2] & 0777) == 0700 ? 1 : SIZE_MAX;
    default: /* any other call */
        return SIZE_MAX;
    }
}

int temp_files_note(const struct walk_call *call, struct words *words, uint64_t token)
{
    if (!call->done || (call->result < 0 && call->result != -EEXIST))
        return 0;
    size_t i = path_of(call);
    if (i == SIZE_MAX || i >= call->n_args)
        return 0;
    struct call_bytes path;
    call_bytes_in(call, call->args[i], UINT64_MAX, &path);
    if (path.data == NULL)
        return 0;
    const char *text = (const char *)path.data;
    int r = words_add_temp(words, text, strnlen(text, path.kept), token);
    return r < 0 ? r : 1;
}
