/* The end of a process that cannot go on without memory. */
#ifndef REPRISE_BASE_NO_MEMORY_H
#define REPRISE_BASE_NO_MEMORY_H

/* Says so on stderr and exits with 125, the status of reprise's own failures. For recording, where
 * half a story would be a wrong one: what was flushed to the trace stays valid. */
_Noreturn void no_memory(void);

#endif
