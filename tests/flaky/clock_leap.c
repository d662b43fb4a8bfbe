/* Takes it that time goes on. */
#include "flaky.h"

#include <time.h>

int main(void)
{
    struct timespec before, after;
    MUST(clock_gettime(CLOCK_REALTIME, &before));
    MUST(access("/", F_OK));
    MUST(clock_gettime(CLOCK_REALTIME, &after));
    return verdict(after.tv_sec >= before.tv_sec);
}
