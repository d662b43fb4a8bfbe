/* ioctl commands whose number does not tell, or tells wrongly, what they read and write. The rest
 * is left to walk_ioctl.c. */
#include "ranges.h"

/* clang-format off */
static const struct command ioctl_rows[] = {
    COMMAND(0x5401, "TCGETS", OUT_TRIED(2, 36)),
    COMMAND(0x5402, "TCSETS", IN(2, 36)),
    COMMAND(0x5403, "TCSETSW", IN(2, 36)),
    COMMAND(0x5404, "TCSETSF", IN(2, 36)),
    COMMAND(0x540f, "TIOCGPGRP", OUT_TRIED(2, 4)),
    COMMAND(0x5410, "TIOCSPGRP", IN(2, 4)),
    COMMAND(0x5413, "TIOCGWINSZ", OUT_TRIED(2, 8)),
    COMMAND(0x5414, "TIOCSWINSZ", IN(2, 8)),
    COMMAND(0x541b, "FIONREAD", OUT_TRIED(2, 4)),
    COMMAND(0x5421, "FIONBIO", IN(2, 4)),
    COMMAND(0x5450, "FIONCLEX"),
    COMMAND(0x5451, "FIOCLEX"),
    COMMAND(0x5452, "FIOASYNC", IN(2, 4)),
};
COMMAND_SET(ioctl, .fallback = WALK_IOCTL_GENERIC)
/* clang-format on */
