/* Owns which signal of a number comes first, after one was put back behind the others. As many are
 * pending as the program shall take; only what was sent along changes places. */
#include "recorder/signal_order.h"

#include "base/no_memory.h"

#include <stdlib.h>
#include <string.h>

static struct held_signal **first_of(struct held_signal **list, int signo)
{
    while (*list != NULL && (*list)->info.si_signo != signo)
        list = &(*list)->next;
    return list;
}

static struct held_signal **end_of(struct held_signal **list)
{
    while (*list != NULL)
        list = &(*list)->next;
    return list;
}

static void insert(struct held_signal **at, const siginfo_t *info)
{
    struct held_signal *h = calloc(1, sizeof *h);
    if (h == NULL)
        no_memory();
    h->info = *info;
    h->next = *at;
    *at = h;
}

static void take(struct held_signal **at)
{
    struct held_signal *h = *at;
    *at = h->next;
    free(h);
}

void signal_order_put_back(struct task *t, const siginfo_t *info)
{
    if (info->si_signo < SIGRTMIN_OF_KERNEL)
        return; /* one is pending, at most */
    insert(end_of(&t->signals.order.pending_again), info);
    siginfo_t last = *info;
    for (struct held_signal *h = t->signals.held; h != NULL; h = h->next) {
        if (h->info.si_signo != last.si_signo)
            continue;
        siginfo_t later = h->info;
        h->info = last;
        last = later;
    }
    insert(first_of(&t->signals.order.next, last.si_signo), &last);
}

static void forget(struct held_signal **list, int signo)
{
    while (*(list = first_of(list, signo)) != NULL)
        take(list);
}

bool signal_order_exchange(struct task *t, siginfo_t *info, bool more_are_pending)
{
    struct held_signal **next = first_of(&t->signals.order.next, info->si_signo);
    if (*next == NULL)
        return false;
    struct held_signal **again = &t->signals.order.pending_again;
    while (*again != NULL && memcmp(&(*again)->info, info, sizeof *info) != 0)
        again = &(*again)->next;
    if (*again == NULL && !more_are_pending) {
        forget(&t->signals.order.next, info->si_signo);
        forget(&t->signals.order.pending_again, info->si_signo);
        return false;
    }
    if (*again != NULL)
        take(again);
    else
        insert(end_of(next), info);
    bool other = memcmp(&(*next)->info, info, sizeof *info) != 0;
    *info = (*next)->info;
    take(next);
    return other;
}

void signal_order_done(struct task *t)
{
    while (t->signals.order.next != NULL)
        take(&t->signals.order.next);
    while (t->signals.order.pending_again != NULL)
        take(&t->signals.order.pending_again);
}
