# S3 by real clients, by hand-made requests, and through kills and full disks. Runs on the sanitizers' build when there is
# one; figures are judged by make bench, on the release build.
set -u
export CORACLE=${CORACLE:-$CORACLE_CHECKED}
tools/bootstrap.sh venv s3 s3fs awscli || exit 1
if [ "${CORACLE_TEST_LONG:-0}" = 1 ]; then tools/gotools.sh mc || echo "FAIL s3/mc: could not be built"; fi
here=tests/conformance/s3
python3 tools/pytest_results.py .venv-s3/bin/python s3 --timeout 900 "$here" --ignore "$here/test_s3fs.py"
python3 tools/pytest_results.py .venv-s3fs/bin/python s3 --timeout 300 "$here/test_s3fs.py"
.venv-s3/bin/python tests/crash/s3_crash.py
