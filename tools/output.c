/* Owns the end of stdout and its width. */
#include "tools/output.h"

#include "tools/exit_status.h"
#include "tools/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int output_finish(void)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    int e = errno;
    if (e == EPIPE)
        return 0;
    report_error("cannot write to standard output: %s", strerror(e != 0 ? e : EIO));
    return EXIT_REPRISE;
}

size_t output_columns(void)
{
    struct winsize size;
    if (isatty(STDOUT_FILENO) != 1 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}
