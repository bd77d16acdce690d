# The program's commands.
set -u
export CORACLE=${CORACLE:-$CORACLE_CHECKED}
tools/bootstrap.sh venv kubectl || exit 1
python3 tools/pytest_results.py .venv-kubectl/bin/python cli tests/conformance/cli
