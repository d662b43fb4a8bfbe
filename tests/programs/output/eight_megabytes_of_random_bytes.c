/* Reads 8 MiB of random bytes, which no compression makes smaller, and shows them: what the test of
 * a full disk runs. */
#include "check.h"

int main(void)
{
    static char block[1 << 16];
    int fd = open("/dev/urandom", O_RDONLY);
    CHECK(fd >= 0);
    for (int i = 0; i < 128; i++) {
        read_all(fd, block, sizeof block);
        write_all(1, block, sizeof block);
        sleep_ms(5);
    }
    return 0;
}
