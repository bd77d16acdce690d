# The Kubernetes API against recordings of a real one, where they are. Runs on the sanitizers' build when there is one.
set -u
dir=${CORACLE_BUILD_ROOT:-.}
build=build
[ -f "$dir/build-asan/build.ninja" ] && build=$dir/build-asan
ninja -C "$build" tests/apiserver >/dev/null || { echo "FAIL kubernetes/golden: apiserver does not build"; exit 1; }
here=tests/conformance/kubernetes
failed=0
python3 "$here/own.py" "$build/tests/apiserver" || failed=$?
if [ -n "${CORACLE_TEST_GOLDEN:-}" ]; then
	python3 "$here/replay.py" "$build/tests/apiserver" "$CORACLE_TEST_GOLDEN" || failed=$?
else
	echo "SKIP kubernetes/golden: CORACLE_TEST_GOLDEN does not name a folder of recordings"
fi
exit $failed
