"""The packages that the program is made of, as `cargo metadata` and Cargo.lock tell them. Judges nothing."""

import json
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Graph:
    """All packages of Cargo.lock that any platform needs, by their ids."""

    def __init__(self):
        command = ["cargo", "metadata", "--locked", "--format-version", "1"]
        told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        metadata = json.loads(told)
        self.packages = {package["id"]: package for package in metadata["packages"]}
        self.nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
        self.root = metadata["resolve"]["root"]
        self.program = self._program()
        self.lock = tomllib.loads((ROOT / "Cargo.lock").read_text("utf-8"))["package"]
        self.checksums = {(one["name"], one["version"]): one.get("checksum") for one in self.lock}

    def _program(self):
        """What is linked into the program or builds it, on any platform: what each needs directly. `cargo metadata` cannot
        tell, since there the features that only tests ask for count too."""
        command = "cargo tree --locked --edges normal,build --target all --no-dedupe --prefix depth --format".split()
        told = subprocess.run([*command, " {p}"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        ids = {(one["name"], one["version"]): of for of, one in self.packages.items()}
        needs, above = {}, []
        for line in told.splitlines():
            depth, name, version, *_ = line.split()
            of = ids[name, version.removeprefix("v")]
            needs.setdefault(of, set())
            above[int(depth):] = [of]
            if len(above) > 1:
                needs[above[-2]].add(of)
        return needs

    def below(self, start):
        """The ids of all that a package of the program needs in the end."""
        seen, todo = set(), [start]
        while todo:
            new = self.program[todo.pop()] - seen
            seen |= new
            todo.extend(new)
        return seen

    def needs(self, of, kinds=(None,)):
        """The ids of what a package needs directly, for one of the kinds: `None`, "build", "dev"."""
        found = self.nodes[of]["deps"]
        return sorted({dep["pkg"] for dep in found if any(kind["kind"] in kinds for kind in dep["dep_kinds"])})

    def reached(self, start, kinds=(None, "build")):
        """The ids of a package and of all that it needs in the end, with the features that tests ask for."""
        seen, todo = set(), [start]
        while todo:
            at = todo.pop()
            if at not in seen:
                seen.add(at)
                todo.extend(self.needs(at, kinds))
        return seen

    def checksum(self, of):
        package = self.packages[of]
        return self.checksums[package["name"], package["version"]]
