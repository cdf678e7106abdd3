//! The config file as it is written: options under the names that they have on the command line, and what is ignored. Knows
//! where each entry stands; which options there are is told by the caller.

use crate::catalog::nearest;
use crate::syntax::{Document, NodeId, NodeKind};
use crate::text::{Position, Source};
use std::path::{Path, PathBuf};

/// The name of the file.
pub const CONFIG_NAME: &str = ".samwire.yaml";

/// The key under which places are listed that are ignored.
const IGNORE: &str = "ignore";

/// The keys of such a place; the first two are required.
const IGNORE_KEYS: [&str; 4] = ["file", "id", "route", "reason"];

/// An option with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigEntry {
    /// The name of the option, without `--`.
    pub key: String,
    /// What it is set to.
    pub setting: ConfigValue,
    /// Where the key stands.
    pub at: Position,
}

/// What an option is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigValue {
    /// On or off.
    Switch(bool),
    /// One value, or several in their order.
    Values(Vec<String>),
}

/// A place that is ignored although its file cannot hold a comment, or should not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreRule {
    /// The file, as it is written: relative to the directory of the config file.
    pub file: PathBuf,
    /// The id that is ignored; `*` for all.
    pub id: String,
    /// The node from which on it is ignored, such as `Resources.Orders`; without one it is the whole file.
    pub route: Option<String>,
}

/// A config file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFile {
    /// The file.
    pub path: PathBuf,
    /// Its options, in the order of the file.
    pub entries: Vec<ConfigEntry>,
    /// What is ignored.
    pub ignores: Vec<IgnoreRule>,
}

/// What is wrong with a config file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// What, without a full stop.
    pub what: String,
    /// What to do.
    pub help: String,
    /// Where, if there is a place.
    pub at: Option<Position>,
}

/// Reads a config file. `known` are the names of the options that it may set.
pub fn read_config(path: &Path, bytes: Vec<u8>, known: &[&str]) -> Result<ConfigFile, ConfigError> {
    let fail = |what: String, help: &str| ConfigError { what, help: help.to_owned(), at: None };
    let source =
        Source::new(path, bytes).map_err(|error| fail(error.to_string(), "save the file as UTF-8"))?;
    let mut file = ConfigFile { path: path.to_owned(), entries: Vec::new(), ignores: Vec::new() };
    if is_blank(source.text()) {
        return Ok(file);
    }
    let doc = Document::parse(source)
        .map_err(|error| ConfigError { at: Some(error.at), ..fail(error.what(), error.help()) })?;
    let reader = Reader { doc: &doc };
    let root = doc.resolve(doc.root());
    if !matches!(doc.node(root).kind, NodeKind::Mapping) {
        let what = "a config file is a mapping of options to values".to_owned();
        return Err(reader.wrong(root, what, "write one option on each line, such as `strict: true`"));
    }
    if let Some(duplicate) = doc.duplicates().first() {
        let at = Some(doc.source().position(duplicate.last.start));
        let what = format!("`{}` is set twice", duplicate.key);
        return Err(ConfigError { at, ..fail(what, "remove one of them") });
    }
    for (key, key_node, value) in doc.pairs(root) {
        if key == IGNORE {
            file.ignores = reader.ignores(value)?;
        } else if known.contains(&key) {
            let at = reader.at(key_node);
            file.entries.push(ConfigEntry { key: key.to_owned(), setting: reader.setting(key, value)?, at });
        } else {
            let near = nearest(key, known.iter().copied().chain([IGNORE]));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`samwire init --print` lists all options".to_owned(),
            };
            return Err(reader.wrong(key_node, format!("`{key}` is no option of a config file"), &help));
        }
    }
    Ok(file)
}

/// Whether there is nothing but blanks and comments, as in a file in which every option is commented out.
fn is_blank(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    text.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#') || line == "---")
}

struct Reader<'d> {
    doc: &'d Document,
}

impl Reader<'_> {
    fn at(&self, node: NodeId) -> Position {
        self.doc.source().position(self.doc.full_span(node).start)
    }

    fn wrong(&self, node: NodeId, what: String, help: &str) -> ConfigError {
        ConfigError { what, help: help.to_owned(), at: Some(self.at(node)) }
    }

    fn setting(&self, key: &str, node: NodeId) -> Result<ConfigValue, ConfigError> {
        let node = self.doc.resolve(node);
        if matches!(self.doc.node(node).kind, NodeKind::Sequence) {
            let items: Vec<NodeId> = self.doc.items(node).collect();
            let values = items.into_iter().map(|item| self.text(key, item)).collect::<Result<_, _>>()?;
            return Ok(ConfigValue::Values(values));
        }
        let text = self.text(key, node)?;
        Ok(match (text.as_str(), self.is_plain(node)) {
            ("true", true) => ConfigValue::Switch(true),
            ("false", true) => ConfigValue::Switch(false),
            _ => ConfigValue::Values(vec![text]),
        })
    }

    fn is_plain(&self, node: NodeId) -> bool {
        !self.doc.source().slice(self.doc.full_span(node)).starts_with(['"', '\''])
    }

    fn text(&self, key: &str, node: NodeId) -> Result<String, ConfigError> {
        let node = self.doc.resolve(node);
        let text = self.doc.scalar(node).filter(|text| !text.is_empty());
        text.map(str::to_owned).ok_or_else(|| {
            let what = format!("the value of `{key}` is no text");
            self.wrong(node, what, "write a value, a list of values, or true or false")
        })
    }

    fn ignores(&self, node: NodeId) -> Result<Vec<IgnoreRule>, ConfigError> {
        const HELP: &str =
            "write a list of mappings, each with `file` and `id`, and if you like `route` and `reason`";
        let node = self.doc.resolve(node);
        if !matches!(self.doc.node(node).kind, NodeKind::Sequence) {
            return Err(self.wrong(node, "`ignore` is no list".to_owned(), HELP));
        }
        let mut rules = Vec::new();
        for item in self.doc.items(node) {
            let item = self.doc.resolve(item);
            if !matches!(self.doc.node(item).kind, NodeKind::Mapping) {
                return Err(self.wrong(item, "an item of `ignore` is no mapping".to_owned(), HELP));
            }
            if let Some((key, key_node, _)) =
                self.doc.pairs(item).find(|(key, ..)| !IGNORE_KEYS.contains(key))
            {
                return Err(self.wrong(key_node, format!("`{key}` is no key of an ignored place"), HELP));
            }
            let told = |key: &str| self.doc.get(item, key).map(|node| self.text(key, node)).transpose();
            let (Some(file), Some(id)) = (told("file")?, told("id")?) else {
                return Err(self.wrong(item, "an ignored place needs `file` and `id`".to_owned(), HELP));
            };
            rules.push(IgnoreRule { file: file.into(), id, route: told("route")? });
        }
        Ok(rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ConfigFile, String> {
        let known = ["strict", "accept-add", "to", "repo"];
        let read = read_config(Path::new("c.yaml"), text.as_bytes().to_vec(), &known);
        read.map_err(|error| {
            let at = error.at.map_or(String::new(), |at| format!("{}:{}: ", at.line, at.column));
            format!("{at}{} ({})", error.what, error.help)
        })
    }

    #[test]
    fn switches_values_and_lists_are_told_apart() {
        let file =
            read("# c\nstrict: true\naccept-add:\n  - 'a:B'\n  - c:D\nto: policies\nrepo: 'true'\n").unwrap();
        let values = |list: &[&str]| ConfigValue::Values(list.iter().map(|&text| text.to_owned()).collect());
        let told: Vec<_> =
            file.entries.iter().map(|e| (e.key.as_str(), e.at.line, e.setting.clone())).collect();
        assert_eq!(
            told,
            [
                ("strict", 2, ConfigValue::Switch(true)),
                ("accept-add", 3, values(&["a:B", "c:D"])),
                ("to", 6, values(&["policies"])),
                ("repo", 7, values(&["true"])),
            ]
        );
        for empty in ["", "# only comments\n---\n", "\u{feff}#\n"] {
            assert_eq!(read(empty).unwrap().entries, []);
        }
    }

    #[test]
    fn ignored_places_are_read() {
        let file =
            read("ignore:\n- {file: a.json, id: x, route: Resources.A, reason: y}\n- {file: b, id: '*'}\n");
        let rule = |file: &str, id: &str, route: Option<&str>| IgnoreRule {
            file: file.into(),
            id: id.into(),
            route: route.map(str::to_owned),
        };
        assert_eq!(file.unwrap().ignores, [rule("a.json", "x", Some("Resources.A")), rule("b", "*", None)]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, expected) in [
            ("stricd: true", "1:1: `stricd` is no option of a config file (did you mean `strict`?)"),
            (
                "\nzzzz: 1",
                "2:1: `zzzz` is no option of a config file (`samwire init --print` lists all options)",
            ),
            ("- a", "1:1: a config file is a mapping of options to values"),
            ("to: {a: b}", "1:5: the value of `to` is no text"),
            ("strict:", "the value of `strict` is no text"),
            ("to: a\nto: b", "2:1: `to` is set twice"),
            ("to: [a", "correct the YAML at this place"),
            ("ignore: a", "1:9: `ignore` is no list"),
            ("ignore:\n- id: x", "2:3: an ignored place needs `file` and `id`"),
            ("ignore:\n- {file: a, id: x, line: 3}", "2:20: `line` is no key of an ignored place"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
