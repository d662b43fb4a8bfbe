/* A variable that somebody set in his shell long ago. */
#include "flaky.h"

int main(void)
{
    const char *mode = getenv("FLAKY_MODE");
    return verdict(mode == NULL || strcmp(mode, "strict") != 0);
}
