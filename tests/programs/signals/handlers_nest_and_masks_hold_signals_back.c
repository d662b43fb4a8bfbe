/* While a handler runs its own signal and those of sa_mask wait; others interrupt it. Flags
 * SA_NODEFER and SA_RESETHAND: sigaction(2). */
#include "check.h"

static char trail[64];
static volatile int at;

static void mark(char c)
{
    trail[at] = c;
    at = at + 1;
}

static void usr1(int sig)
{
    (void)sig;
    if (at > 0) {
        mark('1');
        return;
    }
    mark('<');
    raise(SIGUSR1); /* waits */
    raise(SIGUSR2); /* waits: in sa_mask */
    raise(SIGHUP);  /* interrupts */
    mark('>');
}

static void usr2(int sig)
{
    (void)sig;
    mark('2');
}

static void hup(int sig)
{
    (void)sig;
    mark('h');
}

static void nodefer(int sig)
{
    mark('(');
    if (at < 10)
        raise(sig);
    mark(')');
}

int main(void)
{
    struct sigaction sa = {.sa_handler = usr1};
    sigemptyset(&sa.sa_mask);
    sigaddset(&sa.sa_mask, SIGUSR2);
    CHECK(sigaction(SIGUSR1, &sa, NULL) == 0);
    sa = (struct sigaction){.sa_handler = usr2};
    CHECK(sigaction(SIGUSR2, &sa, NULL) == 0);
    sa = (struct sigaction){.sa_handler = hup};
    CHECK(sigaction(SIGHUP, &sa, NULL) == 0);
    raise(SIGUSR1);
    say("%s of pid %d\n", trail, (int)getpid());
    CHECK(strcmp(trail, "<h>12") == 0);

    memset(trail, 0, sizeof trail);
    at = 0;
    sa = (struct sigaction){.sa_handler = nodefer, .sa_flags = SA_NODEFER};
    CHECK(sigaction(SIGINT, &sa, NULL) == 0);
    raise(SIGINT);
    say("%s\n", trail);
    CHECK(strcmp(trail, "(((((((((())))))))))") == 0);

    at = 0;
    sa = (struct sigaction){.sa_handler = hup, .sa_flags = (int)SA_RESETHAND};
    CHECK(sigaction(SIGTERM, &sa, NULL) == 0);
    raise(SIGTERM);
    CHECK(sigaction(SIGTERM, NULL, &sa) == 0 && sa.sa_handler == SIG_DFL && at == 1);
    return 0;
}
