#!/usr/bin/env node
// Starts the program from the package of this platform, in the place of this process as far as the system allows: the same
// streams, the same terminal, the same signals, the same exit code.
"use strict";

const { spawn } = require("node:child_process");
const { constants } = require("node:os");
const { optionalDependencies } = require("../package.json");

const name = `@samwire/${process.platform}-${process.arch}`;
const file = process.platform === "win32" ? "samwire.exe" : "samwire";

function located() {
  try {
    return require.resolve(`${name}/${file}`);
  } catch {
    const known = Object.keys(optionalDependencies);
    const why = known.includes(name)
      ? `the package ${name} is not installed; install again without --omit=optional`
      : `there is no package for ${process.platform}-${process.arch}, only ${known.join(", ")}`;
    process.stderr.write(`error: ${why}\n  help: or build it with cargo, from its repository\n`);
    process.exit(2);
  }
}

const program = located();
const args = process.argv.slice(2);
if (typeof process.execve === "function" && process.platform !== "win32") {
  process.execve(program, [program, ...args]);
}

// An older Node.js cannot replace itself, so it stands between. A key such as Ctrl-C reaches both of us; it is the program's.
const child = spawn(program, args, { stdio: "inherit" });
const passed = ["SIGINT", "SIGTERM", "SIGHUP"];
for (const signal of passed) {
  process.on(signal, () => {
    if (!(signal === "SIGINT" && process.stdin.isTTY)) child.kill(signal);
  });
}
child.on("error", (error) => {
  process.stderr.write(`error: ${program}: ${error.message}\n`);
  process.exit(2);
});
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  for (const name of passed) process.removeAllListeners(name);
  process.kill(process.pid, signal);
  // A signal that does not end this process: what a shell would report of the program.
  setTimeout(() => process.exit(128 + constants.signals[signal]), 1000);
});
