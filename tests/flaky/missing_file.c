/* Wants a configuration. */
#include "flaky.h"

int main(void)
{
    char text[64];
    int fd = open("settings.conf", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return verdict(0);
    MUST(read(fd, text, sizeof text));
    close(fd);
    return verdict(1);
}
