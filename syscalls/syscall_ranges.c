/* Runs the range rules of a row for a call: what it hands over at entry, what came back at exit.
 * Knows the rule language and no single call. */
#include "base/page.h"
#include "ranges.h"
#include "rules.h"
#include "syscalls.h"
#include "walk.h"

#include <errno.h>
#include <stdlib.h>

#define FD_SET_SIZE 128u /* libc's fd_set */

static const struct walker *const walkers[WALK_COUNT] = {
#define WALKER(upper, lower) [WALK_##upper] = &walker_##lower,
#include "walkers.inc"
#undef WALKER
};

static const struct command_set *const command_sets[COMMANDS_COUNT] = {
#define COMMANDS(upper, lower) [COMMANDS_##upper] = &commands_##lower,
#include "commands.inc"
#undef COMMANDS
};

void syscall_ranges_done(struct syscall_ranges *r)
{
    if (!r)
        return;
    free(r->v);
    *r = (struct syscall_ranges){0};
}

void syscall_call_done(struct syscall_call *c)
{
    if (!c)
        return;
    free(c->saved);
    *c = (struct syscall_call){0};
}

static uint64_t count_of(const struct syscall_call *c, const struct range_rule *rule)
{
    if (!(rule->count & COUNT_IS_INT))
        return c->args[rule->count];
    /* A negative number is refused, before any memory is looked at. */
    return (int32_t)c->args[rule->count & ~COUNT_IS_INT] < 0
               ? 0
               : (uint32_t)c->args[rule->count & ~COUNT_IS_INT];
}

const struct walker *rules_walker(const struct range_rule *rule)
{
    return walkers[rule->walk];
}

uint64_t rules_offered(const struct syscall_call *c, const struct range_rule *rule)
{
    uint64_t count = count_of(c, rule), bytes;

    switch ((enum range_len)rule->len) {
    case LEN_FIXED:
    case LEN_STRING:
        return rule->size;
    case LEN_ARG:
    case LEN_RESULT:
    case LEN_DIRENTS:
    case LEN_READ:
    case LEN_RECEIVED:
        if (__builtin_mul_overflow(count, (uint64_t)rule->size, &bytes) || bytes > MOST_BYTES)
            return MOST_BYTES;
        return bytes;
    case LEN_FD_SET:
        return (count + 63) / 64 * 8;
    case LEN_PAGES:
        return count / 4096 + (count % 4096 != 0);
    case LEN_NODES:
        return count > 1 && count <= 4096 * 8 ? (count - 1 + 63) / 64 * 8 : 0;
    case LEN_VALUE_RESULT:
        return 0;
    }
    return 0;
}

static bool applies(const struct range_rule *rule, int64_t result)
{
    if (result == -EFAULT)
        return true;
    switch ((enum range_when)rule->when) {
    case WHEN_DONE:
        return !result_is_error(result);
    case WHEN_POSITIVE:
        return !result_is_error(result) && result != 0;
    case WHEN_TRIED:
        return result_was_tried(result);
    case WHEN_ALWAYS:
        return true;
    case WHEN_INTERRUPTED:
        return result_is_interrupted(result);
    }
    return true;
}

static const struct command *find_command(const struct command_set *set, uint64_t arg)
{
    uint32_t value = (uint32_t)arg & ~set->ignore;
    size_t i;

    for (i = 0; i < set->n; i++) {
        if (set->v[i].value == value)
            return &set->v[i];
    }
    return NULL;
}

const struct command_set *rules_command_set(const struct range_rule *rule)
{
    return command_sets[rule->walk];
}

const struct range_rule *rules_of_command(const struct syscall_call *c,
                                          const struct range_rule *rule,
                                          struct range_rule ret_fallback[2])
{
    const struct command_set *set = command_sets[rule->walk];
    const struct command *command = find_command(set, c->args[rule->arg]);

    if (command)
        return command->rules;
    if (set->fallback == WALK_NONE)
        return NULL;
    ret_fallback[0] = (struct range_rule){.dir = RANGE_WALK, .walk = set->fallback};
    ret_fallback[1] = (struct range_rule){.dir = RANGE_END};
    return ret_fallback;
}

/* ---- Entry ---- */

static void handed_rules(struct walk *w, const struct range_rule *rule);

static void handed_rule(struct walk *w, const struct range_rule *rule)
{
    const struct syscall_call *c = w->call;
    uint64_t addr = c->args[rule->arg];

    if (rule->dir == RANGE_WALK) {
        if (walkers[rule->walk]->handed)
            walkers[rule->walk]->handed(w, rule);
        return;
    }
    if (rule->dir == RANGE_COMMAND) {
        struct range_rule fallback[2];

        handed_rules(w, rules_of_command(c, rule, fallback));
        return;
    }
    if (rule->len == LEN_VALUE_RESULT) {
        if (walk_keep(w, c->args[rule->count], sizeof(uint32_t)))
            walk_add(w, c->args[rule->count], sizeof(uint32_t), RANGE_STRUCT);
        return;
    }
    if (!(rule->dir & RANGE_IN))
        return;
    if (rule->len == LEN_STRING) {
        walk_add_string(w, addr, rule->size);
    } else if (rule->len == LEN_FD_SET) {
        /* No more than any program has: see written_rule(). */
        walk_add(w, addr,
                 rules_offered(c, rule) < FD_SET_SIZE ? rules_offered(c, rule) : FD_SET_SIZE,
                 RANGE_STRUCT);
    } else {
        walk_add(w, addr, rules_offered(c, rule),
                 rule->len == LEN_FIXED ? RANGE_STRUCT : RANGE_DATA);
    }
}

static void handed_rules(struct walk *w, const struct range_rule *rule)
{
    for (; rule && rule->dir != RANGE_END; rule++)
        handed_rule(w, rule);
}

int syscall_handed(struct syscall_call *c, const struct syscall_memory *m,
                   struct syscall_ranges *ret)
{
    const struct syscall_row *row = syscall_row(c->nr);
    struct walk w = {.call = c, .m = m, .ranges = ret, .save = c};
    unsigned i;

    c->saved_len = 0;
    if (!row)
        return 0;
    for (i = 0; i < row->nargs; i++) {
        if (row->args[i] == ARG_PATH)
            walk_add_string(&w, c->args[i], 4096);
        else if (row->args[i] == ARG_STRING)
            walk_add_string(&w, c->args[i], 4096);
        else if (row->args[i] == ARG_STRINGS)
            walk_add_strings(&w, c->args[i]);
    }
    handed_rules(&w, row->rules);
    return w.err;
}

/* ---- Exit ---- */

static void written_rules(struct walk *w, const struct range_rule *rule);

static void written_value_result(struct walk *w, const struct range_rule *rule)
{
    const struct syscall_call *c = w->call;
    uint64_t len_addr = c->args[rule->count];
    uint32_t before, after;

    if (!walk_kept_copy(w, &before, sizeof(before)) || !applies(rule, c->result))
        return;
    if ((int32_t)before < 0)
        return; /* refused with EINVAL */
    walk_add_out(w, len_addr, sizeof(uint32_t));
    if (result_is_error(c->result))
        walk_add_readable(w, c->args[rule->arg], before);
    else if (walk_read_u32(w, len_addr, &after))
        walk_add(w, c->args[rule->arg], after < before ? after : before, RANGE_DATA);
}

#define MOST_DIRENT 280u /* a name of 255 bytes, in struct linux_dirent64 */

/* When the element after the last meets a bad page, the call ends well with those before; but a
 * part of it is written, up to the page. */
static void written_elements(struct walk *w, const struct range_rule *rule)
{
    uint64_t addr = w->call->args[rule->arg], most = rules_offered(w->call, rule), len, last, page;

    if (__builtin_mul_overflow((uint64_t)w->call->result, (uint64_t)rule->size, &len) || len > most)
        len = most;
    last = len + (rule->len == LEN_DIRENTS ? MOST_DIRENT : rule->size);
    if (last > most)
        last = most;
    page = (addr + len + PAGE - 1) / PAGE * PAGE;
    if (page < addr + last)
        len = page - addr;
    walk_add(w, addr, len, RANGE_DATA);
}

static void written_rule(struct walk *w, const struct range_rule *rule)
{
    const struct syscall_call *c = w->call;
    uint64_t addr = c->args[rule->arg];
    int64_t result = c->result;

    if (rule->dir == RANGE_WALK) {
        if (walkers[rule->walk]->written)
            walkers[rule->walk]->written(w, rule);
        return;
    }
    if (rule->dir == RANGE_COMMAND) {
        struct range_rule fallback[2];

        written_rules(w, rules_of_command(c, rule, fallback));
        return;
    }
    if (!(rule->dir & RANGE_OUT))
        return;
    if (rule->len == LEN_VALUE_RESULT) {
        written_value_result(w, rule);
        return;
    }
    if (rule->len == LEN_READ || rule->len == LEN_RECEIVED) {
        int fd = rule->len == LEN_READ ? (int)c->args[0] : -1;

        walk_add_filled(w, fd, addr, rules_offered(c, rule));
        return;
    }
    if (!applies(rule, result))
        return;
    if ((rule->len == LEN_RESULT || rule->len == LEN_DIRENTS) && !result_is_error(result)) {
        written_elements(w, rule);
    } else if (rule->len == LEN_STRING) {
        walk_add_string(w, addr, rule->size);
    } else if (rule->len == LEN_FD_SET) {
        /* The kernel stops at the size of the descriptor table; programs ask for more than they
         * have memory for, as in select(getdtablesize(), ...). */
        walk_add_readable(w, addr, rules_offered(c, rule));
    } else {
        walk_add_out(w, addr, rules_offered(c, rule));
    }
}

static void written_rules(struct walk *w, const struct range_rule *rule)
{
    for (; rule && rule->dir != RANGE_END; rule++)
        written_rule(w, rule);
}

/* ---- Listed ---- */

static bool rules_are_listed(const struct syscall_call *c, const struct range_rule *rule);

static bool command_is_listed(const struct syscall_call *c, const struct range_rule *rule)
{
    const struct command_set *set = command_sets[rule->walk];
    const struct command *command = find_command(set, c->args[rule->arg]);
    const struct walker *fallback = walkers[set->fallback];

    if (command)
        return !command->unlisted && rules_are_listed(c, command->rules);
    if (!fallback)
        return set->rest_is_void;
    return !fallback->listed || fallback->listed(c);
}

static bool rules_are_listed(const struct syscall_call *c, const struct range_rule *rule)
{
    for (; rule && rule->dir != RANGE_END; rule++) {
        if (rule->dir == RANGE_COMMAND && !command_is_listed(c, rule))
            return false;
        if (rule->dir == RANGE_WALK && walkers[rule->walk]->listed &&
            !walkers[rule->walk]->listed(c))
            return false;
    }
    return true;
}

bool syscall_is_listed(const struct syscall_call *c)
{
    const struct syscall_row *row = syscall_row(c->nr);

    return row && rules_are_listed(c, row->rules);
}

int syscall_written(const struct syscall_call *c, const struct syscall_memory *m,
                    struct syscall_ranges *ret)
{
    const struct syscall_row *row = syscall_row(c->nr);
    struct walk w = {.call = c, .m = m, .ranges = ret};

    if (!row || !rules_are_listed(c, row->rules))
        return -ENOSYS;
    written_rules(&w, row->rules);
    return w.err;
}

/* ---- Waiting ---- */

static bool command_may_wait(const struct syscall_call *c, const struct range_rule *rule)
{
    const struct command_set *set = command_sets[rule->walk];
    const struct command *command = find_command(set, c->args[rule->arg]);

    return !set->some_wait || !command || command->waits;
}

bool syscall_may_wait(const struct syscall_call *c)
{
    const struct syscall_row *row = syscall_row(c->nr);
    const struct range_rule *rule;

    if (!row)
        return true;
    if (row->block == BLOCK_NEVER)
        return false;
    switch ((enum syscall_nowait)row->nowait) {
    case NOWAIT_NONE:
        break;
    case NOWAIT_IF_SET:
        return !(c->args[row->nowait_arg] & row->nowait_bits);
    case NOWAIT_IF_ZERO:
        return (int32_t)c->args[row->nowait_arg] != 0;
    }
    for (rule = row->rules; rule && rule->dir != RANGE_END; rule++) {
        if (rule->dir == RANGE_COMMAND && !command_may_wait(c, rule))
            return false;
    }
    return true;
}

/* ---- Early ---- */

bool syscall_writes_early(const struct syscall_call *c, const struct syscall_memory *m)
{
    const struct syscall_row *row = syscall_row(c->nr);
    const struct range_rule *rule = row ? row->rules : NULL;

    for (; rule && rule->dir != RANGE_END; rule++) {
        if (rule->dir == RANGE_COMMAND) {
            const struct command *command =
                find_command(command_sets[rule->walk], c->args[rule->arg]);

            if (command && command->early)
                return true;
        } else if (rule->dir == RANGE_WALK && walkers[rule->walk]->early &&
                   walkers[rule->walk]->early(c, m)) {
            return true;
        }
    }
    return false;
}
