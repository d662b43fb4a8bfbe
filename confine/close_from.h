/* Descriptors that a child must not have. */
#ifndef REPRISE_CONFINE_CLOSE_FROM_H
#define REPRISE_CONFINE_CLOSE_FROM_H

/* Closes all from `first` on. */
void close_from(unsigned first);

#endif
