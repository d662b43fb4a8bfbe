/* Owns the answers to calls into the vsyscall page. At the stop the kernel has not done anything;
 * with the number set to -1 it only returns to the caller. */
#include "recorder/vsyscalls.h"

#include "recorder/agenda.h"
#include "recorder/emit.h"
#include "recorder/task_control.h"
#include "task/made_calls.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

/* gettimeofday(2), time(2) and getcpu(2), as vsyscall_64.c has them. */
static int64_t answer(struct recorder *r, struct task *t, const struct user_regs_struct *regs,
                      struct emit_list *out)
{
    struct timeval now = {0};
    struct timezone zone = {0};
    uint32_t core = (uint32_t)r->core, node = 0;
    struct {
        uint64_t addr;
        const void *data;
        size_t len;
    } writes[2] = {0};
    int64_t result = 0;
    switch (syscall_traits(regs_number(regs))->clock) {
    case CLOCK_READ_US:
        syscall(NR_GETTIMEOFDAY, &now, &zone);
        writes[0].addr = regs_arg(regs, 0), writes[0].data = &now, writes[0].len = sizeof now;
        writes[1].addr = regs_arg(regs, 1), writes[1].data = &zone, writes[1].len = sizeof zone;
        break;
    case CLOCK_READ_S:
        now.tv_sec = result = time(NULL);
        writes[0].addr = regs_arg(regs, 0), writes[0].data = &now.tv_sec,
        writes[0].len = sizeof now.tv_sec;
        break;
    case CLOCK_READ_NS:
    case CLOCK_NOT_READ: /* getcpu */
        writes[0].addr = regs_arg(regs, 0), writes[0].data = &core, writes[0].len = sizeof core;
        writes[1].addr = regs_arg(regs, 1), writes[1].data = &node, writes[1].len = sizeof node;
        break;
    }
    for (int i = 0; i < 2; i++) {
        if (writes[i].addr == 0 || writes[i].len == 0)
            continue;
        if (tracee_write(t->tid, writes[i].addr, writes[i].data, writes[i].len) < 0)
            return -EFAULT;
        emit_push(r, out, emit_memory(r, t->tid, writes[i].addr, writes[i].len));
    }
    return result;
}

void vsyscalls_take(struct recorder *r, struct task *t, const struct user_regs_struct *entry)
{
    struct user_regs_struct regs = *entry;
    struct emit_list out = {0};
    Reprise__Syscall s = REPRISE__SYSCALL__INIT;
    s.nr = regs_number(&regs);
    s.ip = regs_ip(&regs);
    s.result = answer(r, t, &regs, &out);
    s.refused = true;
    s.out = (Reprise__Range **)out.v;
    s.n_out = out.n;
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_SYSCALL;
    e.syscall = &s;
    emit_event(r, t, &e);
    regs_set_result(&regs, s.result);
    regs_leave_call(&regs);
    (void)task_set_regs(r, t, &regs);
    task_resume(r, t, 0);
}
