#!/usr/bin/env bash
# Tests the forward pass with AVX-512: tools/avx512.sh [PACKAGE...]
#
# On a processor with AVX-512 that is `go test`. Elsewhere the tests run in an
# emulated machine: Bochs knows these instructions, QEMU does not. It needs, on
# Debian or Ubuntu,
#
#	apt-get install bochs bochs-gui bochsbios vgabios isolinux syslinux-common xorriso cpio
#
# and a Linux kernel with a serial console built in, of a file that KERNEL names or
# from the package linux-image-cloud-amd64, which is unpacked and not installed.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- ./nngpkit/forward/...
if grep -qw avx512f /proc/cpuinfo 2>/dev/null && grep -qw avx512dq /proc/cpuinfo; then
	NNGPLAB_SIMD=avx512 exec go test -short -v -count=1 "$@"
fi
for tool in bochs xorriso cpio; do
	command -v "$tool" >/dev/null || { echo "avx512.sh: $tool is not installed" >&2; exit 1; }
done
work=$PWD/build/avx512
rm -rf "$work/disk" "$work/iso"
mkdir -p "$work"/disk/{proc,sys,tmp,dev,tests} "$work/iso"

if [ -z "${KERNEL:-}" ]; then
	KERNEL=$(compgen -G "$work/kernel/boot/vmlinuz-*" || true)
	if [ -z "$KERNEL" ]; then
		package=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image-/ { print $2 }')
		[ -n "$package" ] || { echo "avx512.sh: no package linux-image-cloud-amd64; name a kernel in KERNEL" >&2; exit 1; }
		(cd "$work" && apt-get download -q "$package" && dpkg-deb -x "$package"_*.deb kernel && rm "$package"_*.deb)
		KERNEL=$(compgen -G "$work/kernel/boot/vmlinuz-*")
	fi
fi

export CGO_ENABLED=0
go build -o "$work/disk/init" ./tools/avx512
go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}} {{.Dir}}{{end}}' "$@" | while read -r package dir; do
	to=$work/disk/tests/${package//\//_}
	mkdir "$to"
	go test -c -o "$to/test" "$package"
	[ ! -d "$dir/testdata" ] || cp -r "$dir/testdata" "$to"
done

cp "$KERNEL" "$work/iso/vmlinuz"
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$work/iso"
# Compact saving of registers (CPU features xsavec and xsaves) is hidden: the sizes
# that Bochs states for it do not add up for Linux, which then saves no vectors.
cat >"$work/iso/isolinux.cfg" <<-'END'
	default tests
	label tests
	kernel /vmlinuz
	initrd /initrd
	append console=ttyS0 quiet mitigations=off clearcpuid=321,323
END
(cd "$work/disk" && find . | cpio --quiet -o -H newc) | gzip -1 >"$work/iso/initrd"
xorriso -as mkisofs -quiet -o "$work/boot.iso" -b isolinux.bin -c boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table "$work/iso"

cat >"$work/bochsrc" <<-END
	display_library: rfb, options="timeout=0"
	memory: guest=2048, host=2048
	romimage: file=/usr/share/bochs/BIOS-bochs-latest
	vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
	cpu: model=corei7_skylake_x, count=1, ips=100000000
	clock: sync=none, time0=local
	ata0-master: type=cdrom, path="$work/boot.iso", status=inserted
	boot: cdrom
	com1: enabled=1, mode=file, dev="$work/console"
	log: "$work/log"
	panic: action=fatal
	error: action=ignore
END
echo c >"$work/commands" # for a Bochs with a debugger, which waits for one
: >"$work/console"
bochs -q -f "$work/bochsrc" -rc "$work/commands" </dev/null >"$work/screen" 2>&1 &
bochs=$!
tail -n +1 -f "$work/console" &
tail=$!
trap 'kill "$bochs" "$tail" 2>/dev/null || true' EXIT
until grep -q '^avx512: exit status' "$work/console" || ! kill -0 "$bochs" 2>/dev/null; do
	sleep 1
done
sleep 1 # for the last lines to be shown
grep -q '^avx512: exit status 0' "$work/console" || { echo "avx512.sh: failed; $work/console and $work/log tell more" >&2; exit 1; }
