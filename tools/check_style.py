#!/usr/bin/env python3
"""Style of the sources, where a compiler does not look: what docs/architecture.md promises about every file.

A line has at most 130 columns (tabs count 8) and no blanks at its end; a .c or .h file opens with a comment that says
what it is; a header has the guard of its path; nothing is left to be done (no markers); a file has at most 800 lines
and a function 100 (soft limits: 600 and 70; what lies between is counted, not refused).
"""
import pathlib
import re
import sys

LINE, FILE_SOFT, FILE_HARD, FUNCTION_SOFT, FUNCTION_HARD = 130, 600, 800, 70, 100
TABLES = re.compile(r"_table\.h$|/types_[a-z_]*\.c$")  # rows, not code: no limit of length
MARKER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")

faults, soft = [], []


def functions(lines):
    """(name, first line, length) of each function body that begins with a '{' in column 0."""
    start, name = None, ""
    for n, line in enumerate(lines, 1):
        if line.startswith("{") and n > 1:
            start = n
            for back in range(n - 2, max(n - 8, -1), -1):
                m = re.match(r"[a-zA-Z_].*?\b(\w+)\(", lines[back])
                if m:
                    name = m.group(1)
                    break
        elif line.startswith("}") and start:
            yield name, start, n - start + 1
            start = None


def check(path):
    text = path.read_text()
    lines = text.split("\n")
    where = str(path)
    for n, line in enumerate(lines, 1):
        if len(line.expandtabs(8)) > LINE:
            faults.append(f"{where}:{n}: longer than {LINE} columns")
        if line != line.rstrip():
            faults.append(f"{where}:{n}: blanks at the end")
        if MARKER.search(line):
            faults.append(f"{where}:{n}: work left to be done")
    if not text.startswith("/*"):
        faults.append(f"{where}:1: does not open with a comment that says what it is")
    if not text.endswith("\n") or text.endswith("\n\n"):
        faults.append(f"{where}: does not end with one newline")
    if path.suffix == ".h" and not re.search(r"_table\.h$", where):
        found = re.search(r"#ifndef (CORACLE_\w+)", text)
        if not found:
            faults.append(f"{where}: no header guard")
    if TABLES.search(where):
        return
    if len(lines) > FILE_HARD:
        faults.append(f"{where}: {len(lines)} lines, more than {FILE_HARD}: find the missing noun")
    elif len(lines) > FILE_SOFT:
        soft.append(f"{where}: {len(lines)} lines")
    for name, at, length in functions(lines):
        if length > FUNCTION_HARD:
            faults.append(f"{where}:{at}: {name} has {length} lines, more than {FUNCTION_HARD}")
        elif length > FUNCTION_SOFT:
            soft.append(f"{where}:{at}: {name} has {length} lines")


for root in ("src",):
    for path in sorted(pathlib.Path(root).rglob("*.[ch]")):
        check(path)
for f in faults:
    print(f)
if "--soft" in sys.argv:
    for s in soft:
        print("soft:", s)
print(f"{len(faults)} faults, {len(soft)} past a soft limit")
sys.exit(bool(faults))
