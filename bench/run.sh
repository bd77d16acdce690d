#!/bin/bash
# All benchmarks, or the ones named: bench/run.sh [models|s3|kubernetes|weight]...
# Each prints what it measured beside its peer or limit; docs/benchmarks.md says how to read it.
set -eu
cd "$(dirname "$0")/.."
tools/bootstrap.sh test
ninja -C build bench/http_load >/dev/null
[ $# -gt 0 ] || set -- weight models s3 kubernetes
if [ -z "${CORACLE_TEST_DATA:-}" ] && [ -d ../shared/data ]; then
	CORACLE_TEST_DATA=$(cd ../shared/data && pwd)
	export CORACLE_TEST_DATA
fi
for name; do
	[ -f "bench/$name.py" ] || { echo "bench: there is no benchmark named $name" >&2; exit 2; }
	echo "== $name"
	case $name in
	models) tools/bootstrap.sh venv bench-mlserver bench-mlflow ;;
	weight) tools/bootstrap.sh venv demo ;;
	s3) tools/gotools.sh minio && tools/bootstrap.sh venv s3 ;;
	esac
	sync # what an installation left to be written would be measured, too
	PYTHONPATH=bench /usr/bin/python3 "bench/$name.py"
done
