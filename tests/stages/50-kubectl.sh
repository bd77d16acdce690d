# Everyday commands by an old and a current kubectl.
set -u
dir=${CORACLE_BUILD_ROOT:-.}
if [ -z "${CORACLE:-}" ]; then
	CORACLE=$PWD/build/coracle
	[ -x "$dir/build-asan/coracle" ] && CORACLE=$(realpath "$dir/build-asan/coracle")
fi
export CORACLE
tools/bootstrap.sh venv kubectl || exit 1
tools/kubectl.sh || exit 1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for version in 1.20 1.34; do # side by side: most of the time is kubectl's own
	KUBECTLS=$version python3 tools/pytest_results.py .venv-kubectl/bin/python kubectl tests/conformance/kubectl \
		>"$out/$version" 2>&1 &
done
wait
cat "$out"/*
