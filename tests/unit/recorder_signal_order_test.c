/* Unit tests of the order of queued signals. The kernel's queue is an array here, what the task was
 * sent are numbers. */
#include "recorder/signal_order.h"
#include "recorder/signal_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define QUEUE 64

struct world {
    struct task task;
    siginfo_t queue[QUEUE];
    size_t first, end;
};

static siginfo_t sent(int signo, int value)
{
    return (siginfo_t){.si_signo = signo, .si_code = SI_QUEUE, .si_value.sival_int = value};
}

static void push(struct world *w, siginfo_t info)
{
    assert_true(w->end < QUEUE);
    w->queue[w->end++] = info;
}

static bool is_pending(const struct world *w, int signo)
{
    for (size_t i = w->first; i < w->end; i++)
        if (w->queue[i].si_signo == signo)
            return true;
    return false;
}

/* As at a delivery stop. */
static siginfo_t pop(struct world *w)
{
    assert_true(w->first < w->end);
    siginfo_t info = w->queue[w->first++];
    (void)signal_order_exchange(&w->task, &info, is_pending(w, info.si_signo));
    return info;
}

static void put_back(struct world *w, siginfo_t info)
{
    signal_order_put_back(&w->task, &info);
    push(w, info);
}

static siginfo_t pop_held(struct world *w)
{
    struct held_signal *h = w->task.signals.held;
    siginfo_t info = h->info;
    w->task.signals.held = h->next;
    free(h);
    return info;
}

static void comes(siginfo_t info, int signo, int value)
{
    assert_int_equal(info.si_signo, signo);
    assert_int_equal(info.si_value.sival_int, value);
}

static void ends(struct world *w)
{
    assert_int_equal(w->first, w->end);
    assert_null(w->task.signals.order.next);
    assert_null(w->task.signals.order.pending_again);
}

static void one_that_is_put_back_comes_first(void **state)
{
    (void)state;
    struct world w = {0};
    for (int i = 0; i < 4; i++)
        push(&w, sent(40, i));
    comes(pop(&w), 40, 0);
    put_back(&w, sent(40, 0));
    for (int i = 0; i < 4; i++)
        comes(pop(&w), 40, i);
    ends(&w);
}

static void one_may_be_put_back_again_and_again(void **state)
{
    (void)state;
    struct world w = {0};
    for (int i = 0; i < 5; i++)
        push(&w, sent(40, i));
    for (int round = 0; round < 7; round++) {
        siginfo_t info = pop(&w);
        comes(info, 40, 0);
        put_back(&w, info);
        push(&w, sent(40, 5 + round));
    }
    for (int i = 0; i < 12; i++)
        comes(pop(&w), 40, i);
    ends(&w);
}

static void those_that_are_held_come_behind(void **state)
{
    (void)state;
    struct world w = {0};
    for (int i = 0; i < 5; i++)
        push(&w, sent(40, i));
    siginfo_t first = pop(&w);
    for (int i = 0; i < 2; i++) {
        siginfo_t later = pop(&w);
        signals_hold(&w.task, &later);
    }
    put_back(&w, first);
    comes(pop_held(&w), 40, 0);
    comes(pop_held(&w), 40, 1);
    for (int i = 2; i < 5; i++)
        comes(pop(&w), 40, i);
    ends(&w);
}

static void numbers_have_an_order_each(void **state)
{
    (void)state;
    struct world w = {0};
    for (int i = 0; i < 6; i++)
        push(&w, sent(40 + i % 2, i));
    put_back(&w, pop(&w));
    put_back(&w, pop(&w));
    static const int values[] = {0, 1, 2, 3, 4, 5};
    for (int i = 0; i < 6; i++)
        comes(pop(&w), 40 + i % 2, values[i]);
    ends(&w);
}

static void standard_signals_have_none(void **state)
{
    (void)state;
    struct world w = {0};
    push(&w, sent(SIGUSR1, 1));
    put_back(&w, pop(&w));
    comes(pop(&w), SIGUSR1, 1);
    ends(&w);
}

static void one_that_a_call_has_taken_is_forgotten(void **state)
{
    (void)state;
    struct world w = {0};
    push(&w, sent(40, 0));
    put_back(&w, pop(&w));
    w.first = w.end; /* sigtimedwait(2) */
    push(&w, sent(40, 1));
    comes(pop(&w), 40, 1);
    ends(&w);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_is_put_back_comes_first),
        cmocka_unit_test(one_may_be_put_back_again_and_again),
        cmocka_unit_test(those_that_are_held_come_behind),
        cmocka_unit_test(numbers_have_an_order_each),
        cmocka_unit_test(standard_signals_have_none),
        cmocka_unit_test(one_that_a_call_has_taken_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
