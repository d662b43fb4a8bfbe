/* A recorder keeps its tasks on one core; the program must see and set the mask it would have
 * unrecorded: sched_setaffinity(2). CPUS_SEEN in the environment says how many to expect. */
#include "check.h"

#include <sched.h>

int main(void)
{
    cpu_set_t set, one, got;
    CHECK(sched_getaffinity(0, sizeof set, &set) == 0);
    int count = CPU_COUNT(&set);
    const char *expected = getenv("CPUS_SEEN");
    CHECK(expected == NULL || atoi(expected) == count);
    say("%d processors, %ld online, %ld configured\n", count, sysconf(_SC_NPROCESSORS_ONLN),
        sysconf(_SC_NPROCESSORS_CONF));
    CHECK(syscall(SYS_sched_getaffinity, 0, sizeof set, &got) > 0); /* returns bytes written */
    CHECK(syscall(SYS_sched_getaffinity, 0, 1, &got) == -1 && errno == EINVAL);

    char text[8192] = "", *p;
    int fd = open("/proc/self/status", O_RDONLY);
    CHECK(fd >= 0 && read(fd, text, sizeof text - 1) > 0);
    p = strstr(text, "Cpus_allowed_list:");
    CHECK(p != NULL);
    say("%.*s\n", (int)strcspn(p, "\n"), p);
    if (count == 1)
        CHECK(strchr(p, '-') == NULL || strchr(p, '-') > strchr(p, '\n'));
    else
        CHECK(strpbrk(p, "-,") != NULL && strpbrk(p, "-,") < strchr(p, '\n'));

    int last = -1;
    for (int i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &set))
            last = i;
    CPU_ZERO(&one);
    CPU_SET(last, &one);
    CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
    CHECK(sched_getaffinity(0, sizeof got, &got) == 0 && CPU_EQUAL(&one, &got));
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(sched_getaffinity(0, sizeof got, &got) == 0 && CPU_EQUAL(&one, &got));
        CHECK(sched_setaffinity(0, sizeof set, &set) == 0);
        _exit(0);
    }
    wait_for_success(child);
    CHECK(sched_getaffinity(child, sizeof got, &got) == -1 && errno == ESRCH);
    CPU_ZERO(&one);
    CHECK(sched_setaffinity(0, sizeof one, &one) == -1 && errno == EINVAL);
    say("kept to processor %d\n", last);
    return 0;
}
