/* Twenty thousand writes of one byte to stdout and stderr in turns. */
#include "check.h"

int main(void)
{
    uint64_t x = random_word();
    for (int i = 0; i < 20000; i++) {
        x = x * 6364136223846793005u + 1;
        char c = (char)('a' + (x >> 60));
        CHECK(write(x >> 59 & 1 ? 1 : 2, i % 64 == 63 ? "\n" : &c, 1) == 1);
    }
    return 0;
}
