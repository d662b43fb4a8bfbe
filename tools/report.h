/* What reprise says to the user: lines on stderr that begin with "reprise: ". Only commands and
 * their helpers use this; the libraries hand their messages up. */
#ifndef REPRISE_TOOLS_REPORT_H
#define REPRISE_TOOLS_REPORT_H

#include <stdbool.h>

/* Each line of the message gets the prefix; control characters in it are shown as \xNN. */
void report_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void report_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void report_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Whether escape sequences may be written to fd: a terminal, not a dumb one, NO_COLOR not set. */
bool report_may_colour(int fd);

#endif
