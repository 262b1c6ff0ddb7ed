#!/usr/bin/env bash
# Checks that all Go files are formatted, and runs golangci-lint with
# .golangci.yml. The pinned version is built from its module the first time, into
# Go's build cache: some minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}
VERSION=v2.15.0

files=$(git ls-files --cached --others --exclude-standard '*.go' | while read -r f; do [ -f "$f" ] && echo "$f"; done)
unformatted=$(gofmt -l $files)
if [ -n "$unformatted" ]; then
	echo "not formatted as gofmt does:" >&2
	echo "$unformatted" >&2
	exit 1
fi
exec "$GO" run "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$VERSION" run "$@" ./...
