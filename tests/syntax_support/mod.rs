//! What the tests of the document layer share: the files to run on, and a plain model of a tree to compare with.

#![allow(dead_code, unreachable_pub, reason = "shared by tests that each use a part of it")]

pub mod changes;
pub mod promises;

use samwire::syntax::{Document, NodeId, NodeKind, SyntaxError};
use samwire::text::Source;
use std::path::{Path, PathBuf};

/// Every YAML and JSON file below `fixtures/`, and of the corpus if `SAMWIRE_CORPUS` names one or it lies beside the
/// repository.
pub fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus =
        std::env::var_os("SAMWIRE_CORPUS").map_or_else(|| root.join("../shared/corpus"), PathBuf::from);
    let mut found = Vec::new();
    collect(&root.join("fixtures"), &mut found);
    assert!(!found.is_empty(), "no fixtures");
    collect(&corpus, &mut found);
    found
}

fn collect(directory: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    let mut paths: Vec<_> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, found);
        } else if path
            .extension()
            .is_some_and(|e| ["yaml", "yml", "json", "template"].iter().any(|k| e == *k))
        {
            found.push(path);
        }
    }
}

/// Parses bytes under a name that says whether they are JSON.
pub fn parse(path: &Path, bytes: Vec<u8>) -> Result<Document, SyntaxError> {
    Document::parse(Source::new(path, bytes).expect("valid UTF-8 without NUL"))
}

/// Parses YAML text.
pub fn yaml(text: &str) -> Document {
    parse(Path::new("t.yaml"), text.as_bytes().to_vec()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A tree without places: what a reader of the values sees, tags included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Model {
    Scalar { tag: Option<String>, value: String, plain: bool },
    Sequence { tag: Option<String>, items: Vec<Self> },
    Mapping { tag: Option<String>, entries: Vec<(Self, Self)> },
    Alias(String),
    Empty { tag: Option<String> },
}

impl Model {
    /// The model of a node.
    pub fn of(doc: &Document, id: NodeId) -> Self {
        let node = doc.node(id);
        let tag = doc.tag(id).map(str::to_owned);
        match node.kind {
            NodeKind::Scalar(style) => Self::Scalar {
                tag,
                value: node.value.clone(),
                plain: style == samwire::syntax::ScalarStyle::Plain,
            },
            NodeKind::Sequence => {
                Self::Sequence { tag, items: doc.items(id).map(|item| Self::of(doc, item)).collect() }
            }
            NodeKind::Mapping => Self::Mapping {
                tag,
                entries: (node.entries.iter())
                    .map(|entry| (Self::of(doc, entry.key.expect("a key")), Self::of(doc, entry.value)))
                    .collect(),
            },
            NodeKind::Alias => Self::Alias(doc.source().slice(node.span).to_owned()),
            NodeKind::Empty => Self::Empty { tag },
        }
    }

    /// The model of a whole document.
    pub fn document(doc: &Document) -> Self {
        Self::of(doc, doc.root())
    }

    /// The model with every scalar's style forgotten, and a node without content as the `null` it means.
    pub fn without_styles(self) -> Self {
        match self {
            Self::Scalar { tag: None, value, plain: true } if value == "null" => Self::Empty { tag: None },
            Self::Scalar { tag, value, .. } => Self::Scalar { tag, value, plain: false },
            Self::Sequence { tag, items } => {
                Self::Sequence { tag, items: items.into_iter().map(Self::without_styles).collect() }
            }
            Self::Mapping { tag, entries } => {
                let entries = entries.into_iter().map(|(k, v)| (k.without_styles(), v.without_styles()));
                Self::Mapping { tag, entries: entries.collect() }
            }
            other => other,
        }
    }

    /// The model at a way of positions from the root, each that of an entry whose value is entered.
    pub fn descend(&mut self, way: &[usize]) -> &mut Self {
        way.iter().fold(self, |model, index| match model {
            Self::Sequence { items, .. } => &mut items[*index],
            Self::Mapping { entries, .. } => &mut entries[*index].1,
            _ => panic!("no collection on the way"),
        })
    }

    /// Takes an entry out of a collection: an item, or a mapping of the one entry. Nothing where there is none.
    pub fn remove(&mut self, index: usize) -> Option<Self> {
        match self {
            Self::Sequence { items, .. } => (index < items.len()).then(|| items.remove(index)),
            Self::Mapping { entries, .. } => (index < entries.len())
                .then(|| Self::Mapping { tag: None, entries: vec![entries.remove(index)] }),
            _ => panic!("no collection"),
        }
    }

    /// Whether every reader takes this for what is wanted: a plain scalar may have quotes, as its surroundings have,
    /// but none may miss those that it needs.
    pub fn reads_as(&self, wanted: &Self) -> bool {
        match (self, wanted) {
            (
                Self::Scalar { tag, value, plain },
                Self::Scalar { tag: wanted_tag, value: wanted, plain: may_be_plain },
            ) => tag == wanted_tag && value == wanted && (!plain || *may_be_plain),
            (Self::Sequence { tag, items }, Self::Sequence { tag: wanted_tag, items: wanted }) => {
                let mut pairs = items.iter().zip(wanted);
                tag == wanted_tag && items.len() == wanted.len() && pairs.all(|(a, b)| a.reads_as(b))
            }
            (Self::Mapping { tag, entries }, Self::Mapping { tag: wanted_tag, entries: wanted }) => {
                let mut pairs = entries.iter().zip(wanted);
                tag == wanted_tag
                    && entries.len() == wanted.len()
                    && pairs.all(|((a, b), (c, d))| a.reads_as(c) && b.reads_as(d))
            }
            _ => self == wanted,
        }
    }
}

/// The positions of entries from the root to a node; `None` for keys and what is in them.
pub fn way(doc: &Document, id: NodeId) -> Option<Vec<usize>> {
    let mut steps = Vec::new();
    let mut at = id;
    while let Some(parent) = doc.node(at).parent {
        let index = doc.index_in_parent(at)?;
        if doc.node(parent).entries[index].value != at {
            return None;
        }
        steps.push(index);
        at = parent;
    }
    steps.reverse();
    Some(steps)
}

/// The texts of all comments, sorted.
pub fn comment_texts(doc: &Document) -> Vec<String> {
    let mut texts: Vec<_> =
        doc.comments().iter().map(|c| doc.source().slice(c.span).trim_end().to_owned()).collect();
    texts.sort();
    texts
}
