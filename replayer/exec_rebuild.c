/* Owns the rebuilding of an image; the counterpart of the recorder's exec_image.c. */
#include "replayer/exec_rebuild.h"

#include "replayer/call_sites.h"
#include "replayer/map_ops.h"
#include "replayer/modules.h"
#include "replayer/space_use.h"
#include "replayer/task_run.h"
#include "replayer/xstate_convert.h"
#include "replayer/zygote.h"
#include "task/memory_watch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_stack(const Reprise__Mapping *m)
{
    return m->name.len == 7 && memcmp(m->name.data, "[stack]", 7) == 0;
}

static void take_name(struct rtask *t, const Reprise__Exec *exec)
{
    const char *path = (const char *)exec->path.data;
    size_t len = exec->path.len, start = len;
    while (start > 0 && path[start - 1] != '/')
        start--;
    snprintf(t->name, sizeof t->name, "%.*s", (int)(len - start), len > 0 ? path + start : "");
}

int exec_rebuild(struct replayer *r, struct rtask *t, const Reprise__Exec *exec)
{
    const Reprise__Image *image = exec->image;
    if (image == NULL || image->regs.len != sizeof t->regs)
        return err_set(r->err, EBADMSG, "damaged trace: an exec without an image");
    pid_t pid;
    int err = zygote_fork(r, &pid);
    if (err < 0)
        return err_sys(r->err, -err, "cannot make a process for replay");
    rtask_end_process(r, t);
    t->pid = pid;
    t->in_call = false;
    modules_unref(t->modules);
    t->modules = modules_new();
    call_sites_unref(t->sites);
    t->sites = call_sites_new();
    space_use_unref(t->use);
    t->use = space_use_new();
    if (t->sites == NULL || t->use == NULL)
        return err_sys(r->err, ENOMEM, "cannot replay");
    memory_watch_unref(t->watch);
    t->watch = rtask_watch_new(r);
    take_name(t, exec);
    for (size_t i = 0; i < image->n_mappings; i++) {
        err = map_ops_map(r, t, image->mappings[i]);
        if (is_stack(image->mappings[i]))
            t->stack_low = image->mappings[i]->addr;
        if (err < 0)
            return err;
    }
    err = xstate_set(r, t, &image->xstate);
    if (err < 0)
        return err;
    memcpy(&t->regs, image->regs.data, sizeof t->regs);
    t->regs_known = true;
    return rtask_leave(r, t);
}
