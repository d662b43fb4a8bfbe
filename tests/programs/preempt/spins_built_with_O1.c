/* The loops of spin_on_a_flag.h at -O1. */
#include "spin_on_a_flag.h"
