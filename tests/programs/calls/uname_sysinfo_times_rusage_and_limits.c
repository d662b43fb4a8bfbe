/* Structures that say how the machine and the process are doing: uname(2), sysinfo(2), times(2),
 * getrusage(2), prlimit(2), getpriority(2). */
#include "check.h"

#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>

int main(void)
{
    struct utsname u;
    CHECK(uname(&u) == 0);
    say("%s %s %s %s\n", u.sysname, u.nodename, u.release, u.machine);
    struct sysinfo s;
    CHECK(sysinfo(&s) == 0);
    say("up %ld, load %lu %lu, free %lu, %d processes\n", s.uptime, s.loads[0], s.loads[1],
        s.freeram, s.procs);
    struct tms t;
    clock_t ticks = times(&t);
    say("%ld ticks, user %ld system %ld\n", (long)ticks, (long)t.tms_utime, (long)t.tms_stime);
    CHECK(times(NULL) >= ticks);
    struct rusage r;
    CHECK(getrusage(RUSAGE_SELF, &r) == 0);
    say("%ld KiB, %ld minor faults, %ld switches, user %ld.%06ld\n", r.ru_maxrss, r.ru_minflt,
        r.ru_nvcsw, (long)r.ru_utime.tv_sec, (long)r.ru_utime.tv_usec);
    CHECK(getrusage(RUSAGE_CHILDREN, &r) == 0 && r.ru_maxrss == 0);

    struct rlimit old, now = {.rlim_cur = 77, .rlim_max = 99};
    CHECK(prlimit(0, RLIMIT_CORE, NULL, &old) == 0);
    CHECK(getrlimit(RLIMIT_STACK, &now) == 0);
    say("stack %ld, core %ld\n", (long)now.rlim_cur, (long)old.rlim_cur);
    now = (struct rlimit){.rlim_cur = 20, .rlim_max = old.rlim_max};
    if (now.rlim_max >= 20)
        CHECK(prlimit(0, RLIMIT_CORE, &now, &old) == 0 && getrlimit(RLIMIT_CORE, &now) == 0 &&
              now.rlim_cur == 20);

    CHECK(syscall(SYS_getpriority, PRIO_PROCESS, 0) == 20 - getpriority(PRIO_PROCESS, 0));
    unsigned cpu = ~0u, node = ~0u;
    CHECK(syscall(SYS_getcpu, &cpu, &node, NULL) == 0);
    say("cpu %u node %u\n", cpu, node);
    gid_t groups[1000];
    int count = getgroups(1000, groups);
    say("%d groups, login uid %d %d %d\n", count, (int)getuid(), (int)geteuid(), (int)getgid());
    return 0;
}
