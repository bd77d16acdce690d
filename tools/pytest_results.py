#!/usr/bin/env python3
"""Runs pytest and prints one PASS/FAIL line a test: pytest_results.py PYTHON PREFIX [PYTEST-ARGUMENT...]

A skipped test is a failure unless its reason starts with "absent: " (something a user may lack, such as data)."""
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

python, prefix, *rest = sys.argv[1:]
with tempfile.NamedTemporaryFile(suffix=".xml") as report:
    try:
        run = subprocess.run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml", report.name, *rest])
    except OSError as error:
        print(f"FAIL {prefix}: {error}")
        sys.exit(1)
    try:
        cases = list(ET.parse(report.name).iter("testcase"))
    except ET.ParseError:
        cases = []
for case in cases:
    name = f"{prefix}/{case.get('classname', '').split('.')[-1]}/{case.get('name')}"
    bad = case.find("failure") if case.find("failure") is not None else case.find("error")
    skipped = case.find("skipped")
    if bad is not None:
        print(f"FAIL {name}: {(bad.get('message') or '').splitlines()[0][:200] if bad.get('message') else 'error'}")
    elif skipped is not None and not (skipped.get("message") or "").startswith("absent: "):
        print(f"FAIL {name}: skipped: {skipped.get('message')}")
    elif skipped is not None:
        print(f"SKIP {name}: {skipped.get('message')}")
    else:
        print(f"PASS {name}")
if not cases:
    print(f"FAIL {prefix}: pytest ran no test (exit code {run.returncode})")
elif run.returncode not in (0, 1):
    print(f"FAIL {prefix}: pytest exit code {run.returncode}")
