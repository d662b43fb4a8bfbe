# shellcheck shell=bash disable=SC2154 # set by who sources it
# The root of the guests: a tree that becomes an initramfs. Programs that a machine of tests does not
# have are left out, with a word about it. To be sourced; needs $work, $build, $top, REPRISE, BOUNDED
# and programs.sh.

image=$work/image # the tree
programs=$image/programs

# image_build PROGRAMS...: sets programs_here to those that could be provided.
image_build() {
    local name
    rm -rf "$image" && mkdir -p "$image"/{bin,dev,proc,sys,tmp,results,modules,programs} || return 1
    cp "$(command -v busybox)" "$image/bin/busybox" && ln "$image/bin/busybox" "$programs/" &&
        cp "$REPRISE" "$image/bin/reprise" && cp "$here/guest.sh" "$image/init" &&
        cp "$here/programs.sh" "$image/" && image_add_binary "$BOUNDED" /bin/bounded || return 1
    programs_here=
    for name in "$@"; do
        if provide "$name"; then
            programs_here="$programs_here $name"
        else
            say "without $name: it is not installed, or does not build"
        fi
    done
    image_pack "$image" "$work/image.cpio"
}

# image_pack DIR FILE
image_pack() {
    (cd "$1" && find . | cpio -o -H newc -R 0:0 --quiet) >"$2"
}

provide() {
    if has_function "provide_$1"; then
        "provide_$1" >>"$work/provide.log" 2>&1
    else
        provide_test "$1"
    fi
}

# image_add FILES...: at the same place as here.
image_add() {
    (cd / && cp -a --parents "$@" "$image/")
}

# image_add_binary FILE [PLACE]: with its libraries.
image_add_binary() {
    [ -x "$1" ] && image_add_libraries "$1" && mkdir -p "$image/$(dirname "${2:-$1}")" &&
        cp -L "$1" "$image/${2:-$1}"
}

# image_add_libraries FILES...: those that ldd names, by what they are, since links lead elsewhere.
image_add_libraries() {
    local library
    for library in $(ldd "$@" 2>/dev/null | grep -o ' */[^ :]*\.so[^ :]*' | sort -u); do
        [ -e "$image/$library" ] || { mkdir -p "$image/$(dirname "$library")" &&
            cp -L "$library" "$image/$library"; } || return 1
    done
}

provide_test() {
    local file
    file=$(find "$build/tests/programs" -name "$1" -type f -perm -u+x)
    [ -n "$file" ] && image_add_binary "$file" "/programs/$1"
}

provide_shell() {
    cp "$here/sources/processes.sh" "$programs/"
}

provide_sqlite3() {
    image_add_binary /usr/bin/sqlite3
}

provide_openssl() {
    image_add_binary /usr/bin/openssl && cp "$here/sources/openssl.sh" "$programs/" &&
        image_add /usr/lib/ssl/openssl.cnf /etc/ssl/openssl.cnf
}

# The modules that the program really loads, and nothing else of Python's.
provide_python3() {
    image_add_binary /usr/bin/python3 && cp "$here/../e2e/sources/threads.py" "$programs/" || return 1
    /usr/bin/python3 -c '
import encodings.ascii, encodings.utf_8, os, queue, random, sys, threading, time
for module in list(sys.modules.values()):
    for name in (getattr(module, "__file__", None), getattr(module, "__cached__", None)):
        if name and os.path.isabs(name) and os.path.exists(name):
            print(name)' >"$work/python.files" || return 1
    # shellcheck disable=SC2046 # names without spaces
    image_add $(cat "$work/python.files") &&
        image_add_libraries $(grep '\.so$' "$work/python.files")
}

provide_go() {
    [ -x "$programs/goroutines" ] || GOCACHE=$work/go/cache GOPATH=$work/go GO111MODULE=off CGO_ENABLED=0 \
        GOFLAGS='' /usr/bin/go build -o "$programs/goroutines" "$here/../e2e/sources/goroutines.go"
}

provide_go_loops() {
    provide_go
}

# A runtime with the few modules that the program needs.
provide_java() {
    local jdk
    jdk=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
    [ -d "$work/java" ] || "$jdk/bin/jlink" --add-modules java.base,java.management --strip-debug \
        --no-header-files --no-man-pages --output "$work/java" || return 1
    # shellcheck disable=SC2046 # names without spaces
    "$jdk/bin/javac" -d "$programs" "$here/../e2e/sources/ThreadPool.java" && cp -r "$work/java" "$programs/java" &&
        image_add_libraries "$programs/java/bin/java" $(find "$programs/java/lib" -name '*.so')
}
