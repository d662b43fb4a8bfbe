/* The loops of spin_on_a_flag.h at -O2. */
#include "spin_on_a_flag.h"
