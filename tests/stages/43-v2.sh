# The Open Inference Protocol V2 by Triton's own HTTP client against `coracle serve`.
set -u
tools/bootstrap.sh venv v2 || exit 1
python3 tools/pytest_results.py .venv-v2/bin/python v2 tests/conformance/v2
