/* Owns what mkstemp(3), mkdtemp(3) and their kin have in common: O_EXCL with mode 0600, a
 * directory with mode 0700. */
#include "diff/temp_files.h"

#include "decode/call_text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static bool makes_file(const struct walk_call *c, const struct syscall_row *row)
{
    int flags = syscall_arg_of_type(row, TYPE_OPEN_FLAGS);
    int mode = syscall_arg_of_type(row, TYPE_CREAT_MODE);
    return row->fds == FDS_OPENS && flags >= 0 && mode >= 0 && c->n_args > (size_t)mode &&
           (c->args[flags] & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL) &&
           (c->args[mode] & 0777) == 0600;
}

static bool makes_dir(const struct walk_call *c, const struct syscall_row *row)
{
    int mode = syscall_arg_of_type(row, TYPE_MODE);
    return row->makes_dir && mode >= 0 && c->n_args > (size_t)mode &&
           (c->args[mode] & 0777) == 0700;
}

/* The argument that is the path, or SIZE_MAX. */
static size_t path_of(const struct walk_call *c)
{
    const struct syscall_row *row = syscall_traits(c->nr);
    int path = syscall_arg_of_kind(row, ARG_PATH);
    return path >= 0 && (makes_file(c, row) || makes_dir(c, row)) ? (size_t)path : SIZE_MAX;
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
