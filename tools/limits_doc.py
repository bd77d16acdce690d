#!/usr/bin/env python3
"""docs/limits.md from src/base/limits_table.h: `limits_doc.py` writes it, `limits_doc.py --check` fails when it is old."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROW = re.compile(r'LIMIT_ROW\((\w+), (.+?), (.+?), (.+?), "(.*?)", "(.*?)"\)')
HEAD = """# Limits

Everything that comes from outside has a limit. One table, `src/base/limits_table.h`, holds them; `coracle limits`
lists them with their defaults; `coracle up --limit NAME=VALUE` or `limits:` in the configuration changes one. This page is
written by `tools/limits_doc.py`, and a check keeps the two alike.

| limit | bounds | default | least | most | unit |
|---|---|---:|---:|---:|---|
"""


def number(text):
    value = eval(text.replace("(int64_t)", ""), {"__builtins__": {}})  # our own header: sums and shifts
    for shift, name in ((40, "Ti"), (30, "Gi"), (20, "Mi"), (10, "Ki")):
        if value >= 1 << shift and value % (1 << shift) == 0:
            return f"{value >> shift} {name}"
    return f"{value:,}".replace(",", " ")


def page():
    rows = ROW.findall((ROOT / "src/base/limits_table.h").read_text())
    return HEAD + "".join(f"| `{name}` | {text} | {number(value)} | {number(least)} | {number(most)} | {unit} |\n"
                          for name, value, least, most, unit, text in rows)


def main():
    where = ROOT / "docs/limits.md"
    if "--check" not in sys.argv:
        where.parent.mkdir(exist_ok=True)
        where.write_text(page())
        return 0
    same = where.exists() and where.read_text() == page()
    print("limits page is current" if same else "docs/limits.md is old: run tools/limits_doc.py")
    return 0 if same else 1


sys.exit(main())
