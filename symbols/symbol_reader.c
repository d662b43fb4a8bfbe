/* Owns both ends of the questions for symbols. */
#include "symbols/symbol_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct symbol_question) <= READER_QUESTION_MAX, "it is sent at once");
_Static_assert(sizeof(struct symbol_answer) <= READER_ANSWER_MAX, "it is sent at once");

/* ---- in the reader ---- */

struct files {
    struct debug_file **v; /* NULL: cannot be read */
    size_t n;
};

static int open_file(struct files *f, struct reader_question *q)
{
    struct debug_file **v = reallocarray(f->v, f->n + 1, sizeof *v);
    if (v == NULL)
        return -ENOMEM;
    f->v = v;
    v[f->n++] = NULL;
    if (q->content == NULL)
        return -ENOMEM;
    v[f->n - 1] = debug_file_open(q->content, q->size);
    q->keep = v[f->n - 1] != NULL;
    return q->keep ? 0 : -ENOEXEC;
}

static void copy_text(char to[SYMBOL_TEXT_MAX], const char *from)
{
    size_t len = from != NULL ? strnlen(from, SYMBOL_TEXT_MAX - 1) : 0;
    if (len > 0)
        memcpy(to, from, len);
}

static int find(struct debug_file *d, const struct symbol_question *q, struct symbol_answer *a)
{
    struct code_place place = {.offset = q->at};
    int err = debug_file_find(d, q->at, q->after != 0, &place);
    a->offset = place.offset;
    a->in_function = place.in_function;
    a->line = place.line;
    copy_text(a->function, place.function);
    copy_text(a->file, place.file);
    code_place_done(&place);
    return err;
}

static int serve_question(struct files *f, struct reader_question *raw, struct symbol_answer *a)
{
    struct symbol_question q;
    if (raw->len != sizeof q)
        return -EINVAL;
    memcpy(&q, raw->bytes, sizeof q);
    int err = q.kind == SYMBOL_OPEN ? open_file(f, raw) : 0;
    if (err < 0)
        return err;
    uint32_t file = q.kind == SYMBOL_OPEN ? (uint32_t)f->n - 1 : q.file;
    struct debug_file *d = file < f->n ? f->v[file] : NULL;
    if (d == NULL)
        return -EINVAL;
    if (q.kind == SYMBOL_FIND)
        return find(d, &q, a);
    if (q.kind == SYMBOL_SPLIT && raw->content != NULL) {
        debug_file_add_split(d, raw->content, raw->size);
        raw->keep = true;
    }
    a->n_id = (uint32_t)debug_file_split_id(d, a->id);
    return 0;
}

static size_t serve(void *state, struct reader_question *raw, void *answer)
{
    struct symbol_answer *a = answer;
    memset(a, 0, sizeof *a);
    a->result = serve_question(state, raw, a);
    return sizeof *a;
}

/* ---- who asks ---- */

#define ERRNO_MAX 4095

int symbol_readers_need(struct readers *r, struct err *err)
{
    struct files none = {0};
    return readers_need(r, serve, &none, err);
}

int symbol_reader_ask(struct reader *r, const struct symbol_question *question, int fd,
                      uint64_t size, struct symbol_answer *ret, struct err *err)
{
    struct symbol_answer a;
    ssize_t got = reader_ask(r, question, sizeof *question, fd, size, &a, sizeof a, err);
    if (got < 0)
        return (int)got;
    if (got != (ssize_t)sizeof a || a.result > 0 || a.result < -ERRNO_MAX ||
        a.n_id > BUILD_ID_MAX || memchr(a.function, '\0', sizeof a.function) == NULL ||
        memchr(a.file, '\0', sizeof a.file) == NULL)
        return err_set(err, EBADMSG, "what reads it has answered nonsense");
    *ret = a;
    return 0;
}
