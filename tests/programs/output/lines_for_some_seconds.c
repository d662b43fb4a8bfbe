/* Prints the milliseconds since its start and some random bytes every few milliseconds, for the
 * number of seconds given: what the tests of a killed recorder run. */
#include "check.h"

int main(int argc, char **argv)
{
    int64_t start = now_ns(), end = start + (argc > 1 ? atoi(argv[1]) : 10) * 1000000000ll;
    for (int64_t now = start; now < end; now = now_ns()) {
        say("%ld %016lx\n", (long)((now - start) / 1000000), (long)random_word());
        sleep_ms(3);
    }
    return 0;
}
