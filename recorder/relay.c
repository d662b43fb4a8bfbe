/* Owns the signals that are sent to the recorder. The recorder's own end would be the program's
 * (PTRACE_O_EXITKILL), so it passes them on and lets the program decide. */
#include "recorder/relay.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const int relayed[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};
static const int ignored[] = {SIGPIPE, SIGXFSZ};
enum { N_IGNORED = sizeof ignored / sizeof ignored[0], PATIENCE = 3, WAKE = SIGURG };

/* Sent to ourselves when the program has ended. Pending signals are taken lowest number first
 * (kernel/signal.c, next_signal): those that came before are taken before, the one that ended the
 * program among them, which the interrupt key sends to both at a time. */
#define MARK SIGRTMAX

struct relay {
    sigset_t old_mask, set;
    struct sigaction old_actions[N_IGNORED], old_wake;
    pthread_t tracer, thread;
    bool running;
    pid_t program;
    atomic_bool program_gone, stop, quit;
    int received;
};

static void wake(int signo)
{
    (void)signo; /* only interrupts wait4 */
}

int relay_new(struct relay **ret)
{
    struct relay *relay = calloc(1, sizeof *relay);
    if (relay == NULL)
        return -ENOMEM;
    sigemptyset(&relay->set);
    for (size_t i = 0; i < sizeof relayed / sizeof relayed[0]; i++)
        sigaddset(&relay->set, relayed[i]);
    sigaddset(&relay->set, MARK);
    pthread_sigmask(SIG_BLOCK, &relay->set, &relay->old_mask);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    for (size_t i = 0; i < N_IGNORED; i++)
        sigaction(ignored[i], &ignore, &relay->old_actions[i]);
    struct sigaction on_wake = {.sa_handler = wake};
    sigaction(WAKE, &on_wake, &relay->old_wake);
    relay->tracer = pthread_self();
    *ret = relay;
    return 0;
}

static void *relay_main(void *arg)
{
    struct relay *relay = arg;
    bool gone = false; /* when the signal came that is taken next */
    for (;;) {
        siginfo_t info;
        struct timespec second = {.tv_sec = 1};
        int signo = sigtimedwait(&relay->set, &info, &second);
        if (atomic_load(&relay->quit))
            return NULL;
        if (signo < 0) {
            pthread_kill(relay->tracer, WAKE);
            continue;
        }
        if (signo == MARK) {
            gone = atomic_load(&relay->program_gone);
            continue;
        }
        bool from_terminal = info.si_code == SI_KERNEL;
        if (!from_terminal && !atomic_load(&relay->program_gone))
            kill(relay->program, signo);
        if (signo == SIGUSR1 || signo == SIGUSR2)
            continue; /* nobody wants to end anything */
        if (gone || (!from_terminal && ++relay->received >= PATIENCE)) {
            atomic_store(&relay->stop, true);
            pthread_kill(relay->tracer, WAKE);
        }
    }
}

int relay_start(struct relay *relay, pid_t program)
{
    relay->program = program;
    int err = pthread_create(&relay->thread, NULL, relay_main, relay);
    relay->running = err == 0;
    return -err;
}

void relay_program_gone(struct relay *relay)
{
    if (!atomic_exchange(&relay->program_gone, true))
        kill(getpid(), MARK);
}

bool relay_stop_requested(const struct relay *relay)
{
    return atomic_load(&relay->stop);
}

void relay_clear_stop(struct relay *relay)
{
    atomic_store(&relay->stop, false);
}

/* It would kill once it is not blocked any more. */
static void take_mark(void)
{
    sigset_t mark;
    sigemptyset(&mark);
    sigaddset(&mark, MARK);
    while (sigtimedwait(&mark, NULL, &(struct timespec){0}) == MARK)
        ;
}

static void restore(const struct relay *relay)
{
    for (size_t i = 0; i < N_IGNORED; i++)
        sigaction(ignored[i], &relay->old_actions[i], NULL);
    sigaction(WAKE, &relay->old_wake, NULL);
    pthread_sigmask(SIG_SETMASK, &relay->old_mask, NULL);
}

void relay_restore_in_child(const struct relay *relay)
{
    restore(relay);
}

void relay_free(struct relay *relay)
{
    if (relay == NULL)
        return;
    if (relay->running) {
        atomic_store(&relay->quit, true);
        pthread_kill(relay->thread, SIGHUP);
        pthread_join(relay->thread, NULL);
    }
    take_mark();
    restore(relay);
    free(relay);
}
