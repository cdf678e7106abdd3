"""Times `samwire diff` as a whole process beside PyYAML's parse of the same file, in turns, in one run.

usage: python3 benches/against_pyyaml.py target/release/samwire target/tmp/300-lines.yaml …
The templates are those that `cargo bench --bench pipeline` leaves in target/tmp. PyYAML's time is that of `compose`
inside a running interpreter, so Python's start is not counted against it.
"""

import os
import statistics
import subprocess
import sys
import time

import yaml

ROUNDS = 15


def pure(text):
    yaml.compose(text, Loader=yaml.SafeLoader)


def in_c(text):
    yaml.compose(text, Loader=yaml.CSafeLoader)


def timed(call):
    start, used = time.perf_counter(), os.times()
    call()
    wall, now = time.perf_counter() - start, os.times()
    spent = sum(now[:4]) - sum(used[:4])
    return wall, spent


def main(binary, paths):
    print(f"PyYAML {yaml.__version__}, {ROUNDS} rounds, milliseconds: median of elapsed (mean of processor time)")
    for path in paths:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subjects = {
            "samwire diff": lambda: subprocess.run([binary, "diff", path], check=False, **quiet),
            "PyYAML in C": lambda: in_c(text),
            "PyYAML in Python": lambda: pure(text),
        }
        times = {name: [] for name in subjects}
        for _ in range(ROUNDS):
            for name, subject in subjects.items():
                times[name].append(timed(subject))
        print(f"{path}: {text.count(chr(10))} lines, {len(text.encode())} bytes")
        for name, pairs in times.items():
            wall = statistics.median(wall for wall, _ in pairs) * 1000
            spent = statistics.mean(spent for _, spent in pairs) * 1000
            print(f"  {name:18}{wall:9.1f} ({spent:.1f})")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
