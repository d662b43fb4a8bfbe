/* getline on stdin, then seeking back in it where it is a file: getline(3), fseek(3). */
#include "check.h"

int main(void)
{
    char *line = NULL;
    size_t cap = 0;
    int count = 0;
    while (getline(&line, &cap, stdin) > 0)
        count++;
    CHECK(count > 10 && feof(stdin));
    say("%d lines\n", count);
    if (fseek(stdin, 0, SEEK_SET) == 0) {
        CHECK(getline(&line, &cap, stdin) > 0);
        say("first: %.40s", line);
    }
    free(line);
    struct stat s;
    CHECK(fstat(0, &s) == 0);
    say("inode %lu, %d\n", (long)s.st_ino, (int)getpid());
    return 0;
}
