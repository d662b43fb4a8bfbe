#!/bin/sh
# stub_stands_alone.sh SECTION OBJECT...: the code in this section, which is copied into other
# programs, refers to nothing outside of it, and to no vector register.
set -eu
section=$1
shift
for object; do
    readelf -SW "$object" | grep -q " $section " || {
        echo "$object has no section $section"
        exit 1
    }
    bad=$(readelf -rW "$object" | awk -v s="'.rela$section'" '
        /^Relocation section/ { on = $3 == s; next }
        on && /R_X86_64/ && $5 !~ "^(" substr(s, 7, length(s) - 7) "|call_stub_|fast_stub_)" { print }')
    [ -z "$bad" ] || {
        echo "$object refers to what is not there when it is copied:"
        echo "$bad"
        exit 1
    }
    if objdump -d -j "$section" "$object" | grep -E '%[xyz]mm'; then
        echo "$object changes vector registers"
        exit 1
    fi
done
