/* Works until it is told to stop, or is killed. */
#include "flaky.h"

int main(void)
{
    char c;
    int work = MUST(open("work", O_RDWR | O_CLOEXEC));
    int ready = MUST(open("ready", O_RDWR | O_CLOEXEC));
    dprintf(ready, "%d\n", (int)getpid());
    MUST(read(work, &c, 1));
    return verdict(1);
}
