/* Owns the way from the command line to a command. */
#include "base/available_memory.h"
#include "tools/command.h"
#include "tools/exit_status.h"
#include "tools/report.h"
#include "tools/version.h"

#include <argp.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define BOUND_LEAST ((rlim_t)256 << 20) /* a whole trace can be read in that */

/* A standard stream that is closed must not become a file of ours, and the program that we record
 * must still find it closed: an fd that can be neither read nor written takes the place until exec.
 */
static void hold_standard_fds(void)
{
    int fd;
    do {
        fd = open("/", O_PATH | O_CLOEXEC);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

/* What is made of a trace may inflate without end. Three quarters of what is available is for us,
 * as in a replay (replayer/budget.c); then an allocation fails, and the command says so. */
static void bound_memory(void)
{
#ifndef __SANITIZE_ADDRESS__ /* which reserves terabytes */
    struct rlimit data;
    rlim_t bound = available_memory("") / 4 * 3;
    if (getrlimit(RLIMIT_DATA, &data) < 0 || data.rlim_cur <= bound)
        return;
    data.rlim_cur = bound > BOUND_LEAST ? bound : BOUND_LEAST;
    (void)setrlimit(RLIMIT_DATA, &data);
#endif
}

int main(int argc, char **argv)
{
    hold_standard_fds();
    argp_err_exit_status = EXIT_REPRISE;
    if (argc < 2) {
        report_error("which command? 'reprise help' lists them");
        return EXIT_REPRISE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
        return version_print();
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    const struct command *command = command_find(name);
    if (command == NULL) {
        report_error("there is no %s '%s'; 'reprise help' lists what there is",
                     name[0] == '-' ? "option" : "command", name);
        return EXIT_REPRISE;
    }
    if (!command->runs_programs)
        bound_memory();
    argv[1] = (char *)"reprise"; /* argp and getopt start their messages with it */
    return command->run(argc - 1, argv + 1);
}
