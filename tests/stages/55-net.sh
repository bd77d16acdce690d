# What the network does to a server: slow clients, a stop under load.
set -u
export CORACLE=${CORACLE:-$CORACLE_CHECKED}
tools/bootstrap.sh venv kserve || exit 1
python3 tools/pytest_results.py .venv-kserve/bin/python net tests/conformance/net
