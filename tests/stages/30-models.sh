# Models against scikit-learn itself: every estimator and option, text, the 20 newsgroups. Runs on the sanitizers' build when
# there is one.
set -u
dir=${CORACLE_BUILD_ROOT:-.}/build-asan
[ -f "$dir/build.ninja" ] || dir=build
ninja -C "$dir" tests/infer_run >/dev/null || { echo "FAIL models/build: tests/infer_run does not build"; exit 1; }
CORACLE_INFER_RUN=$(realpath "$dir/tests/infer_run")
CORACLE=${CORACLE:-$PWD/build/coracle} # the release build: refusals have a limit of CPU time and memory
export CORACLE_INFER_RUN CORACLE
tools/bootstrap.sh venv models || exit 1
here=tests/conformance/models
# Two at a time: the real corpus takes as long as the rest.
python3 tools/pytest_results.py .venv-models/bin/python models "$here/test_newsgroups.py" >"$dir/newsgroups.out" 2>&1 &
newsgroups=$!
python3 tools/pytest_results.py .venv-models/bin/python models "$here" --ignore "$here/test_newsgroups.py"
wait $newsgroups || echo "FAIL models/newsgroups: exit code $?"
cat "$dir/newsgroups.out"
