# What the network does to a server: slow clients, a stop under load.
set -u
tools/bootstrap.sh venv kubectl || exit 1
python3 tools/pytest_results.py .venv-kubectl/bin/python net tests/conformance/net
