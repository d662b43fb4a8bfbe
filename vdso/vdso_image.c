/* Owns the built page, carried in the program. Its section headers lie behind it and are lost,
 * which no dynamic linker misses. */
#include "vdso/vdso_image.h"

__asm__(".section .rodata\n"
        ".balign 16\n"
        ".globl vdso_image\n"
        ".hidden vdso_image\n"
        ".type vdso_image, @object\n"
        "vdso_image:\n"
        ".incbin \"" VDSO_FILE "\", 0, 4096\n"
        ".size vdso_image, 4096\n"
        ".previous");
