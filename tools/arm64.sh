#!/usr/bin/env bash
# Tests the forward pass as arm64 code: tools/arm64.sh [PACKAGE...]
#
# Elsewhere than on arm64 the test binaries are cross-compiled and run under
# QEMU's user mode (Debian, Ubuntu: apt-get install qemu-user-static). arm64 runs
# the portable level, which package forward compares with a float64 oracle; what
# compares levels with each other is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- ./nngpkit/forward/...
run=()
if [ "$(go env GOHOSTARCH)" != arm64 ]; then
	for qemu in qemu-aarch64-static qemu-aarch64 ""; do
		if [ -n "$qemu" ] && command -v "$qemu" >/dev/null; then break; fi
	done
	[ -n "$qemu" ] || { echo "arm64.sh: neither qemu-aarch64-static nor qemu-aarch64 is installed" >&2; exit 1; }
	run=(-exec "$qemu")
fi
# Emulation is some ten times slower than the default limit of time allows for.
GOOS=linux GOARCH=arm64 CGO_ENABLED=0 go test -short -timeout 60m "${run[@]}" "$@"
