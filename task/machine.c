/* Owns the names of the abilities, and how they are taken away for tests. */
#include "task/machine.h"

#include "task/machine_trial.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct machine_row rows[MACHINE_ABILITIES] = {
    [MACHINE_SINGLE_STEP] = {"single-step", NULL},
    [MACHINE_SYSEMU] = {"sysemu", NULL},
    [MACHINE_MEMORY_IO] = {"memory-io", NULL},
    [MACHINE_SYSCALL_INFO] = {"syscall-info", NULL},
    [MACHINE_TSC_TRAP] = {"tsc-trap", "rdtsc and rdtscp are rewritten when code is first executed"},
    [MACHINE_CPUID_TRAP] = {"cpuid-trap", "cpuid is rewritten when code is first executed"},
    [MACHINE_BREAKPOINTS] = {"breakpoints", "int3 stands in for them"},
    [MACHINE_WATCHPOINTS] = {"watchpoints",
                             "recorded debuggers get none that hit, as without reprise"},
    [MACHINE_SECCOMP_STOPS] =
        {"seccomp-stops",
         "each call stops, those of no interest, too; those into the vsyscall page are not seen"},
    [MACHINE_USERFAULTFD] = {"userfaultfd", "preemption points hash all memory each time"},
    [MACHINE_PAGEMAP_SCAN] = {"pagemap-scan", "preemption points hash all memory each time"},
    [MACHINE_PIDFD_GETFD] = {"pidfd-getfd", "preemption points hash all memory when recording"},
    [MACHINE_LANDLOCK] = {"landlock", "in a replay the seccomp filter alone holds a trace back"},
};

const struct machine_row *machine_row(enum machine_ability a)
{
    return &rows[a];
}

static int unknown(const char *word, size_t len, struct err *err)
{
    char names[MACHINE_NAMES_MAX] = "";
    for (size_t i = 0, n = 0; i < MACHINE_ABILITIES; i++)
        if (rows[i].instead != NULL)
            n += (size_t)snprintf(names + n, sizeof names - n, "%s-%s", n > 0 ? ", " : "",
                                  rows[i].name);
    return err_set(err, EINVAL,
                   "REPRISE_MACHINE: no ability '%.*s' can be taken away; there are -all, %s",
                   (int)len, word, names);
}

static int take_away(struct machine *m, const char *word, size_t len, struct err *err)
{
    bool all = len == 4 && memcmp(word, "-all", 4) == 0, known = all;
    for (size_t i = 0; i < MACHINE_ABILITIES; i++) {
        const char *name = rows[i].name;
        bool named =
            len == strlen(name) + 1 && word[0] == '-' && memcmp(word + 1, name, len - 1) == 0;
        if (rows[i].instead == NULL || (!all && !named))
            continue;
        m->taken[i] = m->taken[i] || m->has[i];
        m->has[i] = false;
        known = true;
    }
    return known ? 0 : unknown(word, len, err);
}

int machine_measure(struct machine *ret, const char *less, struct err *err)
{
    struct machine m = {0};
    int e = machine_try_all(m.has);
    if (e < 0)
        return err_sys(err, -e, "cannot find out what this machine can do");
    for (const char *word = less != NULL ? less : ""; *word != '\0';) {
        size_t len = strcspn(word, ",");
        e = take_away(&m, word, len, err);
        if (e < 0)
            return e;
        word += len + (word[len] == ',');
    }
    *ret = m;
    return 0;
}

const char *machine_missing(const struct machine *m, char buf[MACHINE_NAMES_MAX])
{
    size_t n = 0;
    buf[0] = '\0';
    for (size_t i = 0; i < MACHINE_ABILITIES; i++)
        if (!m->has[i] && !machine_is_guard(i))
            n += (size_t)snprintf(buf + n, MACHINE_NAMES_MAX - n, "%s-%s", n > 0 ? "," : "",
                                  rows[i].name);
    return buf;
}

const char *machine_next_name(const char **list, size_t *ret_len)
{
    const char *name = *list + strspn(*list, "-,");
    *ret_len = strcspn(name, ",");
    *list = name + *ret_len;
    return *ret_len > 0 ? name : NULL;
}
