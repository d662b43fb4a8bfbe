/* Owns the showing of what the replayed program writes. The bytes come from its memory. */
#include "replayer/output.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

static int show(struct replayer *r, int fd, const uint8_t *data, size_t len)
{
    const struct replayer_options *o = r->options;
    int allowed = budget_show(r, len, &len); /* what is within the budget is shown */
    if (len > 0 && o->before_output != NULL)
        o->before_output(o->before_output_ctx, data, len);
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) {
            struct pollfd p = {.fd = fd, .events = POLLOUT};
            (void)poll(&p, 1, -1);
            continue;
        }
        if (n < 0)
            return err_sys(r->err, errno, "cannot show the program's output");
        data += n;
        len -= (size_t)n;
    }
    return allowed;
}

int output_show(struct replayer *r, const struct rtask *t, const Reprise__Syscall *s)
{
    if (s->output == 0 || s->result <= 0)
        return 0;
    int fd = s->output == 1 ? r->options->stdout_fd : r->options->stderr_fd;
    if (fd < 0)
        return 0;
    if (s->output_data.len > 0)
        return show(r, fd, s->output_data.data, s->output_data.len);
    uint64_t left = (uint64_t)s->result;
    for (size_t i = 0; left > 0 && i < t->n_handed; i++) {
        const struct handed *h = &t->handed[i];
        if (!h->is_data)
            continue;
        size_t n = h->len < left ? h->len : (size_t)left;
        int err = show(r, fd, t->handed_bytes.data + h->offset, n);
        if (err < 0)
            return err;
        left -= n;
    }
    return 0;
}
