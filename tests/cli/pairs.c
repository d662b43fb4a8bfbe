/* Pairs of processes that pass a byte around by calls that wait, so that at any moment some are on
 * their way into a call. All have to come to their end. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAIRS = 4, ROUNDS = 20000 };

static int pass_around(int from, int to, int first)
{
    char c = 'x';
    if (first && write(to, &c, 1) != 1)
        return 1;
    for (int i = 0; i < ROUNDS; i++) {
        if (read(from, &c, 1) != 1)
            return 2;
        if ((i < ROUNDS - 1 || !first) && write(to, &c, 1) != 1)
            return 3;
    }
    return 0;
}

int main(void)
{
    for (int k = 0; k < PAIRS; k++) {
        int there[2], back[2];
        if (pipe(there) < 0 || pipe(back) < 0)
            return 9;
        for (int side = 0; side < 2; side++)
            if (fork() == 0)
                _exit(side == 0 ? pass_around(back[0], there[1], 1)
                                : pass_around(there[0], back[1], 0));
    }
    int status, whole = 0;
    while (wait(&status) > 0)
        whole += status == 0;
    printf("%d of %d came to their end\n", whole, 2 * PAIRS);
    return whole == 2 * PAIRS ? 0 : 1;
}
