/* Errors that carry their message up: a library says what happened, a command prints it once. */
#ifndef REPRISE_BASE_ERR_H
#define REPRISE_BASE_ERR_H

/* The message of the first failure. Zeroed means "no failure". Embedded, needs no cleanup. */
struct err {
    int code;       /* positive errno */
    char msg[1600]; /* what happened, to what, what to do; no trailing newline */
};

/* Notes a failure, unless one is noted already, and returns -errnum. `e` may be NULL. */
int err_set(struct err *e, int errnum, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Appends to the message of a failure that is noted; else does nothing. */
void err_append(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* As err_set, with ": " and the text of errnum appended to the message. */
int err_sys(struct err *e, int errnum, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
