# The Debian and Ubuntu packages that quickstart.sh and check.sh need, and how they get them.
# To be sourced, by a POSIX shell.
# shellcheck shell=sh disable=SC2034 # who sources it uses the lists

packages_to_build="gcc libc6-dev cmake make libprotobuf-c-dev protobuf-c-compiler libzstd-dev
    libcapstone-dev libxxhash-dev libcmocka-dev libjansson-dev libdw-dev libelf-dev liblzma-dev
    libbz2-dev libsqlite3-dev zlib1g-dev"
packages_to_test="bash bsdutils chromium clang clang-format coreutils curl diffutils file gdb git jq libcap2-bin
    mandoc openssl perl procps python3 sqlite3 strace tar tshark util-linux vim xxd"

# Runtimes, servers and a browser, large ones. Each is of use without the others.
packages_to_test_programs="default-jdk-headless golang-go nginx-light nodejs pigz postgresql
    redis-server rustc valgrind wrk xz-utils"

# Emulated machines, for tests/machines.
packages_to_test_machines="busybox-static cpio qemu-system-x86"

say() {
    printf '%s\n' "$*"
}

package_is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        say "cannot become root: there is no sudo" >&2
        return 1
    fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        -o DPkg::Lock::Timeout=300 "$@"
}

# Package lists may be missing (a fresh container) or out of date.
apt_install_fresh() {
    apt_install "$@" && return 0
    as_root apt-get update -q && apt_install "$@"
}

# install_packages NAMES...: installs those that are missing. Where that cannot be done it says so
# and returns 1: what is there may do all the same.
install_packages() {
    missing=
    for package in "$@"; do
        package_is_installed "$package" || missing="$missing $package"
    done
    if [ -z "$missing" ]; then
        return 0
    fi
    say "== installing:$missing"
    # shellcheck disable=SC2086 # a list
    if ! command -v apt-get >/dev/null || ! apt_install_fresh $missing; then
        say "could not install:$missing" >&2
        return 1
    fi
}

# Debian's way to install a server and not start it (invoke-rc.d(8)).
without_starting_services() {
    policy=/usr/sbin/policy-rc.d
    if [ -e "$policy" ]; then
        "$@"
        return
    fi
    as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy" || return 1
    status=0
    "$@" || status=$?
    as_root rm -f "$policy"
    return "$status"
}

# install_each NAMES...: the same one by one, so that one that cannot be had keeps out no other.
install_each() {
    for each in "$@"; do
        without_starting_services install_packages "$each" || :
    done
}
