/* No core dump of a process that runs, or reads, what somebody else wrote. */
#ifndef REPRISE_CONFINE_NO_CORE_H
#define REPRISE_CONFINE_NO_CORE_H

/* For the calling process and its children. */
void no_core(void);

#endif
