# The program's commands.
set -u
dir=${CORACLE_BUILD_ROOT:-.}
if [ -z "${CORACLE:-}" ]; then
	CORACLE=$PWD/build/coracle
	[ -x "$dir/build-asan/coracle" ] && CORACLE=$(realpath "$dir/build-asan/coracle")
fi
export CORACLE
tools/bootstrap.sh venv kubectl || exit 1
python3 tools/pytest_results.py .venv-kubectl/bin/python cli tests/conformance/cli
