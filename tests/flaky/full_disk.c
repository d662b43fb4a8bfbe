/* Writes a report. */
#include "flaky.h"

int main(void)
{
    static char page[4096];
    int fd = MUST(open("disk/report", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    for (int i = 0; i < 16; i++)
        if (write(fd, page, sizeof page) != (ssize_t)sizeof page)
            return verdict(0);
    return verdict(1);
}
