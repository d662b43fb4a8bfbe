/* Owns the moment at which a command gives up its rights. A kernel without Landlock and a container
 * that forbids this are no reason to read nothing: what is promised does not stand on it. */
#include "tools/confined.h"

#include "base/scope.h"
#include "confine/capabilities.h"
#include "confine/landlock.h"
#include "tools/trace_arg.h"

void confined_begin(const struct confinement *c)
{
    const char *const readable[] = {"/proc", c->readable, NULL};
    (void)capabilities_drop(c->traces ? capabilities_to_trace() : 0);
    if (c->landlock)
        (void)landlock_close(readable);
}

int confined_open(const char *path, const struct confinement *c, struct trace_reader **ret,
                  struct err *err)
{
    int fd = trace_reader_open_file(path, err);
    if (fd < 0)
        return fd;
    confined_begin(c);
    return trace_reader_take(fd, path, ret, err);
}

int confined_open_arg(const char *arg, const struct confinement *c, struct trace_reader **ret,
                      char **ret_path, struct err *err)
{
    char *path SCOPE_FREE = NULL;
    int r = trace_arg_resolve(arg, &path, err);
    if (r == 0)
        r = confined_open(path, c, ret, err);
    if (r == 0 && ret_path != NULL)
        *ret_path = TAKE(path);
    return r;
}
