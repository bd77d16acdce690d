# KServe V1 by plain HTTP clients against `coracle serve`, with models of scikit-learn: answers, texts, costs, drain.
set -u
tools/bootstrap.sh venv models || exit 1
python3 tools/pytest_results.py .venv-models/bin/python v1 tests/conformance/v1
