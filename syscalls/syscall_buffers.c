/* Tells which memory a call may write, before it does, and where it has the addresses from. Knows
 * the rule language and no single call. */
#include "ranges.h"
#include "rules.h"
#include "syscalls.h"
#include "walk.h"

#include <errno.h>
#include <stdlib.h>

void syscall_buffers_done(struct syscall_buffers *b)
{
    if (!b)
        return;
    free(b->v);
    *b = (struct syscall_buffers){0};
}

static void push(struct walk *w, struct syscall_buffer buffer)
{
    struct syscall_buffers *b = w->buffers;

    if (!buffer.addr || !buffer.len)
        return;
    if (b->n == b->cap) {
        size_t cap = b->cap ? b->cap * 2 : 8;
        struct syscall_buffer *v = realloc(b->v, cap * sizeof(*v));

        if (!v) {
            w->err = -ENOMEM;
            return;
        }
        b->v = v;
        b->cap = cap;
    }
    b->v[b->n++] = buffer;
}

void walk_buffer_of_arg(struct walk *w, unsigned arg, uint64_t len, bool filled)
{
    push(w, (struct syscall_buffer){
                .addr = w->call->args[arg], .len = len, .pointer = arg, .filled = filled});
}

void walk_buffer_at(struct walk *w, uint64_t pointer, uint64_t addr, uint64_t len, bool filled)
{
    push(w, (struct syscall_buffer){
                .addr = addr, .len = len, .pointer = pointer, .in_memory = true, .filled = filled});
}

/* A set of descriptors may be passed with a greater size than it has memory. */
static uint64_t readable_words(struct walk *w, uint64_t addr, uint64_t len)
{
    uint64_t done = 0, word;

    while (done < len && walk_read(w, addr + done, &word, sizeof(word)))
        done += sizeof(word);
    return done;
}

static void value_result_buffers(struct walk *w, const struct range_rule *rule)
{
    uint32_t len;

    if (!walk_read_u32(w, w->call->args[rule->count], &len) || (int32_t)len < 0)
        return;
    walk_buffer_of_arg(w, rule->count, sizeof(uint32_t), false);
    walk_buffer_of_arg(w, rule->arg, len, true);
}

static void rules_buffers(struct walk *w, const struct range_rule *rule);

static void rule_buffers(struct walk *w, const struct range_rule *rule)
{
    const struct syscall_call *c = w->call;
    uint64_t len;
    bool filled;

    if (rule->dir == RANGE_WALK) {
        const struct walker *walker = rules_walker(rule);

        if (walker->buffers)
            walker->buffers(w, rule);
        else if (walker->written)
            w->err = -ENOSYS;
        return;
    }
    if (rule->dir == RANGE_COMMAND) {
        struct range_rule fallback[2];

        rules_buffers(w, rules_of_command(c, rule, fallback));
        return;
    }
    if (!(rule->dir & RANGE_OUT))
        return;
    if (rule->len == LEN_VALUE_RESULT) {
        value_result_buffers(w, rule);
        return;
    }
    len = rules_offered(c, rule);
    if (rule->len == LEN_FD_SET)
        len = readable_words(w, c->args[rule->arg], len);
    filled = rule->len == LEN_READ || rule->len == LEN_RECEIVED || rule->len == LEN_RESULT;
    walk_buffer_of_arg(w, rule->arg, len, filled && !(rule->dir & RANGE_IN));
}

static void rules_buffers(struct walk *w, const struct range_rule *rule)
{
    for (; rule && rule->dir != RANGE_END; rule++)
        rule_buffers(w, rule);
}

int syscall_buffers(const struct syscall_call *c, const struct syscall_memory *m,
                    struct syscall_buffers *ret)
{
    const struct syscall_row *row = syscall_row(c->nr);
    struct walk w = {.call = c, .m = m, .buffers = ret};

    if (!row || !syscall_is_listed(c))
        return -ENOSYS;
    rules_buffers(&w, row->rules);
    return w.err;
}
