#!/usr/bin/env python3
"""Prints PASS/FAIL lines, one a cmocka test, from meson's testlog.json."""
import json
import re
import sys

for line in open(sys.argv[1]):
    test = json.loads(line)
    text = test.get("stdout", "") + test.get("stderr", "")
    ok = re.findall(r"^\[       OK \] (\S+)$", text, re.M)
    bad = re.findall(r"^\[  FAILED  \] [^\n]*?(\w+)$", text, re.M)
    for name in ok:
        print(f"PASS unit/{test['name']}/{name}")
    if test["result"] != "OK":
        print(f"FAIL unit/{test['name']}: {test['result']} {' '.join(sorted(set(bad)))}")
    elif not ok:
        print(f"FAIL unit/{test['name']}: ran no test")
