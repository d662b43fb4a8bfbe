# shellcheck shell=bash disable=SC2154 # set by who sources it
# Boots machines and gives them jobs. A machine is named MODEL@KERNEL, by a CPU model of QEMU and the
# label of a kernel. To be sourced; needs $work, kernels.sh and image.sh.

memory=1536 # MiB

# qemu complains of each feature of a model that it cannot emulate; /proc/cpuinfo tells what is there.
guest_noise="TCG doesn't support requested feature"

# guest_pack_jobs MACHINE DIR: DIR/jobs becomes DIR/jobs.cpio, with the modules of the machine's kernel.
guest_pack_jobs() {
    local machine=$1 dir=$2 module kernel=${1#*@}
    cp "$dir/jobs/list" "$dir/list"
    echo "$machine" >"$dir/jobs/machine" && echo "$limit" >"$dir/jobs/limit"
    [ -z "$bare" ] || touch "$dir/jobs/bare"
    mkdir -p "$dir/tree" && mv "$dir/jobs" "$dir/tree/jobs" &&
        cp -r "$work/kernels/$kernel/modules" "$dir/tree/modules" || return 1
    for module in $kernel_modules; do
        [ ! -e "$dir/tree/modules/$module.ko" ] || echo "$module"
    done >"$dir/tree/modules/list"
    image_pack "$dir/tree" "$dir/jobs.cpio" && cat "$work/image.cpio" "$dir/jobs.cpio" >"$dir/initrd" &&
        rm -rf "$dir/tree" "$dir/jobs.cpio"
}

# guest_qemu MACHINE DIR SECONDS SERIAL: slub_debug keeps kernels from cmpxchg16b in their allocator,
# which QEMU 7.2 gets wrong with several threads (6.12 dies of it).
guest_qemu() {
    local machine=$1 dir=$2 seconds=$3 serial=$4
    timeout --foreground -k 5 "$seconds" qemu-system-x86_64 -machine pc -accel tcg,thread=multi -cpu "${machine%@*}" \
        -smp "$guest_cpus" -m "$memory" -nodefaults -display none -no-reboot \
        -kernel "$work/kernels/${machine#*@}/vmlinuz" -initrd "$dir/initrd" \
        -append "console=ttyS0 loglevel=4 panic=-1 mitigations=off slub_debug=F" -serial "$serial" \
        -device virtio-serial-pci -chardev "file,id=results,path=$dir/results.tar" \
        -device virtserialport,chardev=results,name=results
}

# guest_run MACHINE DIR: boots it with the jobs in DIR/jobs; what comes out is in DIR/results.
guest_run() {
    local machine=$1 dir=$2 started=$SECONDS
    guest_pack_jobs "$machine" "$dir" || return 1
    guest_qemu "$machine" "$dir" "$guest_limit" "file:$dir/console" </dev/null 2>"$dir/qemu.err"
    echo $? >"$dir/qemu.status"
    echo $((SECONDS - started)) >"$dir/seconds"
    rm -f "$dir/initrd"
    grep -v "$guest_noise" "$dir/qemu.err" >&2
    mkdir -p "$dir/results"
    tar -x -i -f "$dir/results.tar" -C "$dir/results" 2>"$dir/tar.err"
    rm -f "$dir/results.tar"
}

# guest_trouble DIR: what kept a guest from its end.
guest_trouble() {
    if [ "$(cat "$1/qemu.status")" = 124 ]; then
        echo ", and was not through with them in time: $(grep -a MACHINE "$1/console" | tail -n 1)"
    elif ! grep -a -q 'MACHINE is done' "$1/console"; then
        echo ", and died: $(tail -n 1 "$1/console")"
    fi
}
