/* The bytes of the page at VDSO_ADDR. */
#ifndef REPRISE_VDSO_VDSO_IMAGE_H
#define REPRISE_VDSO_VDSO_IMAGE_H

#include "vdso/clock_ring.h"

extern const unsigned char vdso_image[VDSO_SIZE];

#endif
