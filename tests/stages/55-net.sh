# What the network does to a server: slow clients, a stop under load.
set -u
dir=${CORACLE_BUILD_ROOT:-.}
if [ -z "${CORACLE:-}" ]; then
	CORACLE=$PWD/build/coracle
	[ -x "$dir/build-asan/coracle" ] && CORACLE=$(realpath "$dir/build-asan/coracle")
fi
export CORACLE
tools/bootstrap.sh venv kserve || exit 1
python3 tools/pytest_results.py .venv-kserve/bin/python net tests/conformance/net
