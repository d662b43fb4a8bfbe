/* Owns the timer. */
#include "replayer/pulse.h"

#include <errno.h>
#include <unistd.h>

#define EVERY_NS 20000000

static void do_nothing(int signo)
{
    (void)signo;
}

int pulse_begin(struct pulse *p, struct err *err)
{
    const struct sigaction action = {.sa_handler = do_nothing}; /* no SA_RESTART */
    const struct timespec every = {.tv_nsec = EVERY_NS};
    const struct itimerspec beat = {.it_interval = every, .it_value = every};
    struct sigevent to_us = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGURG};
    sigset_t urgent;
    to_us._sigev_un._tid = gettid();
    if (timer_create(CLOCK_MONOTONIC, &to_us, &p->timer) < 0)
        return err_sys(err, errno, "cannot make a timer");
    p->beats = true;
    sigemptyset(&urgent);
    sigaddset(&urgent, SIGURG);
    sigaction(SIGURG, &action, &p->old_action);
    sigprocmask(SIG_UNBLOCK, &urgent, &p->old_mask);
    if (timer_settime(p->timer, 0, &beat, NULL) == 0)
        return 0;
    int e = errno;
    pulse_end(p);
    return err_sys(err, e, "cannot set a timer");
}

void pulse_end(struct pulse *p)
{
    if (!p->beats)
        return;
    timer_delete(p->timer);
    sigprocmask(SIG_SETMASK, &p->old_mask, NULL);
    sigaction(SIGURG, &p->old_action, NULL);
    p->beats = false;
}
