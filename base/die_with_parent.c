/* Owns the end of children whose parent was killed before it could trace them: PTRACE_O_EXITKILL
 * holds from the seizing on, this from the child's first moments. */
#include "base/die_with_parent.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

void die_with_parent(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent) /* it went before the signal was asked for */
        _exit(1);
}
