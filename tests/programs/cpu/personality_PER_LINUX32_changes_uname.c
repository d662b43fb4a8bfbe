/* Under PER_LINUX32 uname says i686, and UNAME26 another release: personality(2). */
#include "check.h"

#include <sys/personality.h>
#include <sys/utsname.h>

int main(void)
{
    struct utsname u;
    CHECK(personality(PER_LINUX32) != -1);
    CHECK(uname(&u) == 0);
    say("%s %s %s\n", u.sysname, u.release, u.machine);
    CHECK(strcmp(u.machine, "i686") == 0 || strcmp(u.machine, "x86_64") == 0);
    CHECK(personality(PER_LINUX | UNAME26) == PER_LINUX32);
    CHECK(uname(&u) == 0);
    say("%s %s\n", u.release, u.machine);
    CHECK(personality(PER_LINUX) == (PER_LINUX | UNAME26));
    return 0;
}
