/* Owns the handing over of tracees. A tracee cannot be given away: it is stopped by a signal, let
 * go, and seized by the other before it runs again. */
#include "recorder/keeper.h"

#include "base/scope.h"
#include "recorder/pass_through.h"
#include "recorder/spawn.h"
#include "task/call_filter.h"
#include "task/made_calls.h"
#include "task/proc.h"
#include "task/stop.h"
#include "task/tracee.h"
#include "vdso/clock_ring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct tracee_name {
    pid_t pid, tid;
    bool was_stopped; /* by a signal of its own: it stays so */
};

/* ---- which tasks ---- */

static int add_threads(pid_t pid, struct buf *list)
{
    DIR *dir = opendir(proc_path(pid, "task").s);
    int err = 0;
    for (struct dirent *d; dir != NULL && err == 0 && (d = readdir(dir)) != NULL;) {
        struct tracee_name t = {.pid = pid, .tid = atoi(d->d_name)};
        if (t.tid > 0 && proc_number(proc_path(t.tid, "status"), "TracerPid", 10) == gettid())
            err = buf_append(list, &t, sizeof t);
    }
    if (dir != NULL)
        closedir(dir);
    return err;
}

/* All tracees of this thread, as struct tracee_name. */
static int list_tracees(struct buf *list)
{
    DIR *dir = opendir("/proc");
    if (dir == NULL)
        return -errno;
    int err = 0;
    for (struct dirent *d; err == 0 && (d = readdir(dir)) != NULL;)
        if (atoi(d->d_name) > 0)
            err = add_threads(atoi(d->d_name), list);
    closedir(dir);
    return err;
}

/* ---- the recorder's side ---- */

/* Yama lets only ancestors trace, unless the tracee says otherwise (prctl(2), PR_SET_PTRACER). */
static void allow(pid_t tid, pid_t keeper)
{
    struct user_regs_struct regs;
    struct tracee_syscall call = {
        .ip = CLOCK_SILENT_CALL, .nr = NR_PRCTL, .args = {PR_SET_PTRACER, (uint64_t)keeper}};
    int64_t result;
    if (access("/proc/sys/kernel/yama/ptrace_scope", F_OK) == 0 && tracee_get_regs(tid, &regs) == 0)
        (void)tracee_run_syscall(tid, &call, &result);
}

/* Lets it go, stopped. */
static void hand_over(struct tracee_name *t, pid_t keeper)
{
    int status;
    if (tracee_interrupt(t->tid) < 0 || tracee_wait(t->tid, &status) < 0 || !WIFSTOPPED(status))
        return;
    struct stop stop = stop_decode(status);
    t->was_stopped = stop.kind == STOP_GROUP;
    if (stop.kind == STOP_TRAP)
        allow(t->tid, keeper);
    (void)syscall(NR_TGKILL, t->pid, t->tid, SIGSTOP);
    (void)tracee_detach(t->tid, stop.kind == STOP_SIGNAL ? stop.signo : 0);
}

/* ---- the keeper's side ---- */

static bool seize(const struct tracee_name *t)
{
    for (int i = 0; i < 1000; i++) {
        int err = tracee_seize(t->tid, SPAWN_OPTIONS);
        if (err == 0 || err == -ESRCH)
            return err == 0;
        usleep(1000); /* it is on its way from the other tracer */
    }
    return false;
}

static _Noreturn void keep(int names)
{
    struct tracee_name t;
    struct buf seized = {0};
    setsid();
    while (read(names, &t, sizeof t) == sizeof t)
        if (seize(&t))
            (void)buf_append(&seized, &t, sizeof t);
    const struct tracee_name *v = (const void *)seized.data;
    for (size_t i = 0; i < seized.len / sizeof *v; i++)
        if (!v[i].was_stopped && v[i].pid == v[i].tid)
            kill(v[i].pid, SIGCONT);
    pass_through_all();
    _exit(0);
}

int keeper_take_over(void)
{
    int names[2];
    struct buf list = {0};
    int err = list_tracees(&list);
    if (err < 0 || list.len == 0) {
        buf_done(&list);
        return err;
    }
    if (pipe2(names, O_CLOEXEC) < 0) {
        err = -errno;
        buf_done(&list);
        return err;
    }
    pid_t keeper = fork();
    if (keeper == 0) {
        close(names[1]);
        keep(names[0]);
    }
    close(names[0]);
    err = keeper < 0 ? -errno : 0;
    struct tracee_name *v = (void *)list.data;
    for (size_t i = 0; err == 0 && i < list.len / sizeof *v; i++) {
        hand_over(&v[i], keeper);
        if (write(names[1], &v[i], sizeof v[i]) != sizeof v[i])
            err = -EPIPE;
    }
    close(names[1]);
    buf_done(&list);
    return err;
}
