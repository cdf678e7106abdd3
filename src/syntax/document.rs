//! A parsed text: the tree over the source that it owns, with the questions one asks of a tree. Answers come
//! from spans and decoded values; nothing here changes the text or knows what a template means.

use super::error::{MAX_DEPTH, MAX_NODES, Reason, SyntaxError};
use super::layout::Habits;
use super::node::{Comment, DuplicateKey, Entry, Node, NodeId, NodeKind};
use super::parse;
use super::route::{Component, Route};
use crate::text::{Source, Span};
use hashbrown::{HashMap, HashSet};
use std::sync::OnceLock;

/// Mappings with more entries than this get a table of their keys, so that looking up every key of a large
/// mapping does not take quadratic time.
const INDEXED_ABOVE: usize = 24;

/// A source and the tree over it. Invariant: every byte of the text is explained by a node, by punctuation of an
/// entry, by a comment or by blank space.
#[derive(Debug)]
pub struct Document {
    source: Source,
    nodes: Vec<Node>,
    comments: Vec<Comment>,
    adapted: bool,
    /// For each node, the position of the entry that holds it in its parent.
    positions: Vec<u32>,
    /// Last position of each scalar key of the large mappings.
    keys: HashMap<NodeId, HashMap<String, usize>>,
    duplicates: Vec<DuplicateKey>,
    /// Each alias with what it stands for.
    aliases: Vec<(NodeId, NodeId)>,
    /// For each node, whether its meaning depends on an anchor, an alias or a merge key.
    shared: Vec<bool>,
    /// Whether some mapping has a merge key.
    merges: bool,
    /// How the text is laid out, measured when something is first to be written into it.
    habits: OnceLock<Habits>,
}

impl Document {
    /// Parses a source. The text must be one YAML or JSON document within [`MAX_DEPTH`] and
    /// [`MAX_NODES`], aliases read as what they stand for; an empty one has an [`NodeKind::Empty`] root.
    pub fn parse(source: Source) -> Result<Self, SyntaxError> {
        let tree = parse::tree(&source)?;
        if tree.nodes.is_empty() {
            return Err(SyntaxError { at: source.position(0), reason: Reason::Unexplained("the root") });
        }
        let mut positions = vec![0; tree.nodes.len()];
        for node in &tree.nodes {
            for (index, entry) in node.entries.iter().enumerate() {
                for child in entry.key.into_iter().chain([entry.value]) {
                    positions[child.index()] = index as u32;
                }
            }
        }
        let mut document = Self {
            source,
            nodes: tree.nodes,
            comments: tree.comments,
            adapted: tree.adapted,
            positions,
            keys: HashMap::new(),
            duplicates: Vec::new(),
            aliases: Vec::new(),
            shared: Vec::new(),
            merges: false,
            habits: OnceLock::new(),
        };
        document.index_keys();
        document.mark_shared();
        document.check_expansion()?;
        Ok(document)
    }

    /// Whether the tree stays within the limits when every alias is read as what it stands for. A few lines of anchors that
    /// each hold the one before twice would else take for ever to walk.
    fn check_expansion(&self) -> Result<(), SyntaxError> {
        if self.aliases.is_empty() {
            return Ok(());
        }
        let mut sizes = vec![1_usize; self.nodes.len()];
        let mut heights = vec![1_usize; self.nodes.len()];
        let mut open: Vec<NodeId> = Vec::new();
        for id in self.ids() {
            // Nodes come parents first, so whatever is no ancestor of this one is complete.
            while let Some(done) = open.pop_if(|last| Some(*last) != self.node(id).parent) {
                if let Some(outer) = open.last() {
                    sizes[outer.index()] = sizes[outer.index()].saturating_add(sizes[done.index()]);
                    heights[outer.index()] = heights[outer.index()].max(heights[done.index()] + 1);
                }
            }
            if let Some(target) = self.node(id).target {
                sizes[id.index()] = sizes[target.index()];
                heights[id.index()] = heights[target.index()];
                let total =
                    open.iter().fold(sizes[id.index()], |sum, node| sum.saturating_add(sizes[node.index()]));
                let reason = if total > MAX_NODES {
                    Reason::TooManyNodes
                } else if open.len() + heights[id.index()] > MAX_DEPTH {
                    Reason::TooDeep
                } else {
                    open.push(id);
                    continue;
                };
                return Err(SyntaxError { at: self.source.position(self.node(id).span.start), reason });
            }
            open.push(id);
        }
        Ok(())
    }

    /// Whether the parser was shown another text, since it refuses this one although it is valid.
    pub(super) fn is_adapted(&self) -> bool {
        self.adapted
    }

    /// How the text is laid out.
    pub(super) fn habits(&self) -> &Habits {
        self.habits.get_or_init(|| Habits::of(self))
    }

    fn index_keys(&mut self) {
        let mut duplicates = Vec::new();
        for map in self.ids() {
            if self.node(map).kind != NodeKind::Mapping {
                continue;
            }
            // By key: its first and its last place.
            let mut places: HashMap<&str, (usize, usize)> = HashMap::new();
            for (index, key, ..) in self.indexed_pairs(map) {
                places.entry(key).and_modify(|(_, last)| *last = index).or_insert((index, index));
            }
            let entries = &self.node(map).entries;
            let span = |index: usize| entries[index].key.map_or(Span::at(0), |key| self.node(key).span);
            let doubled = places.iter().filter(|(_, (first, last))| first != last);
            let mut doubled: Vec<(usize, usize, &str)> =
                doubled.map(|(key, &(first, last))| (first, last, *key)).collect();
            doubled.sort_unstable();
            duplicates.extend(doubled.into_iter().map(|(first, last, key)| DuplicateKey {
                map,
                key: key.to_owned(),
                first: span(first),
                last: span(last),
            }));
            if entries.len() > INDEXED_ABOVE {
                let table = places.into_iter().map(|(key, (_, last))| (key.to_owned(), last)).collect();
                self.keys.insert(map, table);
            }
        }
        self.duplicates = duplicates;
    }

    /// Children come behind their parents, so one pass in order hands sharing down.
    fn mark_shared(&mut self) {
        let mut shared = vec![false; self.nodes.len()];
        self.aliases = self.ids().filter_map(|id| Some((id, self.node(id).target?))).collect();
        for (_, target) in &self.aliases {
            shared[target.index()] = true;
        }
        for id in self.ids() {
            let node = self.node(id);
            let through_parent = node.parent.is_some_and(|parent| {
                shared[parent.index()] || {
                    let entry = &self.node(parent).entries[self.positions[id.index()] as usize];
                    entry.key.is_some_and(|key| self.is_merge_key(key))
                }
            });
            shared[id.index()] |= through_parent || node.kind == NodeKind::Alias;
        }
        let mut keys = self.nodes.iter().flat_map(|node| &node.entries).filter_map(|entry| entry.key);
        self.merges = keys.any(|key| self.is_merge_key(key));
        self.shared = shared;
    }

    /// Whether a key is the plain `<<`, whose value's entries are merged into the mapping.
    fn is_merge_key(&self, key: NodeId) -> bool {
        let node = self.node(key);
        node.value == "<<" && node.kind == NodeKind::Scalar(super::ScalarStyle::Plain)
    }

    /// The source that the tree is over.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The root node.
    pub fn root(&self) -> NodeId {
        NodeId(0)
    }

    /// A node by its id, which must come from this document.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Never true: every document has a root.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// All nodes in document order.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// The tag of a node as written: `!Sub`, `!GetAtt`, `!<tag:…>`.
    pub fn tag(&self, id: NodeId) -> Option<&str> {
        self.node(id).tag.map(|span| self.source.slice(span))
    }

    /// The decoded text of a scalar of any style, tagged or not; `None` for every other kind.
    pub fn scalar(&self, id: NodeId) -> Option<&str> {
        let node = self.node(id);
        node.is_scalar().then_some(node.value.as_str())
    }

    /// Position of the entry with this key; the last one where there are several, as CloudFormation reads them.
    /// `None` if there is none or the node is no mapping.
    pub fn entry(&self, map: NodeId, key: &str) -> Option<usize> {
        if let Some(table) = self.keys.get(&map) {
            return table.get(key).copied();
        }
        self.node(map).entries.iter().rposition(|entry| self.key(entry) == Some(key))
    }

    /// The value under a key of a mapping, by itself or by a merge key; `None` if there is none or the node is no mapping.
    pub fn get(&self, map: NodeId, key: &str) -> Option<NodeId> {
        match self.entry(map, key) {
            Some(index) => self.node(map).entries.get(index).map(|entry| entry.value),
            None if self.merges => {
                let mut merged = self.merged(map).into_iter();
                merged.find(|(name, ..)| *name == key).map(|(_, _, value)| value)
            }
            None => None,
        }
    }

    /// The items of a sequence; nothing for every other kind.
    pub fn items(&self, sequence: NodeId) -> impl Iterator<Item = NodeId> {
        let node = self.node(sequence);
        let entries = if node.kind == NodeKind::Sequence { node.entries.as_slice() } else { &[] };
        entries.iter().map(|entry| entry.value)
    }

    /// The text of the key of an entry, which an alias may stand for; `None` in sequences and where the key is a collection or
    /// missing.
    pub fn key(&self, entry: &Entry) -> Option<&str> {
        self.scalar(self.resolve(entry.key?))
    }

    /// Position, key text, key and value of each entry of a mapping whose key is a scalar; nothing for every other kind.
    /// Positions count all entries, those with other keys, too.
    pub fn indexed_pairs(&self, map: NodeId) -> impl Iterator<Item = (usize, &str, NodeId, NodeId)> {
        let entries = self.node(map).entries.iter().enumerate();
        entries.filter_map(|(index, entry)| Some((index, self.key(entry)?, entry.key?, entry.value)))
    }

    /// Key text, key and value of each entry of a mapping whose key is a scalar, then of each that a merge key brings in;
    /// nothing for every other kind.
    pub fn pairs(&self, map: NodeId) -> Pairs<'_> {
        let merged = if self.merges { self.merged(map) } else { Vec::new() };
        Pairs { document: self, own: self.node(map).entries.iter(), merged: merged.into_iter() }
    }

    /// What merge keys bring into a mapping, in the order of precedence: what stands there itself hides what is merged, the first
    /// of several sources the others, and a source what it merges in turn (YAML, "Merge Key Language-Independent Type").
    fn merged(&self, map: NodeId) -> Vec<(&str, NodeId, NodeId)> {
        let mut out = Vec::new();
        if !self.has_merge_key(map) {
            return out;
        }
        let own = |map| self.indexed_pairs(map).filter(|(_, _, key, _)| !self.is_merge_key(*key));
        let mut hidden: HashSet<&str> = own(map).map(|(_, text, ..)| text).collect();
        let mut seen: HashSet<NodeId> = HashSet::from_iter([map]);
        let mut open = self.merge_sources(map);
        while let Some(source) = open.pop() {
            // A mapping that merges itself has nothing new to bring.
            if seen.insert(source) {
                let new = own(source).filter(|(_, text, ..)| hidden.insert(text));
                out.extend(new.map(|(_, text, key, value)| (text, key, value)));
                open.extend(self.merge_sources(source));
            }
        }
        out
    }

    /// The mappings that a mapping merges, the last one first.
    fn merge_sources(&self, map: NodeId) -> Vec<NodeId> {
        let merges = self.indexed_pairs(map).filter(|(_, _, key, _)| self.is_merge_key(*key));
        let values = merges.map(|(.., value)| self.resolve(value));
        let all = values.flat_map(|value| self.items(value).map(|item| self.resolve(item)).chain([value]));
        let mut sources: Vec<NodeId> =
            all.filter(|&node| self.node(node).kind == NodeKind::Mapping).collect();
        sources.reverse();
        sources
    }

    /// Position of the entry of the parent that holds this node as its key, value or item; `None` for the root.
    pub fn index_in_parent(&self, id: NodeId) -> Option<usize> {
        self.node(id).parent.map(|_| self.positions[id.index()] as usize)
    }

    /// What an alias stands for, or the node itself.
    pub fn resolve(&self, id: NodeId) -> NodeId {
        // An anchor stands before content, never before an alias, so one step is all.
        self.node(id).target.unwrap_or(id)
    }

    /// The span of a node with its tag and anchor.
    pub fn full_span(&self, id: NodeId) -> Span {
        let node = self.node(id);
        [node.tag, node.anchor].into_iter().flatten().fold(node.span, Span::join)
    }

    /// The way from the root to a node. A key has the route of its value; a key that is no scalar counts as its
    /// source text.
    pub fn route(&self, id: NodeId) -> Route {
        let mut steps = Vec::new();
        let mut at = id;
        while let Some(parent) = self.node(at).parent {
            let index = self.positions[at.index()] as usize;
            let key = self.node(parent).entries.get(index).and_then(|entry| entry.key);
            steps.push(match key {
                None => Component::Index(index),
                Some(key) => {
                    let text = self.scalar(self.resolve(key));
                    let text = text.unwrap_or_else(|| self.source.slice(self.node(key).span));
                    Component::Key(text.to_owned())
                }
            });
            at = parent;
        }
        steps.reverse();
        steps.into_iter().collect()
    }

    /// The node a route leads to. Aliases are not followed.
    pub fn at(&self, route: &Route) -> Option<NodeId> {
        route.components().iter().try_fold(self.root(), |node, step| match step {
            Component::Key(key) => self.get(node, key),
            Component::Index(index) => self.items(node).nth(*index),
        })
    }

    /// All comments in order.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// Positions in [`comments`](Self::comments) of the comments that lie wholly within a span.
    pub fn comments_within(&self, span: Span) -> Vec<usize> {
        let first = self.comments.partition_point(|c| c.span.start < span.start);
        let end = self.comments.partition_point(|c| c.span.end <= span.end);
        (first..end.max(first)).collect()
    }

    /// Every key that its mapping holds more than once, in document order of the mappings.
    pub fn duplicates(&self) -> &[DuplicateKey] {
        &self.duplicates
    }

    /// Whether a mapping holds a key more than once.
    pub fn has_duplicates(&self, map: NodeId) -> bool {
        !self.duplicates_of(map).is_empty()
    }

    /// The keys that a mapping holds more than once.
    pub(super) fn duplicates_of(&self, map: NodeId) -> &[DuplicateKey] {
        let start = self.duplicates.partition_point(|d| d.map < map);
        let end = self.duplicates.partition_point(|d| d.map <= map);
        &self.duplicates[start..end]
    }

    /// Number of collections around a node.
    pub(super) fn depth(&self, id: NodeId) -> usize {
        std::iter::successors(self.node(id).parent, |id| self.node(*id).parent).count()
    }

    /// A node and all below it, in document order.
    pub(super) fn subtree(&self, id: NodeId) -> impl Iterator<Item = NodeId> + use<> {
        (id.0..=self.last_leaf(id).0).map(NodeId)
    }

    /// Whether the node or one below it is what an alias outside of it stands for.
    pub(super) fn holds_alias_target(&self, id: NodeId) -> bool {
        let inside = id.0..=self.last_leaf(id).0;
        self.aliases.iter().any(|(alias, target)| inside.contains(&target.0) && !inside.contains(&alias.0))
    }

    /// Whether a change here could change another place: the node or a collection around it has an anchor that an
    /// alias uses, is an alias, or is the value of a merge key.
    pub fn is_shared(&self, id: NodeId) -> bool {
        self.shared[id.index()]
    }

    /// Whether a mapping takes entries from elsewhere through a merge key (`<<`).
    pub fn has_merge_key(&self, map: NodeId) -> bool {
        self.entry(map, "<<")
            .and_then(|i| self.node(map).entries[i].key)
            .is_some_and(|k| self.is_merge_key(k))
    }
}

/// The entries of a mapping, its own and then those that merge keys bring in.
#[derive(Debug, Clone)]
pub struct Pairs<'d> {
    document: &'d Document,
    own: std::slice::Iter<'d, Entry>,
    merged: std::vec::IntoIter<(&'d str, NodeId, NodeId)>,
}

impl<'d> Iterator for Pairs<'d> {
    type Item = (&'d str, NodeId, NodeId);

    // One copy for all who read a mapping: they are many, and most mappings are short.
    #[inline(never)]
    fn next(&mut self) -> Option<Self::Item> {
        let document = self.document;
        let is_own = |key: NodeId| !(document.merges && document.is_merge_key(key));
        let pair = |entry: &'d Entry| Some((document.key(entry)?, entry.key?, entry.value));
        let own = self.own.by_ref().filter_map(pair).find(|(_, key, _)| is_own(*key));
        own.or_else(|| self.merged.next())
    }
}
