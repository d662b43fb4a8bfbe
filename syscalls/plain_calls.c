/* Translates rows and their rules into plain calls. What it cannot translate is not plain, so a
 * mark on a row that is too much costs speed and nothing else. */
#include "plain_calls.h"

#include "ranges.h"
#include "rules.h"
#include "syscalls.h"

#include <fcntl.h>
#include <sys/socket.h>

#define STRING_MOST 4096
#define TIMEOUT_ARG 3 /* of epoll_wait and epoll_pwait */
#define SIGMASK_ARG 4

static bool add_copy(struct plain_call *call, struct plain_copy copy)
{
    if (call->n == PLAIN_COPIES)
        return false;
    call->copies[call->n++] = copy;
    return true;
}

static bool translate_when(const struct range_rule *rule, struct plain_copy *copy)
{
    switch ((enum range_when)rule->when) {
    case WHEN_DONE:
        copy->when = PLAIN_WHEN_DONE;
        return true;
    case WHEN_POSITIVE:
        copy->when = PLAIN_WHEN_POSITIVE;
        return true;
    case WHEN_TRIED:
        copy->when = PLAIN_WHEN_TRIED;
        return true;
    case WHEN_ALWAYS:
        copy->when = PLAIN_WHEN_ALWAYS;
        return true;
    case WHEN_INTERRUPTED:
        break;
    }
    return false;
}

static bool translate_len(const struct range_rule *rule, struct plain_copy *copy)
{
    switch ((enum range_len)rule->len) {
    case LEN_FIXED:
        copy->len = PLAIN_FIXED;
        return true;
    case LEN_ARG:
        copy->len = PLAIN_COUNT;
        return true;
    case LEN_RESULT:
        copy->len = PLAIN_RESULT;
        return true;
    case LEN_DIRENTS:
        copy->len = PLAIN_DIRENTS;
        return true;
    case LEN_READ:
    case LEN_RECEIVED:
        copy->len = PLAIN_READ;
        return true;
    case LEN_VALUE_RESULT:
        copy->len = PLAIN_VALUE_RESULT;
        return rule->when == WHEN_DONE;
    case LEN_STRING:
        copy->len = PLAIN_STRING;
        return rule->dir == RANGE_IN;
    case LEN_FD_SET:
    case LEN_PAGES:
    case LEN_NODES:
        break;
    }
    return false;
}

static bool translate_rules(const struct range_rule *rule, struct plain_call *call)
{
    for (; rule != NULL && rule->dir != RANGE_END; rule++) {
        struct plain_copy copy = {
            .in = (rule->dir & RANGE_IN) != 0,
            .out = (rule->dir & RANGE_OUT) != 0,
            .arg = rule->arg,
            .count = rule->count & (uint8_t)~COUNT_IS_INT,
            .count_is_int = (rule->count & COUNT_IS_INT) != 0,
            .size = rule->size,
        };
        if (rule->dir > RANGE_INOUT || !translate_when(rule, &copy) ||
            !translate_len(rule, &copy) || !add_copy(call, copy))
            return false;
    }
    return true;
}

static bool is_by_command(const struct syscall_row *row)
{
    for (const struct range_rule *rule = row->rules; rule != NULL && rule->dir != RANGE_END; rule++)
        if (rule->dir == RANGE_COMMAND)
            return true;
    return false;
}

/* What the row tells apart from its rules. */
static bool translate_row(const struct syscall_row *row, struct plain_call *call)
{
    bool changes_fds = (row->flags & SYSCALL_CHANGES_FDS) != 0;
    bool opens = row->mem == MEM_FILE_SIZE && row->returns == TYPE_FD;
    bool simple = row->task == TASK_NONE && row->answer == ANSWER_KERNEL &&
                  (row->flags & (SYSCALL_FD_TO_FD | SYSCALL_NEVER_RETURNS)) == 0 &&
                  (row->mem == MEM_NONE || row->mem == MEM_FILE_WRITE || opens);
    bool tries =
        row->nowait == NOWAIT_IF_ZERO && row->nowait_arg == TIMEOUT_ARG && row->types[0] == TYPE_FD;
    bool by_flags = row->nowait == NOWAIT_IF_SET && row->nowait_bits == MSG_DONTWAIT;
    bool waits = row->block != BLOCK_NEVER && row->waits_on == 0 && !opens && !tries && !by_flags &&
                 !is_by_command(row);
    if (!row->plain || !simple || waits)
        return false;
    *call = (struct plain_call){
        .n_args = row->nargs,
        .reads_fd = row->waits_on,
        .returns_fd = row->returns == TYPE_FD,
        .opens = opens,
        .tries = tries,
    };
    if (by_flags) { /* a call on a socket waits for it */
        call->reads_fd = 1;
        call->barred_arg = row->nowait_arg;
        call->barred = ~(uint64_t)(MSG_DONTWAIT | MSG_NOSIGNAL);
    } else if (tries && row->nargs > SIGMASK_ARG) {
        call->barred_arg = SIGMASK_ARG;
        call->barred = UINT64_MAX;
    }
    if ((row->flags & SYSCALL_WRITES_FD) != 0) {
        call->writes_fd = (uint8_t)(1 << row->out_fd);
        call->reads_fd &= (uint8_t)~call->writes_fd;
    }
    for (uint8_t i = 0; i < row->nargs; i++) {
        if (row->args[i] == ARG_FD && changes_fds && !is_by_command(row))
            call->closes_fd |= (uint8_t)(1 << i);
        if (opens && row->types[i] == TYPE_OPEN_FLAGS) {
            call->barred_arg = i;
            call->barred = O_TRUNC | O_DIRECT;
        }
        bool text = row->args[i] == ARG_PATH || row->args[i] == ARG_STRING;
        if (row->args[i] == ARG_STRINGS ||
            (text &&
             !add_copy(call, (struct plain_copy){
                                 .in = true, .arg = i, .len = PLAIN_STRING, .size = STRING_MOST})))
            return false;
    }
    return !opens || call->barred != 0;
}

bool syscall_is_plain(int64_t nr, struct plain_call *ret)
{
    const struct syscall_row *row = syscall_row(nr);
    return row != NULL && !is_by_command(row) && translate_row(row, ret) &&
           translate_rules(row->rules, ret);
}

bool syscall_plain_command(int64_t nr, size_t i, struct plain_command *ret)
{
    const struct syscall_row *row = syscall_row(nr);
    struct plain_call call;
    if (row == NULL || !is_by_command(row) || row->rules[1].dir != RANGE_END ||
        !translate_row(row, &call))
        return false;
    const struct range_rule *by = row->rules;
    const struct command_set *set = rules_command_set(by);
    for (size_t k = 0; k < set->n; k++) {
        const struct command *command = &set->v[k];
        ret->call = call;
        if (!command->plain || command->unlisted || command->early || command->waits ||
            !translate_rules(command->rules, &ret->call) || i-- > 0)
            continue;
        ret->call.returns_fd = command->returns == TYPE_FD;
        ret->arg = by->arg;
        ret->ignore = set->ignore;
        ret->value = command->value;
        return true;
    }
    return false;
}
