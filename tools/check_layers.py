#!/usr/bin/env python3
"""Checks that every #include in src/ follows the arrows of tools/layers.txt."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def table():
    allowed = {}
    for line in (ROOT / "tools/layers.txt").read_text().splitlines():
        line = line.split("#", 1)[0].strip()
        if line:
            folder, _, rest = line.partition(":")
            allowed[folder] = set(rest.split()) | {folder}
    return allowed


def check_file(path, allowed):
    folder = path.relative_to(ROOT / "src").parts[0]
    if folder not in allowed:
        yield 0, f"folder {folder} is not in tools/layers.txt"
        return
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            target = match.group(1).split("/")[0]
            if not (ROOT / "src" / match.group(1)).exists():
                yield number, f'"{match.group(1)}" is not a path below src/'
            elif target not in allowed[folder]:
                yield number, f"{folder}/ may not include {target}/"


def main():
    allowed = table()
    bad = 0
    files = sorted((ROOT / "src").rglob("*.[ch]"))
    for path in files:
        for number, what in check_file(path, allowed):
            print(f"{path.relative_to(ROOT)}:{number}: {what}")
            bad += 1
    print(f"layers: {len(files)} files, {bad} findings")
    return 1 if bad else 0


sys.exit(main())
