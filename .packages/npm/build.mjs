// Lays out the npm packages: `samwire`, which starts the program, and for a platform the one that carries it.
//
//   node build.mjs OUT                      the package `samwire`
//   node build.mjs OUT PLATFORM BINARY BOM  the package `@samwire/PLATFORM` around a built binary and its bill of materials
//
// Name, version, description and licence are those of Cargo.toml, the platforms those of platforms.json.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const platforms = JSON.parse(readFileSync(join(here, "platforms.json"), "utf8"));

// The values of the section `[package]` that are strings on one line; it comes first, as cargo writes it.
function cargoPackage() {
  const text = readFileSync(join(root, "Cargo.toml"), "utf8");
  const section = text.split(/^\[/m).find((part) => part.startsWith("package]"));
  const values = Object.fromEntries([...section.matchAll(/^([\w-]+) = "(.*)"$/gm)].map((m) => [m[1], m[2]]));
  for (const key of ["name", "version", "description", "license"]) {
    if (!values[key]) throw new Error(`Cargo.toml has no ${key}`);
  }
  return values;
}

function write(folder, manifest, files) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const [from, to] of [...files, ...["README.md", "LICENSE-MIT", "LICENSE-APACHE"].map((f) => [join(root, f), f])]) {
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    copyFileSync(from, join(folder, to));
  }
}

const [out, platform, binary, bom] = process.argv.slice(2);
if (!out || (platform && (!binary || !bom || !platforms[platform]))) {
  console.error(`usage: node build.mjs OUT [${Object.keys(platforms).join("|")} BINARY BOM]`);
  process.exit(2);
}
const { name, version, description, license } = cargoPackage();
const common = { version, description, license };
if (platform) {
  const { os, cpu, libc } = platforms[platform];
  const file = os === "win32" ? `${name}.exe` : name;
  const folder = join(out, `${name}-${platform}`);
  const where = { os: [os], cpu: [cpu], ...(libc && { libc: [libc] }) };
  const materials = `${name}.cdx.json`;
  const manifest = { name: `@${name}/${platform}`, ...common, ...where, files: [file, materials] };
  write(folder, manifest, [[binary, file], [bom, materials]]);
  chmodSync(join(folder, file), 0o755);
} else {
  const optionalDependencies = Object.fromEntries(Object.keys(platforms).map((key) => [`@${name}/${key}`, version]));
  const start = `bin/${name}.js`;
  const manifest = { name, ...common, bin: { [name]: start }, files: ["bin"], engines: { node: ">=18" }, optionalDependencies };
  write(join(out, name), manifest, [[join(here, "samwire.js"), start]]);
  chmodSync(join(out, name, start), 0o755);
}
