/* Takes it that a record comes in one piece. */
#include "flaky.h"

int main(void)
{
    char record[16];
    int fd = MUST(open("records", O_RDONLY | O_CLOEXEC));
    ssize_t n = MUST(read(fd, record, sizeof record));
    return verdict(n == (ssize_t)sizeof record);
}
