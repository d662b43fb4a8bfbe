/* Does not like a figure in its input. Before that it reads something that does not matter. */
#include "flaky.h"

static void read_file(const char *name, char text[64])
{
    int fd = MUST(open(name, O_RDONLY | O_CLOEXEC));
    ssize_t n = MUST(read(fd, text, 63));
    text[n] = '\0';
    close(fd);
}

int main(void)
{
    char banner[64], input[64];
    read_file("banner.txt", banner);
    read_file("input.txt", input);
    return verdict(strstr(input, "13") == NULL);
}
