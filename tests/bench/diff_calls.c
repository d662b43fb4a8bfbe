/* diff_calls COUNT [EVERY]: makes COUNT system calls in an order that looks like chance but is the
 * same each time; every EVERY-th is another one. For comparing long traces. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static void make_call(int zero, int null, uint64_t kind, uint64_t size)
{
    char buffer[64] = "some bytes to be written, and some more of them";
    ssize_t n = 0;
    switch (kind % 6) {
    case 0:
    case 1:
        n = read(zero, buffer, size % sizeof buffer);
        break;
    case 2:
    case 3:
        n = write(null, buffer, size % sizeof buffer);
        break;
    case 4:
        n = lseek(zero, (off_t)size, SEEK_SET);
        break;
    case 5:
        n = access("/nowhere", F_OK) + 1;
        break;
    }
    if (n < 0)
        exit(1);
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? atol(argv[1]) : 1000, every = argc > 2 ? atol(argv[2]) : 0;
    int zero = open("/dev/zero", O_RDONLY), null = open("/dev/null", O_WRONLY);
    uint64_t state = 1;
    if (zero < 0 || null < 0)
        return 1;
    for (long i = 1; i <= count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint64_t kind = state >> 33, size = state >> 40;
        make_call(zero, null, kind, every > 0 && i % every == 0 ? size + 1 : size);
    }
    return every > 0;
}
