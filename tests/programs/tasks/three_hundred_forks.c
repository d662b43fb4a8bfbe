/* Many short-lived children, some at the same time. */
#include "check.h"

int main(void)
{
    uint64_t sum = 0;
    for (int round = 0; round < 30; round++) {
        pid_t children[10];
        int fds[2];
        CHECK(pipe(fds) == 0);
        for (int i = 0; i < 10; i++) {
            children[i] = fork();
            CHECK(children[i] >= 0);
            if (children[i] == 0) {
                uint64_t word = random_word();
                write_all(fds[1], &word, sizeof word);
                _exit(i);
            }
        }
        for (int i = 0; i < 10; i++) {
            uint64_t word;
            read_all(fds[0], &word, sizeof word);
            sum = sum * 31 + word;
        }
        for (int i = 0; i < 10; i++)
            CHECK(WEXITSTATUS(wait_for(children[i])) == i);
        close(fds[0]), close(fds[1]);
    }
    say("%016lx\n", (long)sum);
    return 0;
}
