"""Generates git repositories as a server has them: bare, with a history, with files of every kind around a few SAM templates.

The same arguments give the same repositories, down to the hashes of their commits. Knows nothing of what is measured with them.

    python3 benches/bulk/generate.py DIR COUNT [--commits N] [--files N] [--bytes N]
"""

import argparse
import pathlib
import random
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Seconds since 1970, for every commit: what a clock says must not decide a hash.
MOMENT = 1_700_000_000
SUFFIXES = ["py", "ts", "md", "lock", "png", "html", "txt", "sh"]


def templates():
    """Texts of templates: those that rewrites are tested with, of the kinds that people write."""
    found = sorted((ROOT / "fixtures").glob("function-to-*/*/before.yaml"))
    return [path.read_bytes() for path in found]


def words(rng, count):
    """Text that compresses about as well as source does."""
    stock = [rng.randbytes(rng.randint(2, 8)).hex() for _ in range(400)]
    text, line = [], []
    while count > 0:
        line.append(rng.choice(stock))
        count -= len(line[-1]) + 1
        if len(line) > 9:
            text.append(" ".join(line))
            line = []
    return ("\n".join(text + [" ".join(line)]) + "\n").encode()


def history(number, texts, commits, files, size):
    """One repository as a stream for `git fast-import`."""
    rng = random.Random(number)
    names = [f"part{i % 12}/file{i}.{SUFFIXES[i % len(SUFFIXES)]}" for i in range(files)]
    stream = []

    def data(text):
        stream.append(b"data %d\n" % len(text) + text + b"\n")

    def write(name, text):
        stream.append(b"M 100644 inline " + name.encode() + b"\n")
        data(text)

    for commit in range(commits):
        stream.append(b"commit refs/heads/main\n")
        stream.append(b"committer Someone <someone@example.com> %d +0000\n" % (MOMENT + commit))
        data(b"Change %d\n" % commit)
        changed = names if commit == 0 else rng.sample(names, min(len(names), 5))
        for name in changed:
            write(name, words(rng, size))
        if commit == 0:
            for which in range(1 + number % 3):
                folder = "" if which == 0 else f"services/s{which}/"
                write(f"{folder}template.yaml", texts[(number * 3 + which) % len(texts)])
            write("package.json", b'{"name": "orders", "private": true}\n')
            write(".github/workflows/test.yml", b"on: push\njobs: {}\n")
    stream.append(b"done\n")
    return b"".join(stream)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dir", type=pathlib.Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--commits", type=int, default=20)
    parser.add_argument("--files", type=int, default=60)
    parser.add_argument("--bytes", type=int, default=4000)
    arguments = parser.parse_args()
    texts = templates()
    for number in range(arguments.count):
        path = arguments.dir / f"team{number // 100:05}" / f"service{number:07}.git"
        git = ["git", "-c", "init.defaultBranch=main"]
        subprocess.run([*git, "init", "--quiet", "--bare", path], check=True)
        for key in ["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"]:
            subprocess.run([*git, "-C", path, "config", key, "true"], check=True)
        stream = history(number, texts, arguments.commits, arguments.files, arguments.bytes)
        import_ = [*git, "-C", path, "fast-import", "--quiet", "--done", "--date-format=raw"]
        subprocess.run(import_, input=stream, check=True)
        # A server has one pack, with a list of what can be reached.
        subprocess.run([*git, "-C", path, "repack", "-adqb"], check=True)
    print(f"{arguments.count} repositories in {arguments.dir}", file=sys.stderr)


if __name__ == "__main__":
    main()
