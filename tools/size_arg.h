/* Sizes on the command line: "4096", "64K", "512M", "8G", "2T". */
#ifndef REPRISE_TOOLS_SIZE_ARG_H
#define REPRISE_TOOLS_SIZE_ARG_H

#include <stdint.h>

/* 0, or EINVAL with the user told what the option takes. Zero is no size. */
int size_arg_parse(const char *option, const char *arg, uint64_t *ret_bytes);

#endif
