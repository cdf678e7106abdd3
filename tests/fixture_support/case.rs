//! One directory below `fixtures/` as a case: its texts, its options and its reviewed plan.

use super::Choices;
use samwire::catalog::Catalog;
use samwire::plan::{Options, Plan, plan};
use samwire::syntax::SyntaxError;
use samwire::text::Source;
use std::fs;
use std::path::{Path, PathBuf};

/// What a case is about, by the directory that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A rewrite of this profile.
    Transform(String),
    /// Something that stays for this reason.
    LeftAlone(String),
    /// A finding of this kind; `none` for what comes near to one.
    Finding(String),
}

/// One case.
#[derive(Debug, Clone)]
pub struct Case {
    /// `<transform>/<case>`, `left-alone/<reason>/<case>` or `findings/<kind>/<case>`.
    pub name: String,
    /// What it is about.
    pub kind: Kind,
    /// Its directory.
    pub directory: PathBuf,
    /// Name of the template and of its result: `before.yaml` or `before.json`.
    pub extension: &'static str,
    /// The template.
    pub before: String,
    /// What `options.json` chooses.
    pub options: Options,
}

/// The directory of the fixtures.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Every case, in the order of their names.
pub fn cases() -> Vec<Case> {
    let mut found = Vec::new();
    for transform in directories(&root()) {
        let name = file_name(&transform);
        match name.as_str() {
            // Layers of their own, with tests of their own.
            "lossless" | "odd" | "demo" | "walkthroughs" => {}
            "left-alone" | "findings" => {
                for group in directories(&transform) {
                    let id = file_name(&group);
                    let kind = match name.as_str() {
                        "findings" => Kind::Finding(id.clone()),
                        _ => Kind::LeftAlone(id.clone()),
                    };
                    found.extend(
                        directories(&group)
                            .iter()
                            .map(|d| Case::read(d, format!("{name}/{id}/{}", file_name(d)), kind.clone())),
                    );
                }
            }
            _ => {
                let kind = Kind::Transform(name.clone());
                found.extend(
                    directories(&transform)
                        .iter()
                        .map(|d| Case::read(d, format!("{name}/{}", file_name(d)), kind.clone())),
                );
            }
        }
    }
    assert!(!found.is_empty(), "no fixtures");
    found
}

/// Texts that broke a promise once.
pub fn odd_texts() -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(root().join("odd")).expect("fixtures/odd is readable");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable directory").path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), read(&path))).collect()
}

/// The templates of the demonstration.
pub fn demo_templates() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut queue = vec![root().join("demo")];
    while let Some(directory) = queue.pop() {
        queue.extend(directories(&directory));
        let entries = fs::read_dir(&directory).expect("a readable directory");
        let files = entries.map(|entry| entry.expect("a readable directory").path());
        found.extend(files.filter(|path| path.extension().is_some_and(|e| e == "yaml" || e == "json")));
    }
    found.sort();
    found
}

impl Case {
    fn read(directory: &Path, name: String, kind: Kind) -> Self {
        let extension = ["yaml", "json"]
            .into_iter()
            .find(|extension| directory.join(format!("before.{extension}")).exists())
            .unwrap_or_else(|| panic!("{name} has neither before.yaml nor before.json"));
        let before = read(&directory.join(format!("before.{extension}")));
        let choices = directory.join("options.json");
        let choices = match choices.exists() {
            true => Choices::parse(&read(&choices)).unwrap_or_else(|error| panic!("{name}: {error}")),
            false => Choices::default(),
        };
        let options = choices.options().unwrap_or_else(|error| panic!("{name}: {error}"));
        Self { name, kind, directory: directory.to_owned(), extension, before, options }
    }

    /// The plan for a text under the case's options and file name.
    pub fn plan(&self, text: &str) -> Result<Plan<'static>, SyntaxError> {
        let path = format!("template.{}", self.extension);
        let source = Source::new(path, text.as_bytes().to_vec()).expect("UTF-8 without NUL");
        plan(source, Catalog::builtin(), &self.options)
    }

    /// The text that the case should end in; `None` where nothing is to change.
    pub fn after(&self) -> Option<String> {
        let path = self.after_path();
        path.exists().then(|| read(&path))
    }

    /// Where the result is kept.
    pub fn after_path(&self) -> PathBuf {
        self.directory.join(format!("after.{}", self.extension))
    }

    /// Where the text is kept that the findings' own mends lead to; there is none where nothing can be mended.
    pub fn mended_path(&self) -> PathBuf {
        self.directory.join(format!("mended.{}", self.extension))
    }

    /// Where the reviewed plan is kept.
    pub fn plan_path(&self) -> PathBuf {
        self.directory.join("plan.json")
    }
}

/// The text of a file.
fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn directories(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable directory").path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

fn file_name(path: &Path) -> String {
    path.file_name().expect("a directory below fixtures").to_string_lossy().into_owned()
}
