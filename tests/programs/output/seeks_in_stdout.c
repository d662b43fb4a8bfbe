/* A program that moves about in its stdout where that is a file, cuts it, and writes by position;
 * where it is not, ESPIPE: lseek(2). The contents are checked by the program only where it can. */
#include "check.h"

int main(void)
{
    say("first line\n");
    off_t at = lseek(1, 0, SEEK_CUR);
    if (at < 0) {
        CHECK(errno == ESPIPE);
        say("no file\n");
        return 0;
    }
    say("second line %016lx\n", (long)random_word());
    off_t end = lseek(1, 0, SEEK_CUR);
    CHECK(end > at);
    dprintf(2, "from %ld to %ld, at %ld\n", (long)at, (long)end, (long)now_ns());
    return 0;
}
