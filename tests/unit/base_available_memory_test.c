/* base/available_memory.c: the machine's memory and the limits of control groups, of either
 * version, from files made for the purpose. */
#include "base/available_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB (1024ull * 1024)

static char root[] = "/tmp/reprise-memory-XXXXXX";

/* Writes a file below the root, making its directories. */
static void put(const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s%s", root, name);
    for (char *slash = path + sizeof root; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = '/';
    }
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int make_root(void **state)
{
    (void)state;
    strcpy(root + sizeof root - 7, "XXXXXX");
    if (mkdtemp(root) == NULL)
        return -1;
    put("/proc/meminfo", "MemTotal:       8388608 kB\nMemFree:         1024 kB\n"
                         "MemAvailable:    4194304 kB\n");
    return 0;
}

static int remove_root(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", root);
    return system(command);
}

static void what_the_kernel_calls_available_counts(void **state)
{
    (void)state;
    assert_true(available_memory(root) == 4096 * MIB);
    put("/proc/self/cgroup", "0::/\n");
    assert_true(available_memory(root) == 4096 * MIB);
}

static void a_limit_of_version_2_counts_with_what_is_used(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/user/job\n");
    put("/sys/fs/cgroup/user/job/memory.max", "max\n");
    put("/sys/fs/cgroup/user/job/memory.current", "104857600\n");
    assert_true(available_memory(root) == 4096 * MIB);
    put("/sys/fs/cgroup/user/memory.max", "1073741824\n"); /* of a group around it */
    put("/sys/fs/cgroup/user/memory.current", "209715200\n");
    assert_true(available_memory(root) == 824 * MIB);
    put("/sys/fs/cgroup/user/memory.stat", "anon 5\ninactive_file 104857600\n");
    assert_true(available_memory(root) == 924 * MIB);
    put("/sys/fs/cgroup/user/job/memory.high", "314572800\n");
    assert_true(available_memory(root) == 200 * MIB);
}

static void a_limit_of_version_1_counts_with_what_is_used(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/job\n3:cpuset:/\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    put("/sys/fs/cgroup/memory/memory.usage_in_bytes", "1\n");
    assert_true(available_memory(root) == 4096 * MIB);
    put("/sys/fs/cgroup/memory/job/memory.limit_in_bytes", "524288000\n");
    put("/sys/fs/cgroup/memory/job/memory.usage_in_bytes", "629145600\n");
    assert_true(available_memory(root) == 0);
    put("/sys/fs/cgroup/memory/job/memory.stat",
        "inactive_file 7\ntotal_inactive_file 209715200\n");
    assert_true(available_memory(root) == 100 * MIB);
}

/* As in a container whose group has another name outside. */
static void a_group_that_is_not_there_does_not_hide_those_around_it(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "4:memory:/docker/0123\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "134217728\n");
    put("/sys/fs/cgroup/memory/memory.usage_in_bytes", "33554432\n");
    assert_true(available_memory(root) == 96 * MIB);
}

static void without_proc_there_are_limits_all_the_same(void **state)
{
    (void)state;
    assert_true(available_memory("/nonexistent") > 0);
    assert_true(available_memory("/nonexistent") < UINT64_MAX);
}

static void here_there_is_some(void **state)
{
    (void)state;
    assert_true(available_memory("") > MIB);
    assert_true(available_memory("") < 1ull << 50);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_root, remove_root)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_the_kernel_calls_available_counts),
        TEST(a_limit_of_version_2_counts_with_what_is_used),
        TEST(a_limit_of_version_1_counts_with_what_is_used),
        TEST(a_group_that_is_not_there_does_not_hide_those_around_it),
        cmocka_unit_test(without_proc_there_are_limits_all_the_same),
        cmocka_unit_test(here_there_is_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
