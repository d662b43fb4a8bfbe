/* Signals sent to the recorder itself. */
#ifndef REPRISE_RECORDER_RELAY_H
#define REPRISE_RECORDER_RELAY_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct relay;

/* Call from the tracing thread before any other thread is made: blocks SIGINT, SIGTERM, SIGHUP,
 * SIGQUIT, SIGUSR1, SIGUSR2 and SIGRTMAX and ignores SIGPIPE and SIGXFSZ for the recorder. 0 or
 * -errno. */
int relay_new(struct relay **ret);
/* From here on a thread interrupts wait4 (EINTR) every second, and waits for these signals: one
 * that a process sent is passed on to the program; one from the terminal is not, for the program
 * gets its own. */
int relay_start(struct relay *relay, pid_t program);
/* The program is gone: the next signal asks to stop. Those that came before it was gone, its end
 * among what they may have caused, do not. */
void relay_program_gone(struct relay *relay);
/* Whether the user insists that the recording ends; wait4 is interrupted (EINTR) when this
 * becomes true. */
bool relay_stop_requested(const struct relay *relay);
/* Forgets that the user insisted. */
void relay_clear_stop(struct relay *relay);
/* In the child, before exec: mask and dispositions as they were. */
void relay_restore_in_child(const struct relay *relay);
/* Ends the thread, restores everything. Takes NULL. */
void relay_free(struct relay *relay);

#endif
