/* Gives its peer 300 ms to answer. */
#include "flaky.h"

#include <poll.h>

int main(void)
{
    char c;
    struct pollfd p = {.fd = MUST(open("answer", O_RDWR | O_CLOEXEC)), .events = POLLIN};
    if (MUST(poll(&p, 1, 300)) == 0)
        return verdict(0);
    MUST(read(p.fd, &c, 1));
    return verdict(1);
}
