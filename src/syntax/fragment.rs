//! What a change writes, independent of notation and layout. How a fragment is spelled is decided where it
//! lands; nothing here knows bytes.

use super::node::NodeId;

/// A value to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fragment {
    /// A string. Written plain where YAML 1.1 and 1.2 both read it back as this string, else quoted.
    Scalar(String),
    /// A list, one item per fragment.
    Sequence(Vec<Self>),
    /// A mapping, in this order of entries.
    Mapping(Vec<FragmentEntry>),
    /// An intrinsic function: `!Sub x`, or `{"Fn::Sub": x}` in JSON and in files that use only long forms.
    Intrinsic {
        /// The short name: `Sub`, `GetAtt`, `Ref`, `If`, `Condition`.
        name: String,
        /// The argument.
        argument: Box<Self>,
    },
    /// The bytes of a node of the original, with its tag, indented as its new place asks for.
    Copy(NodeId),
}

/// An entry of a mapping to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FragmentEntry {
    /// Comments for lines of their own above the key, each starting with `#`.
    pub comments: Vec<String>,
    /// The key.
    pub key: String,
    /// The value.
    pub value: Fragment,
}

impl Fragment {
    /// A string.
    pub fn scalar(text: impl Into<String>) -> Self {
        Self::Scalar(text.into())
    }

    /// A mapping of the given keys and values, without comments.
    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Mapping(entries.into_iter().map(|(key, value)| FragmentEntry::new(key, value)).collect())
    }

    /// A list.
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::Sequence(items.into_iter().collect())
    }

    /// An intrinsic function by its short name.
    pub fn intrinsic(name: impl Into<String>, argument: Self) -> Self {
        Self::Intrinsic { name: name.into(), argument: Box::new(argument) }
    }
}

impl FragmentEntry {
    /// An entry without comments.
    pub fn new(key: impl Into<String>, value: Fragment) -> Self {
        Self { comments: Vec::new(), key: key.into(), value }
    }

    /// The same entry below these comments.
    #[must_use]
    pub fn with_comments(mut self, comments: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.comments = comments.into_iter().map(Into::into).collect();
        self
    }
}
