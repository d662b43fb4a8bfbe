/* Owns the last words. They need no memory. */
#include "base/no_memory.h"

#include <unistd.h>

#define FAILED 125

void no_memory(void)
{
    static const char words[] = "reprise: out of memory\n";
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0)
        _exit(FAILED);
    _exit(FAILED);
}
