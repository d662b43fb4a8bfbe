/* Owns the walk along the paths that code can take. Jumps through registers and tables end it: what
 * it does not reach may be code all the same. */
#include "code/code_paths.h"

#include "code/insn.h"

#include <errno.h>
#include <stdlib.h>

struct todo {
    size_t *v;
    size_t n, cap;
};

static int push(struct todo *todo, size_t at)
{
    if (todo->n == todo->cap) {
        size_t cap = todo->cap == 0 ? 64 : todo->cap * 2;
        size_t *v = reallocarray(todo->v, cap, sizeof *v);
        if (v == NULL)
            return -ENOMEM;
        todo->v = v;
        todo->cap = cap;
    }
    todo->v[todo->n++] = at;
    return 0;
}

bool code_paths_begin(const struct code_paths *paths, size_t at)
{
    return (paths->starts[at / 8] >> at % 8 & 1) != 0;
}

/* One path, up to where it ends or joins another; the other ways of jumps are left to do. */
static int follow(struct code_paths *paths, const uint8_t *code, size_t at, struct todo *todo)
{
    struct insn_parts insn;
    while (at < paths->len && !code_paths_begin(paths, at) &&
           insn_read(code + at, paths->len - at, &insn)) {
        paths->starts[at / 8] |= (uint8_t)(1 << at % 8);
        at += insn.len;
        uint64_t target = at + (uint64_t)insn.distance;
        if (insn.jumps && target < paths->len && push(todo, (size_t)target) < 0)
            return -ENOMEM;
        if (insn.kind == INSN_END)
            break;
    }
    return 0;
}

int code_paths_follow(const uint8_t *code, size_t len, const uint64_t *entries, size_t n,
                      struct code_paths *ret)
{
    struct code_paths paths = {len, calloc(len / 8 + 1, 1)};
    struct todo todo = {0};
    int r = paths.starts == NULL ? -ENOMEM : 0;
    for (size_t i = 0; i < n && r == 0; i++)
        if (entries[i] < len)
            r = push(&todo, (size_t)entries[i]);
    while (r == 0 && todo.n > 0)
        r = follow(&paths, code, todo.v[--todo.n], &todo);
    free(todo.v);
    if (r < 0)
        code_paths_done(&paths);
    else
        *ret = paths;
    return r;
}

void code_paths_done(struct code_paths *paths)
{
    free(paths->starts);
    *paths = (struct code_paths){0};
}
