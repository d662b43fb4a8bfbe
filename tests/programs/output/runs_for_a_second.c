/* Work and sleep in turns for about a second, with a line now and then. */
#include "check.h"

int main(void)
{
    uint64_t x = random_word();
    int64_t start = now_ns();
    for (int i = 0; i < 10; i++) {
        for (int k = 0; k < 3000000; k++)
            x = x * 6364136223846793005u + 1;
        sleep_ms(70);
        say("%d: %016lx after %ld ns\n", i, (long)x, (long)(now_ns() - start));
    }
    return 0;
}
