/* Owns the reading of /proc/PID/maps. */
#include "task/maps.h"

#include "base/scope.h"
#include "task/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int slurp(pid_t tid, struct maps *m, size_t *ret_len)
{
    int fd SCOPE_CLOSE = proc_open(tid, "maps");
    if (fd < 0)
        return fd;
    size_t len = 0;
    for (;;) {
        if (m->text_cap - len < 4097) {
            size_t cap = m->text_cap > 0 ? m->text_cap * 2 : 16384;
            char *text = realloc(m->text, cap);
            if (text == NULL)
                return -ENOMEM;
            m->text = text;
            m->text_cap = cap;
        }
        ssize_t n = read(fd, m->text + len, m->text_cap - len - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    m->text[len] = '\0';
    *ret_len = len;
    return 0;
}

/* start-end perms offset major:minor inode [spaces name] */
static bool parse_line(char *line, struct map *ret)
{
    char *p = line;
    ret->start = strtoull(p, &p, 16);
    if (*p++ != '-')
        return false;
    ret->end = strtoull(p, &p, 16);
    if (*p++ != ' ' || strlen(p) < 5)
        return false;
    ret->prot = (p[0] == 'r' ? PROT_READ : 0) | (p[1] == 'w' ? PROT_WRITE : 0) |
                (p[2] == 'x' ? PROT_EXEC : 0);
    ret->shared = p[3] == 's';
    p += 5;
    ret->offset = strtoull(p, &p, 16);
    unsigned long major_nr = strtoul(p, &p, 16);
    if (*p++ != ':')
        return false;
    unsigned long minor_nr = strtoul(p, &p, 16);
    ret->dev = makedev((unsigned)major_nr, (unsigned)minor_nr);
    ret->ino = strtoull(p, &p, 10);
    while (*p == ' ')
        p++;
    ret->name = p;
    return true;
}

int maps_read(pid_t tid, struct maps *m)
{
    size_t len = 0;
    int r = slurp(tid, m, &len);
    if (r < 0)
        return r;
    m->n = 0;
    for (char *line = m->text, *end; line < m->text + len; line = end + 1) {
        end = strchr(line, '\n');
        if (end == NULL)
            break;
        *end = '\0';
        if (m->n == m->cap) {
            size_t cap = m->cap > 0 ? m->cap * 2 : 64;
            struct map *v = reallocarray(m->v, cap, sizeof *v);
            if (v == NULL)
                return -ENOMEM;
            m->v = v;
            m->cap = cap;
        }
        if (parse_line(line, &m->v[m->n]))
            m->n++;
    }
    return 0;
}

void maps_done(struct maps *m)
{
    if (m == NULL)
        return;
    free(m->v);
    free(m->text);
    *m = (struct maps){0};
}

const struct map *maps_find(const struct maps *m, uint64_t addr)
{
    size_t lo = 0, hi = m->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (m->v[mid].end <= addr)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < m->n && m->v[lo].start <= addr ? &m->v[lo] : NULL;
}
