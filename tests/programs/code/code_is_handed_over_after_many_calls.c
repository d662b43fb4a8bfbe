/* What the program reads of its own code by write(2) is its own, also when replay has redirected
 * calls in it. */
#include "check.h"
#include "quick_call.h"

int main(void)
{
    for (int i = 0; i < 10; i++)
        CHECK(quick_call(SYS_getppid, 0, 0, 0) == getppid());
    int fds[2];
    char bytes[QUICK_CALL_SIZE];
    CHECK(pipe(fds) == 0);
    CHECK(write(fds[1], (void *)quick_call, sizeof bytes) == sizeof bytes);
    CHECK(read(fds[0], bytes, sizeof bytes) == sizeof bytes);
    CHECK(memmem(bytes, sizeof bytes, "\x0f\x05\xc3", 3) != NULL);
    say("its code: ");
    CHECK(write(STDOUT_FILENO, (void *)quick_call, sizeof bytes) == sizeof bytes);
    say("\n");
    return 0;
}
