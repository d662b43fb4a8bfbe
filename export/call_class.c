/* Owns the names of the families of calls. Which call belongs to which is told by the table. */
#include "export/call_class.h"

static const char *const names[ABOUT_COUNT] = {
    [ABOUT_OTHER] = "other",     [ABOUT_FILE] = "file",     [ABOUT_DESC] = "desc",
    [ABOUT_NETWORK] = "network", [ABOUT_MEMORY] = "memory", [ABOUT_PROCESS] = "process",
    [ABOUT_SIGNAL] = "signal",   [ABOUT_WAIT] = "wait",
};

enum syscall_about call_class_of(const struct walk_call *call)
{
    return syscall_about(syscall_traits(call->nr));
}

const char *call_class_name(enum syscall_about c)
{
    return names[c];
}
