/* The size of a page, which is one wherever traces are made and replayed. */
#ifndef REPRISE_BASE_PAGE_H
#define REPRISE_BASE_PAGE_H

#define PAGE 4096ull

#endif
