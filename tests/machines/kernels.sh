# shellcheck shell=bash disable=SC2154 # set by who sources it
# Kernels: Debian's for clouds, taken out of their packages without installing them. To be sourced;
# needs $work and tools/packages.sh.
#
#   $work/kernels/LABEL/        6.1, say
#       release                 6.1.0-57-cloud-amd64
#       vmlinuz
#       modules/                those in $kernel_modules that are not built in, uncompressed

# In the order in which they are loaded: what a port for the results needs.
kernel_modules="virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_console"

# kernel_packages one|all: names of the packages, newest first. One is what this release has; all are
# those that any of its meta packages depends on, in each version that apt knows (backports).
kernel_packages() {
    local meta metas=linux-image-cloud-amd64 version versions=1
    if [ "$1" = all ]; then
        metas=$(apt-cache search --names-only '^linux-image-([0-9.]+-)?cloud-amd64$' | cut -d ' ' -f 1)
        versions=100
    fi
    for meta in $metas; do
        for version in $(apt-cache madison "$meta" | awk '{ print $3 }' | head -n "$versions"); do
            apt-cache show "$meta=$version" | sed -n 's/^Depends:.*\(linux-image-[^ ,]*\).*/\1/p'
        done
    done | sort -V -r -u
}

# linux-image-6.1.0-57-cloud-amd64 is 6.1
kernel_label() {
    expr "$1" : 'linux-image-\([0-9]*\.[0-9]*\)'
}

# kernel_fetch PACKAGE DIR
kernel_fetch() {
    local package=$1 dir=$2 new=$2.new
    rm -rf "$new" && mkdir -p "$new" || return 1
    (cd "$new" && apt-get -q download "$package" && dpkg-deb -x ./*.deb files) >"$dir.log" 2>&1 || return 1
    cp "$new"/files/boot/vmlinuz-* "$new/vmlinuz" && echo "${package#linux-image-}" >"$new/release" &&
        kernel_take_modules "$new" && rm -rf "$new/files" "$new"/*.deb "$dir" && mv "$new" "$dir"
}

# Not all are there: each kernel has others built in.
kernel_take_modules() {
    local module file
    mkdir "$1/modules" || return 1
    for module in $kernel_modules; do
        file=$(find "$1/files" -name "$module.ko" -o -name "$module.ko.xz")
        case $file in
        *.xz) busybox xz -dc "$file" >"$1/modules/$module.ko" || return 1 ;;
        *.ko) cp "$file" "$1/modules/" || return 1 ;;
        esac
    done
}

# kernels_fetch one|all: the newest of each label that is not here yet.
kernels_fetch() {
    local package label seen=
    for package in $(kernel_packages "$1"); do
        label=$(kernel_label "$package")
        case " $seen " in *" $label "*) continue ;; esac
        if [ -d "$work/kernels/$label" ] || kernel_fetch "$package" "$work/kernels/$label"; then
            seen="$seen $label"
        fi
    done
    [ -n "$seen" ]
}

# Sets kernels_here to the labels of those that are here, oldest first.
kernels_list() {
    local dir
    kernels_here=$(for dir in "$work"/kernels/*/release; do
        [ ! -e "$dir" ] || basename "$(dirname "$dir")"
    done | sort -V)
    [ -n "$kernels_here" ]
}

# kernels_get one|all: sets kernels_here. Without lists of packages, or with old ones, these are
# fetched first.
kernels_get() {
    mkdir -p "$work/kernels" || return 1
    if [ "$1" = one ] && kernels_list; then
        return 0
    fi
    if command -v apt-get >/dev/null; then
        kernels_fetch "$1" || { as_root apt-get update -q >"$work/apt.log" 2>&1 && kernels_fetch "$1"; }
    fi
    kernels_list
}
