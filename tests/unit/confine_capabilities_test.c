/* confine/capabilities.c, no_core.c: what is left of a process's rights. */
#include "confine/capabilities.h"
#include "confine/no_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static unsigned long long set_named(const char *name)
{
    char line[256];
    unsigned long long set = ~0ull;
    FILE *f = fopen("/proc/self/status", "re");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            sscanf(line + strlen(name), ":\t%llx", &set);
    if (f != NULL)
        fclose(f);
    return set;
}

/* Drops in a child, since it is for good. True: what is left is as it must be. */
static bool is_left(uint64_t keep, uint64_t wanted)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(capabilities_drop(keep) == 0 && set_named("CapPrm") == wanted &&
                      set_named("CapEff") == wanted && set_named("CapInh") == 0 &&
                      set_named("CapAmb") == 0
                  ? 0
                  : 1);
    assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void all_are_dropped(void **state)
{
    (void)state;
    assert_true(is_left(0, 0));
}

static void what_is_kept_stays_if_it_was_there(void **state)
{
    (void)state;
    uint64_t have = set_named("CapPrm") & CAPABILITY_PTRACE;
    assert_true(is_left(CAPABILITY_PTRACE, have));
}

static void no_core_is_dumped(void **state)
{
    (void)state;
    struct rlimit l;
    no_core();
    assert_int_equal(getrlimit(RLIMIT_CORE, &l), 0);
    assert_true(l.rlim_max <= 1); /* of one byte no file is made */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_are_dropped),
        cmocka_unit_test(what_is_kept_stays_if_it_was_there),
        cmocka_unit_test(no_core_is_dumped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
