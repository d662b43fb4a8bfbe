/* Puts the types of arguments together, and finds the command of a call that has them. */
#include "arg_types.h"

#include "constants.h"
#include "ranges.h"
#include "struct_types.h"

#include <string.h>

#define INFO_VALUE(what)
#define INFO_CODE(what)
#define INFO_SET(what)    .set = &set_##what
#define INFO_STRUCT(what) .fields = &struct_##what

static const struct arg_type_info types[] = {
#define TYPE(name_, kind_, form_, what)                                                            \
    [TYPE_##                                                                                       \
        name_] = {.name = #name_, .kind = ARG_##kind_, .form = FORM_##form_, INFO_##form_(what)},
#include "arg_types.inc"
#undef TYPE
};

const struct arg_type_info *arg_type_info(enum arg_type type)
{
    return &types[(unsigned)type < TYPE_COUNT ? type : TYPE_NONE];
}

static const struct command_set *const sets[] = {
    [COMMANDS_COUNT] = NULL,
#define COMMANDS(upper, lower) [COMMANDS_##upper] = &commands_##lower,
#include "commands.inc"
#undef COMMANDS
};

static const struct command *find(const struct command_set *set, uint64_t arg)
{
    uint32_t value = (uint32_t)arg & ~set->ignore;

    for (size_t i = 0; i < set->n; i++) {
        if (set->v[i].value == value)
            return &set->v[i];
    }
    return NULL;
}

static const struct range_rule *command_rule(const struct syscall_row *row)
{
    const struct range_rule *rule = row ? row->rules : NULL;

    while (rule && rule->dir != RANGE_END && rule->dir != RANGE_COMMAND)
        rule++;
    return rule && rule->dir == RANGE_COMMAND ? rule : NULL;
}

enum command_set_id syscall_commands(int64_t nr)
{
    const struct range_rule *rule = command_rule(syscall_row(nr));

    return rule ? (enum command_set_id)rule->walk : COMMANDS_NONE;
}

bool syscall_is_command(int64_t nr, const uint64_t args[SYSCALL_MAX_ARGS], enum command_set_id set,
                        uint32_t command)
{
    const struct range_rule *rule = command_rule(syscall_row(nr));

    return rule && rule->walk == set && ((uint32_t)args[rule->arg] & ~sets[set]->ignore) == command;
}

bool syscall_command(int64_t nr, const uint64_t args[SYSCALL_MAX_ARGS], struct syscall_command *ret)
{
    const struct range_rule *rule = command_rule(syscall_row(nr));
    const struct command *command;

    if (!rule)
        return false;
    const struct command_set *set = sets[rule->walk];

    command = find(set, args[rule->arg]);
    memset(ret, 0, sizeof(*ret));
    ret->arg = rule->arg;
    ret->ignored = set->ignore;
    ret->set = (enum command_set_id)rule->walk;
    ret->prefix = set->prefix;
    if (!command)
        return true;
    ret->name = command->name;
    ret->has_types = command->types != NULL;
    ret->n_types = command->n_types;
    ret->types = command->types;
    ret->returns = command->returns;
    return true;
}
