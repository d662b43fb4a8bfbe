/* ioctl commands that ioctl_table.c does not list: what the number itself says. */
#include "walk.h"

#include <asm/ioctl.h>

/* Numbers with a direction tell the size of what args[2] points to. _IOC_READ is the program's
 * view: the kernel writes. */

static void ioctl_generic_handed(struct walk *w, const struct range_rule *rule)
{
    uint32_t cmd = (uint32_t)w->call->args[1];

    (void)rule;
    if (_IOC_DIR(cmd) & _IOC_WRITE)
        walk_add(w, w->call->args[2], _IOC_SIZE(cmd), RANGE_STRUCT);
}

static void ioctl_generic_written(struct walk *w, const struct range_rule *rule)
{
    uint32_t cmd = (uint32_t)w->call->args[1];

    (void)rule;
    if (_IOC_DIR(cmd) & _IOC_READ)
        walk_add_out(w, w->call->args[2], _IOC_SIZE(cmd));
}

static bool ioctl_generic_listed(const struct syscall_call *c)
{
    return _IOC_DIR((uint32_t)c->args[1]) != _IOC_NONE;
}

const struct walker walker_ioctl_generic = {
    .handed = ioctl_generic_handed,
    .written = ioctl_generic_written,
    .listed = ioctl_generic_listed,
};
