#!/bin/bash
# small_c_tree.sh DIRECTORY [N]: makes N small C files (40), a main program and a Makefile.
set -eu
files=${2:-40}
mkdir -p "$1"
cd "$1"
objects=
for ((i = 1; i <= files; i++)); do
    cat >"part$i.c" <<END
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "parts.h"

struct item$i {
    char name[32];
    int value;
};

static int compare(const void *a, const void *b)
{
    return ((const struct item$i *)a)->value - ((const struct item$i *)b)->value;
}

int part$i(int x)
{
    struct item$i items[16];
    for (int k = 0; k < 16; k++) {
        snprintf(items[k].name, sizeof items[k].name, "item %d of %d", k, $i);
        items[k].value = (x * 31 + k * 17 + (int)strlen(items[k].name)) % 101;
    }
    qsort(items, 16, sizeof *items, compare);
    return items[$i % 16].value + $i;
}
END
    objects="$objects part$i.o"
done
for ((i = 1; i <= files; i++)); do echo "int part$i(int x);"; done >parts.h
{
    echo '#include <stdio.h>'
    echo '#include "parts.h"'
    echo 'int main(void)'
    echo '{'
    echo '    int x = 1;'
    for ((i = 1; i <= files; i++)); do echo "    x = part$i(x);"; done
    echo '    printf("%d\n", x);'
    echo '    return 0;'
    echo '}'
} >main.c
printf 'CC = gcc\nCFLAGS = -O1\nprogram: main.o%s\n\t$(CC) -o $@ $^\nmain.o%s: parts.h\n' \
    "$objects" "$objects" >Makefile
