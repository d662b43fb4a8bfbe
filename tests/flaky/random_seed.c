/* Fails for one seed in two. */
#include "flaky.h"

#include <sys/random.h>

int main(void)
{
    unsigned seed;
    MUST(getrandom(&seed, sizeof seed, 0));
    srandom(seed);
    char *list = malloc(1000);
    if (list == NULL)
        return 3;
    for (int i = 0; i < 1000; i++)
        list[i] = (char)random();
    free(list);
    return verdict(seed % 2 == 0);
}
