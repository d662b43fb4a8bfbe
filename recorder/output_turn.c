/* Owns the queues for stdout and stderr. Two calls that run at once end in an order that their
 * exit stops do not tell, so there are never two. */
#include "recorder/output_turn.h"

#include "recorder/agenda.h"
#include "recorder/fd_class.h"

bool output_turn_must_wait(struct recorder *r, struct task *t)
{
    const struct call *c = &t->call;
    if (r->n_alive < 2 || c->row == NULL || (c->row->flags & SYSCALL_WRITES_FD) == 0)
        return false;
    int output = fd_class_output_of(r, t, c->call.args[c->row->out_fd]);
    if (output == 0)
        return false;
    struct output_turn *turn = &r->turns[output];
    t->turn = output;
    if (turn->holder == NULL) {
        turn->holder = t;
        return false;
    }
    t->next_turn = NULL;
    if (turn->last != NULL)
        turn->last->next_turn = t;
    else
        turn->first = t;
    turn->last = t;
    return true;
}

static void unqueue(struct output_turn *turn, struct task *t)
{
    struct task *prev = NULL;
    for (struct task *i = turn->first; i != NULL; prev = i, i = i->next_turn) {
        if (i != t)
            continue;
        if (prev != NULL)
            prev->next_turn = i->next_turn;
        else
            turn->first = i->next_turn;
        if (turn->last == t)
            turn->last = prev;
        return;
    }
}

void output_turn_end(struct recorder *r, struct task *t)
{
    if (t->turn == 0)
        return;
    struct output_turn *turn = &r->turns[t->turn];
    t->turn = 0;
    if (turn->holder != t) {
        unqueue(turn, t);
        return;
    }
    struct task *next = turn->first;
    turn->holder = next;
    if (next == NULL)
        return;
    unqueue(turn, next);
    task_resume(r, next, 0);
}
