"""Measures what `docs/bulk/scale.md` reckons with: cloning from a local server, and planning and writing what was cloned.

Each figure is of one run on this machine, at this moment. Prints Markdown. Knows nothing of networks: a local server shows
what a clone costs in processor time and in bytes, not how long a distant one takes to answer.

    cargo build --release && python3 benches/bulk/measure.py [--repositories N] [--work DIR]
"""

import argparse
import datetime
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLONE = ROOT / "docs/bulk/clone.sh"
ENVIRONMENT = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1"}
WAYS = {
    "everything": ["git", "clone", "-q", "URL", "DIR"],
    "last commit (`--depth=1`)": ["git", "clone", "-q", "--depth=1", "URL", "DIR"],
    "history, files as needed (`--filter=blob:none`)": ["git", "clone", "-q", "--filter=blob:none", "URL", "DIR"],
    "`docs/bulk/clone.sh`": [CLONE, "URL", "DIR"],
}


class Run:
    """A finished command: seconds that passed, processor seconds and peak of resident memory in MB, of it and its children."""

    def __init__(self, command, quiet=True, codes=(0,)):
        out = subprocess.DEVNULL if quiet else None
        started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        process = subprocess.Popen(command, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE)
        complaint = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.elapsed = time.monotonic() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.memory = usage.ru_maxrss / 1024
        if process.returncode not in codes:
            sys.exit(f"{command} ends with {process.returncode}:\n{complaint.decode(errors='replace')}")


def generated(where, count, *options):
    """Bare repositories, in order."""
    subprocess.run([sys.executable, ROOT / "benches/bulk/generate.py", where, str(count), *options], check=True)
    return sorted(where.glob("*/*.git"))


def size(folder):
    """Bytes of the files below a folder."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def cloning(work, title, origins):
    """One way after the other, each repository once."""
    print(f"\n### Cloning: {title}\n")
    print("| what is cloned | ms | processor ms | objects, kB | on disk, kB |\n|---|---|---|---|---|")
    for name, way in WAYS.items():
        into = work / "cloning"
        into.mkdir()
        elapsed = processor = 0
        for origin in origins:
            words = {"URL": f"file://{origin}", "DIR": str(into / origin.stem)}
            run = Run([words.get(word, word) for word in way])
            elapsed, processor = elapsed + run.elapsed, processor + run.processor
        objects = sum(size(clone / ".git/objects") for clone in into.iterdir())
        figures = [1000 * elapsed, 1000 * processor, objects / 1000, size(into) / 1000]
        print(f"| {name} | " + " | ".join(f"{figure / len(origins):.0f}" for figure in figures) + " |")
        shutil.rmtree(into)


def copied(origins, work, count):
    """`count` clones, of which each origin gives several: links to the same files, which nothing writes to."""
    clones = work / "clones"
    for number in range(count):
        origin = origins[number % len(origins)]
        place = clones / f"team{number // 100:05}"
        place.mkdir(parents=True, exist_ok=True)
        first = clones / f"team{number % len(origins) // 100:05}" / origin.stem
        if number < len(origins):
            Run([CLONE, f"file://{origin}", first])
        else:
            shutil.copytree(first, place / f"service{number:07}", symlinks=True)
    return clones


def bulk(samwire, clones, count, work):
    """Planning, with one thread and with one for each processor, and writing branches."""
    print(f"\n### `samwire bulk`: {count} repositories, as `docs/bulk/clone.sh` leaves them\n")
    print("| run | seconds | repositories a second | processor ms each | memory, MB |\n|---|---|---|---|---|")
    runs = [
        ("`-j 1`", ["-j", "1"]),
        (f"`-j {os.cpu_count()}`", ["-j", str(os.cpu_count())]),
        (f"`-j {os.cpu_count()} --write --branch`", ["-j", str(os.cpu_count()), "--write", "--branch", "measured"]),
    ]
    for name, options in runs:
        out = work / "out"
        run = Run([samwire, "bulk", clones, "--out", out, *options], codes=(0, 3))
        figures = f"{run.elapsed:.1f} | {count / run.elapsed:.0f} | {1000 * run.processor / count:.1f} | {run.memory:.0f}"
        print(f"| {name} | {figures} |")
        shutil.rmtree(out)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--repositories", type=int, default=1000)
    parser.add_argument("--work", type=pathlib.Path, help="a directory to make and to remove, where there is room")
    parser.add_argument("--samwire", type=pathlib.Path, default=ROOT / "target/release/samwire")
    arguments = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(dir=arguments.work))
    # An identity for commits, and nothing else of the person who runs this.
    (work / ".gitconfig").write_text("[user]\n\tname = Someone\n\temail = someone@example.com\n")
    ENVIRONMENT["HOME"] = str(work)
    try:
        print(f"{datetime.date.today()}, {os.cpu_count()} cores, {subprocess.check_output(['git', '--version'], text=True)}")
        small = generated(work / "small", 100)
        large = generated(work / "large", 5, "--commits", "400", "--files", "1500", "--bytes", "8000")
        cloning(work, f"60 files, 20 commits, {sum(map(size, small)) // 100 // 1000} kB on the server", small)
        cloning(work, f"1,500 files, 400 commits, {sum(map(size, large)) // 5 // 1000} kB on the server", large)
        clones = copied(small, work, arguments.repositories)
        bulk(arguments.samwire, clones, arguments.repositories, work)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
