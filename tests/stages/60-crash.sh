# kill -9 at random points under writes to the Kubernetes API: 20 rounds, 200 in make test-long.
set -u
export CORACLE=${CORACLE:-$CORACLE_CHECKED}
python3 tests/crash/api_crash.py
