/* Owns numbers and addresses by their type, and structs field by field. */
#include "decode/text.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#define DEPTH_MAX 8

void put_fd(struct text *t, int64_t fd)
{
    put_int(t, fd);
    if (!t->style->fd_paths || t->d->fds == NULL || t->d->task == NULL || fd < 0)
        return;
    const struct fd_object *o = fd_follow_get(t->d->fds, t->d->task, (int)fd);
    if (o == NULL || (o->kind == FD_UNKNOWN && o->path == NULL))
        return;
    put(t, "<");
    if (fd_object_text(o, t->out) < 0)
        t->err = -ENOMEM;
    put(t, ">");
}

void put_dirfd(struct text *t, int64_t fd)
{
    if (fd != AT_FDCWD) {
        put_fd(t, fd);
        return;
    }
    put_named(t, "-100", "AT_FDCWD");
    const char *cwd = t->style->fd_paths && t->d->fds != NULL && t->d->task != NULL
                          ? fd_follow_cwd(t->d->fds, t->d->task)
                          : NULL;
    if (cwd == NULL)
        return;
    put(t, "<");
    put(t, cwd);
    put(t, ">");
}

static const struct constant file_types_v[] = {
    {S_IFREG, S_IFMT, "S_IFREG"},   {S_IFDIR, S_IFMT, "S_IFDIR"},  {S_IFLNK, S_IFMT, "S_IFLNK"},
    {S_IFCHR, S_IFMT, "S_IFCHR"},   {S_IFBLK, S_IFMT, "S_IFBLK"},  {S_IFIFO, S_IFMT, "S_IFIFO"},
    {S_IFSOCK, S_IFMT, "S_IFSOCK"}, {S_ISUID, S_ISUID, "S_ISUID"}, {S_ISGID, S_ISGID, "S_ISGID"},
    {S_ISVTX, S_ISVTX, "S_ISVTX"},
};

void put_mode(struct text *t, uint64_t mode)
{
    bool any = false;
    if (t->style->constants == TEXT_CONSTANTS_RAW) {
        put_octal(t, mode);
        return;
    }
    if (t->style->constants == TEXT_CONSTANTS_VERBOSE) {
        put_octal(t, mode);
        put(t, " /* ");
    }
    for (size_t i = 0; i < sizeof file_types_v / sizeof file_types_v[0]; i++) {
        const struct constant *c = &file_types_v[i];
        if ((mode & c->mask) != c->value)
            continue;
        if (any)
            put(t, "|");
        put(t, c->name);
        any = true;
    }
    if (any)
        put(t, "|");
    put_octal(t, any ? mode & 0777 : mode);
    if (t->style->constants == TEXT_CONSTANTS_VERBOSE)
        put(t, " */");
}

void put_device(struct text *t, uint64_t dev)
{
    put_fmt(t, "makedev(%#x, %#x)", major(dev), minor(dev));
}

void put_date(struct text *t, int64_t sec, uint64_t fraction, int digits)
{
    struct tm tm;
    time_t when = (time_t)sec;
    char text[64];
    if (gmtime_r(&when, &tm) == NULL || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
        return;
    put(t, text);
    if (fraction != 0)
        put_fmt(t, ".%0*llu", digits, (unsigned long long)fraction);
    put(t, "+0000");
}

/* ---- structs ---- */

static uint64_t load(const uint8_t *data, size_t size, bool is_signed)
{
    uint64_t v = 0;
    memcpy(&v, data, size < sizeof v ? size : sizeof v);
    if (is_signed && size < sizeof v && size > 0 && (data[size - 1] & 0x80) != 0)
        v |= UINT64_MAX << (8 * size);
    return v;
}

static bool is_signed(enum arg_type type)
{
    enum arg_kind kind = arg_type_info(type)->kind;
    return kind == ARG_INT || kind == ARG_FD || kind == ARG_PID || kind == ARG_DIRFD;
}

void put_field_value(struct text *t, enum arg_type type, const uint8_t *data, size_t size)
{
    const struct arg_type_info *info = arg_type_info(type);
    if (info->form == FORM_STRUCT) {
        put_struct(t, info->fields, data, size);
        return;
    }
    if (type == TYPE_CHARS) {
        put_quoted_all(t, data, strnlen((const char *)data, size), false);
        return;
    }
    if (info->form == FORM_SET) {
        put_set(t, info->set, load(data, size, false));
        return;
    }
    uint64_t v = load(data, size, is_signed(type));
    if (type == TYPE_FILE_MODE && (S_ISCHR(v) || S_ISBLK(v)))
        t->is_device = true;
    if (type == TYPE_CREAT_MODE)
        put_octal(t, v);
    else
        put_value(t, type, SYSCALL_MAX_ARGS, v);
}

static void put_array(struct text *t, const struct struct_field *f, const uint8_t *data)
{
    put(t, "[");
    for (size_t i = 0; i < f->count; i++) {
        if (i > 0)
            put(t, ", ");
        put_field_value(t, (enum arg_type)f->type, data + i * f->size, f->size);
    }
    put(t, "]");
}

static bool is_wanted(const struct text *t, const struct struct_field *f, const uint8_t *data)
{
    switch ((enum struct_field_when)f->when) {
    case FIELD_ALWAYS:
        return true;
    case FIELD_VERBOSE:
        return t->style->verbose;
    case FIELD_SET:
        return load(data, f->size, false) != 0;
    case FIELD_DEVICE:
        return t->is_device;
    case FIELD_NO_DEVICE:
        return !t->is_device;
    }
    return true;
}

void put_struct(struct text *t, const struct struct_type *s, const uint8_t *data, size_t len)
{
    bool any = false, left_out = false, was_device = t->is_device;
    if (t->depth >= DEPTH_MAX) {
        put(t, "{...}");
        return;
    }
    t->depth++;
    t->is_device = false;
    put(t, "{");
    for (size_t i = 0; i < s->n; i++) {
        const struct struct_field *f = &s->fields[i];
        size_t size = (size_t)f->size * (f->count > 0 ? f->count : 1);
        if (f->offset + size > len)
            continue; /* a shorter struct, of an older kernel or program */
        if (!is_wanted(t, f, data + f->offset)) {
            left_out = left_out || f->when == FIELD_VERBOSE;
            continue;
        }
        if (any)
            put(t, ", ");
        put(t, f->name);
        put(t, "=");
        if (f->count > 0)
            put_array(t, f, data + f->offset);
        else
            put_field_value(t, (enum arg_type)f->type, data + f->offset, f->size);
        any = true;
    }
    put(t, left_out ? ", ...}" : "}");
    t->is_device = was_device;
    t->depth--;
}

/* ---- arguments ---- */

static void put_struct_at(struct text *t, const struct struct_type *s, uint64_t addr)
{
    uint8_t data[512];
    size_t n = addr != 0 ? read_either(t, addr, data, s->size) : 0;
    if (n == 0 || (n < s->size && n < 8))
        put_addr(t, addr);
    else
        put_struct(t, s, data, n);
}

static void put_plain(struct text *t, enum arg_kind kind, uint64_t v)
{
    switch (kind) {
    case ARG_INT:
    case ARG_PID:
        put_int(t, (int)v);
        return;
    case ARG_FD:
        put_fd(t, (int)v);
        return;
    case ARG_DIRFD:
        put_dirfd(t, (int)v);
        return;
    case ARG_SIGNO:
        put_signal(t, v);
        return;
    case ARG_UINT:
        put_uint(t, v);
        return;
    case ARG_NONE:
    case ARG_HEX:
    case ARG_FLAGS:
        put_hex(t, v);
        return;
    case ARG_PATH:
        if (v == 0 || !put_path(t, v))
            put_addr(t, v);
        return;
    case ARG_STRING:
        if (v == 0 || !put_bytes(t, false, v, UINT64_MAX, true))
            put_addr(t, v);
        return;
    case ARG_STRINGS:
    case ARG_ADDR:
    case ARG_PTR:
        break;
    }
    put_addr(t, v);
}

void put_value(struct text *t, enum arg_type type, size_t arg, uint64_t v)
{
    const struct arg_type_info *info = arg_type_info(type);
    text_fn *fn = text_function(type);
    switch (info->form) {
    case FORM_SET:
        put_set(t, info->set, (uint32_t)v);
        return;
    case FORM_STRUCT:
        put_struct_at(t, info->fields, v);
        return;
    case FORM_VALUE:
    case FORM_CODE:
        break;
    }
    if (fn != NULL)
        fn(t, arg, v);
    else
        put_plain(t, info->kind, v);
}
