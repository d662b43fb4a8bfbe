# shellcheck shell=bash disable=SC2154 # set by who sources it
# Kernels: Debian's for clouds, taken out of their packages without installing them. To be sourced;
# needs $work and scripts/packages.sh.
#
#   $work/kernels/LABEL/        6.1, say
#       release                 6.1.0-57-cloud-amd64
#       vmlinuz
#       modules/                those in $kernel_modules that are not built in, uncompressed

# In the order in which they are loaded: what a port for the results needs.
kernel_modules="virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_console"

# The backports of Debian's two last releases, from where this machine has its packages. They are
# looked at only here: what the machine itself installs stays as it is.
backports="stable-backports oldstable-backports"

# apt_with_backports: sets apt_options so that apt knows them, too. False: this is not a Debian.
apt_with_backports() {
    local dir=$work/apt mirror suite
    mirror=$(apt-cache policy | grep -o 'https\?://[^ ]*/debian ' | head -n 1)
    [ -n "$mirror" ] && mkdir -p "$dir"/{lists,cache/archives}/partial || return 1
    for suite in $backports; do
        echo "deb $mirror $suite main"
    done >"$dir/sources.list"
    apt_options=(-o "Dir::Etc::sourcelist=$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null
        -o "Dir::State::lists=$dir/lists" -o "Dir::Cache=$dir/cache")
    as_root apt-get "${apt_options[@]}" update -q >"$dir/log" 2>&1
}

# kernel_packages: names of those that the meta package depends on, in each version that apt knows,
# newest first.
kernel_packages() {
    local meta=linux-image-cloud-amd64 version
    for version in $(apt-cache "${apt_options[@]}" madison "$meta" | awk '{ print $3 }'); do
        apt-cache "${apt_options[@]}" show "$meta=$version" |
            sed -n 's/^Depends:.*\(linux-image-[^ ,]*\).*/\1/p'
    done | sort -V -r -u
}

# linux-image-6.1.0-57-cloud-amd64 is 6.1
kernel_label() {
    expr "$1" : 'linux-image-\([0-9]*\.[0-9]*\)'
}

# kernel_parts PACKAGE: the packages that hold it: since 7.0 kernel and modules have one each.
kernel_parts() {
    echo "$1"
    apt-cache "${apt_options[@]}" show "$1" | sed -n 's/^Depends://p' |
        grep -o 'linux-\(binary\|modules\)-[^ ,]*' | sort -u
}

# kernel_fetch PACKAGE DIR
kernel_fetch() {
    local package=$1 dir=$2 new=$2.new part
    rm -rf "$new" && mkdir -p "$new/files" || return 1
    for part in $(kernel_parts "$package"); do
        (cd "$new" && apt-get "${apt_options[@]}" -q download "$part" && dpkg-deb -x "$part"_*.deb files) || return 1
    done >"$dir.log" 2>&1
    cp "$(find "$new/files" -name 'vmlinuz*' -type f | head -n 1)" "$new/vmlinuz" &&
        echo "${package#linux-image-}" >"$new/release" && kernel_take_modules "$new" &&
        rm -rf "$new/files" "$new"/*.deb "$dir" && mv "$new" "$dir"
}

# Not all are there: each kernel has others built in.
kernel_take_modules() {
    local module file
    mkdir "$1/modules" || return 1
    for module in $kernel_modules; do
        file=$(find "$1/files" -name "$module.ko" -o -name "$module.ko.xz" -o -name "$module.ko.zst")
        case $file in
        *.xz) busybox xz -dc "$file" >"$1/modules/$module.ko" || return 1 ;;
        *.zst) zstd -q -d "$file" -o "$1/modules/$module.ko" || return 1 ;;
        *.ko) cp "$file" "$1/modules/" || return 1 ;;
        esac
    done
}

# kernels_fetch: the newest of each label that is not here yet.
kernels_fetch() {
    local package label seen=
    for package in $(kernel_packages); do
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

# kernels_get one|all: sets kernels_here. One is what this release has. Without lists of packages, or
# with old ones, these are fetched first.
kernels_get() {
    apt_options=()
    mkdir -p "$work/kernels" || return 1
    if [ "$1" = one ] && kernels_list; then
        return 0
    fi
    if command -v apt-get >/dev/null; then
        kernels_fetch || { as_root apt-get update -q >"$work/apt.log" 2>&1 && kernels_fetch; }
        [ "$1" = one ] || { apt_with_backports && kernels_fetch; }
    fi
    kernels_list
}
