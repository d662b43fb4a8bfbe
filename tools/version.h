/* What this program is and was built with. */
#ifndef REPRISE_TOOLS_VERSION_H
#define REPRISE_TOOLS_VERSION_H

/* "reprise 0.1.0", as it stands in the header of a trace. */
#define VERSION_STRING "reprise " REPRISE_VERSION

/* Prints to stdout; returns the exit status. */
int version_print(void);

#endif
