/* Owns results: numbers, addresses, descriptors, errors, and what stands in parentheses behind. */
#include "decode/text_types.h"

#include <sys/prctl.h>

static const struct {
    int errnum;
    const char *name, *text;
} kernel_errors[] = {
    {512, "ERESTARTSYS", "To be restarted if SA_RESTART is set"},
    {513, "ERESTARTNOINTR", "To be restarted"},
    {514, "ERESTARTNOHAND", "To be restarted if no handler"},
    {516, "ERESTART_RESTARTBLOCK", "Interrupted by signal"},
};

#define KERNEL_ERRORS (sizeof kernel_errors / sizeof kernel_errors[0])

static const char *restart_text(int errnum)
{
    for (size_t i = 0; i < KERNEL_ERRORS; i++)
        if (kernel_errors[i].errnum == errnum)
            return kernel_errors[i].text;
    return NULL;
}

const char *call_errno_name(int errnum)
{
    for (size_t i = 0; i < KERNEL_ERRORS; i++)
        if (kernel_errors[i].errnum == errnum)
            return kernel_errors[i].name;
    return strerrorname_np(errnum);
}

/* -1 to -4095, and what the kernel keeps for itself (include/linux/errno.h). Calls whose result is
 * an address or a count of ticks use these values for errors only. */
bool call_is_error(const struct walk_call *call, int *ret_errno)
{
    if (!call->done || call->result >= 0 || call->result < -4095)
        return false;
    if (ret_errno != NULL)
        *ret_errno = (int)-call->result;
    return true;
}

static void put_error(struct text *t, int errnum)
{
    const char *name = call_errno_name(errnum), *restart = restart_text(errnum);
    if (restart != NULL)
        put_fmt(t, "? %s (%s)", name, restart);
    else if (name == NULL)
        put_fmt(t, "-1 (errno %d)", errnum);
    else
        put_fmt(t, "-1 %s (%s)", name, strerrordesc_np(errnum));
}

static void put_noted(struct text *t, const struct constant_set *set, uint64_t v, const char *word)
{
    size_t before = t->out->len;
    if (t->style->constants == TEXT_CONSTANTS_RAW)
        return;
    put(t, " (");
    put(t, word);
    if (put_set_name(t, set, v))
        put(t, ")");
    else
        t->out->len = before;
}

static const char *word_of(enum arg_type type)
{
    if (type == TYPE_SEALS)
        return "seals ";
    return type == TYPE_OPEN_FLAGS || type == TYPE_FD_FLAGS ? "flags " : "";
}

/* Which type the result has: the command's, or the row's. */
static enum arg_type result_type(const struct walk_call *c)
{
    struct syscall_command command;
    if (c->row == NULL)
        return TYPE_NONE;
    if (c->entered && syscall_command(c->nr, c->args, &command) && command.returns != TYPE_NONE)
        return (enum arg_type)command.returns;
    return (enum arg_type)c->row->returns;
}

static void put_signal_result(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_signal(t, v);
}

static void put_personality_result(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_personality(t, v);
}

static void put_date_result(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_date(t, (int64_t)v, 0, 0);
}

/* Those that are told twice, as a number and as what it means. */
static const struct {
    enum arg_type type;
    bool hex;
    text_fn *meaning;
} explained[] = {
    {TYPE_SECONDS, false, put_date_result},
    {TYPE_SIGNO, false, put_signal_result},
    {TYPE_PERSONALITY, true, put_personality_result},
    {TYPE_IOPRIO, true, text_ioprio},
};

static bool put_explained(struct text *t, enum arg_type type, int64_t v)
{
    for (size_t i = 0; i < sizeof explained / sizeof explained[0]; i++) {
        if (explained[i].type != type)
            continue;
        if (explained[i].hex)
            put_hex(t, (uint64_t)v);
        else
            put_int(t, v);
        put(t, " (");
        explained[i].meaning(t, 0, (uint64_t)v);
        put(t, ")");
        return true;
    }
    return false;
}

static void put_typed(struct text *t, enum arg_type type, int64_t v)
{
    const struct arg_type_info *info = arg_type_info(type);
    if (put_explained(t, type, v))
        return;
    if (type == TYPE_FD) {
        put_fd(t, v);
        return;
    }
    if (type == TYPE_ADDR) {
        put_hex(t, (uint64_t)v);
        return;
    }
    if (type == TYPE_MODE) {
        put_octal(t, (uint64_t)v);
        return;
    }
    if (info->form != FORM_SET) {
        put_int(t, v);
    } else if (info->set->flags) {
        put_hex(t, (uint64_t)v);
        if (v != 0 || type == TYPE_OPEN_FLAGS)
            put_noted(t, info->set, (uint64_t)v, word_of(type));
    } else {
        put_int(t, v);
        put_noted(t, info->set, (uint64_t)v, "");
    }
}

static void put_behind(struct text *t)
{
    const struct walk_call *c = t->call;
    if (!c->entered)
        return;
    const struct syscall_row *row = syscall_traits(c->nr);
    if (syscall_arg_of_type(row, TYPE_POLLFDS) >= 0)
        put_poll_result(t);
    else if (syscall_arg_of_type(row, TYPE_FD_SET) >= 0)
        put_select_result(t);
}

void put_result(struct text *t)
{
    int e;
    if (!t->call->done)
        put(t, "?");
    else if (call_is_error(t->call, &e))
        put_error(t, e);
    else {
        put_typed(t, result_type(t->call), t->call->result);
        put_behind(t);
    }
}
