/* Groups and their token. */
#ifndef REPRISE_RECORDER_GROUP_H
#define REPRISE_RECORDER_GROUP_H

#include "recorder/record_state.h"

/* Opens a group with a stream of its own and puts the task into it. The task takes the token. */
void group_found(struct recorder *r, struct task *t);
/* Puts a task that has no group into one; it does not hold the token. */
void group_join(struct task *t, struct group *g);
/* Takes the task out; an empty group is freed and its stream ended. */
void group_leave(struct recorder *r, struct task *t);

bool group_has_token(const struct task *t);
/* Asks for the token for a stopped task: `due` is done when the stop at hand is handled, or when
 * its turn comes. */
void group_wait_for_token(struct recorder *r, struct task *t, enum task_due due);
/* Gives up the token, if the task holds it: the next in the queue has it then, and does what is
 * due. */
void group_release_token(struct recorder *r, struct task *t);
/* Takes a dying task out of the queue for the token. */
void group_unqueue(struct task *t);
/* At a boundary where all is logged: whether the task has had the token long enough while others
 * wait; then it gave it up and will be resumed when its turn comes. */
bool group_yield(struct recorder *r, struct task *t);
/* The same at once, if others wait. */
bool group_hand_over(struct recorder *r, struct task *t);
/* Makes the tasks of `from` members of `into`, whose stream goes on. Task t, of `from`, loses its
 * token and must ask for the other's. */
void group_merge(struct recorder *r, struct group *from, struct group *into, struct task *t);

#endif
