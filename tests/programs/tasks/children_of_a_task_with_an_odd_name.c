/* A name may hold what ends it in /proc/PID/stat. Children have their parent's name, and are its
 * children all the same. */
#include "check.h"

#include <sys/prctl.h>

static uint64_t family(const char *name)
{
    uint64_t sum = 0;
    CHECK(prctl(PR_SET_NAME, name) == 0);
    for (int i = 0; i < 60; i++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            pid_t grandchild = fork();
            if (grandchild == 0)
                _exit((int)(random_word() & 0x7f));
            _exit(WEXITSTATUS(wait_for(grandchild)));
        }
        sum = sum * 31 + (uint64_t)WEXITSTATUS(wait_for(child));
    }
    return sum;
}

int main(void)
{
    static const char *const names[] = {"((sd-pam))", "a) b", ") S 0 0", "("};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        say("%s: %016lx\n", names[i], (long)family(names[i]));
    return 0;
}
