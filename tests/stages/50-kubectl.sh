# Everyday commands by an old and a current kubectl.
set -u
tools/bootstrap.sh venv kubectl || exit 1
tools/kubectl.sh || exit 1
python3 tools/pytest_results.py .venv-kubectl/bin/python kubectl tests/conformance/kubectl
