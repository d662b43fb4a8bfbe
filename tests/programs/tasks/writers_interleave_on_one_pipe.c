/* Two children write lines to stdout and to one pipe at the same time; the reader sees one order,
 * stdout another, both by chance. */
#include "check.h"

int main(void)
{
    int fds[2];
    CHECK(pipe(fds) == 0);
    pid_t children[3];
    for (int i = 0; i < 3; i++) {
        children[i] = fork();
        CHECK(children[i] >= 0);
        if (children[i] == 0) {
            close(fds[0]);
            for (int k = 0; k < 60; k++) {
                dprintf(fds[1], "%c", 'a' + i);
                if (k % 4 == 0)
                    say("%c%d ", 'a' + i, k);
                if (random_word() % 8 == 0)
                    sleep_ms(1);
            }
            _exit(0);
        }
    }
    close(fds[1]);
    char order[300] = "";
    size_t len = 0;
    for (ssize_t n; (n = read(fds[0], order + len, 7)) > 0;)
        len += (size_t)n;
    CHECK(len == 180);
    for (int i = 0; i < 3; i++)
        wait_for_success(children[i]);
    say("\n%s\n", order);
    return 0;
}
