/* Owns the making and freeing of what tasks consist of: their calls, spaces and themselves. Makes
 * no ptrace request. */
#include "recorder/task_parts.h"

#include "base/no_memory.h"
#include "recorder/code_patches.h"
#include "recorder/code_watch.h"
#include "recorder/fd_class.h"
#include "recorder/forced_signals.h"
#include "recorder/proc_maps.h"
#include "recorder/proc_status.h"
#include "recorder/scratch.h"
#include "recorder/signal_order.h"
#include "recorder/snapshot.h"
#include "task/memory_watch.h"

#include <stdlib.h>

static void *must_calloc(size_t size)
{
    void *p = calloc(1, size);
    if (p == NULL)
        no_memory();
    return p;
}

void task_free(struct task *t)
{
    scratch_give_back(t);
    space_unref(t->space);
    fd_table_unref(t->fds);
    for (struct held_signal *h = t->signals.held, *next; h != NULL; h = next) {
        next = h->next;
        free(h);
    }
    signal_order_done(t);
    signal_actions_unref(t->signals.actions);
    free(t->traced);
    free(t->marks);
    proc_status_free(t);
    proc_maps_free(t);
    snapshot_free(t->call.before);
    syscall_call_done(&t->call.call);
    syscall_ranges_done(&t->call.in_ranges);
    syscall_ranges_done(&t->call.restart_ranges);
    buf_done(&t->call.in);
    free(t->call.redirect.v);
    syscall_buffers_done(&t->call.redirect.buffers);
    syscall_ranges_done(&t->call.redirect.written);
    buf_done(&t->call.redirect.content);
    free(t);
}

static struct memory_watch *watch_new(const struct recorder *r)
{
    return memory_watch_new(recorder_has(r, MACHINE_USERFAULTFD) &&
                            recorder_has(r, MACHINE_PAGEMAP_SCAN) &&
                            recorder_has(r, MACHINE_PIDFD_GETFD));
}

struct space *space_new(const struct recorder *r)
{
    struct space *s = must_calloc(sizeof *s);
    s->refs = 1;
    s->watch = watch_new(r);
    return s;
}

struct space *space_ref(struct space *s)
{
    s->refs++;
    return s;
}

struct space *space_copy(const struct recorder *r, const struct space *s)
{
    struct space *copy = must_calloc(sizeof *copy);
    *copy = *s;
    copy->refs = 1;
    copy->watch = watch_new(r);
    scratch_areas_copy(&copy->scratch, &s->scratch);
    copy->stub.patches = code_patches_copy(s->stub.patches);
    copy->code = code_watch_copy(s->code);
    return copy;
}

void space_unref(struct space *s)
{
    if (s == NULL || --s->refs > 0)
        return;
    scratch_areas_done(&s->scratch);
    code_patches_free(s->stub.patches);
    code_watch_free(s->code);
    memory_watch_unref(s->watch);
    free(s);
}
