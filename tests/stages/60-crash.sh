# kill -9 at random points under writes to the Kubernetes API: 20 rounds, 200 in make test-long.
set -u
dir=${CORACLE_BUILD_ROOT:-.}
if [ -z "${CORACLE:-}" ]; then
	CORACLE=$PWD/build/coracle
	[ -x "$dir/build-asan/coracle" ] && CORACLE=$(realpath "$dir/build-asan/coracle")
fi
export CORACLE
python3 tests/crash/api_crash.py
