/* Owns REPRISE_MACHINE, and how the abilities of a machine are told. */
#include "tools/machine_here.h"

#include <stdio.h>
#include <stdlib.h>

int machine_here(struct machine *ret, struct err *err)
{
    return machine_measure(ret, getenv("REPRISE_MACHINE"), err);
}

static const char *state_of(const struct machine *m, enum machine_ability a)
{
    return m->has[a] ? "yes" : m->taken[a] ? "taken away" : "no";
}

static const char *without(const struct machine *m, enum machine_ability a)
{
    if (m->has[a])
        return "";
    const char *instead = machine_row(a)->instead;
    return instead != NULL ? instead : "nothing can be recorded or replayed without it";
}

void machine_print(const struct machine *m)
{
    printf("%-14s %-11s %s\n", "ABILITY", "HERE", "WITHOUT IT");
    for (enum machine_ability a = 0; a < MACHINE_ABILITIES; a++) {
        const char *instead = without(m, a);
        printf("%-14s %s%*s%s\n", machine_row(a)->name, state_of(m, a),
               instead[0] != '\0' ? (int)(12 - snprintf(NULL, 0, "%s", state_of(m, a))) : 0, "",
               instead);
    }
}
