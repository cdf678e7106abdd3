//! Definition files as typed values: a serde deserializer over the nodes of a [`Document`], so that every
//! complaint has the place of the node it is about. Knows no definition in particular.

use super::error::Problem;
use super::nearest::nearest;
use super::placed::SPANNED;
use crate::syntax::{Document, NodeId, NodeKind, ScalarStyle};
use crate::text::{Position, Source};
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, Visitor};
use std::fmt;

/// Reads one definition file; the document comes along for the places in later complaints. The name is only
/// used in them.
pub(super) fn read<T: de::DeserializeOwned>(name: &str, bytes: Vec<u8>) -> Result<(T, Document), Problem> {
    let problem = |at: Option<Position>, what: String, help: Option<String>| Problem {
        file: name.to_owned(),
        at,
        what,
        help,
    };
    let source = Source::new(name, bytes).map_err(|error| problem(None, error.to_string(), None))?;
    let document = Document::parse(source)
        .map_err(|error| problem(Some(error.at), error.what(), Some(error.help().to_owned())))?;
    if let Some(double) = document.duplicates().first() {
        let at = document.source().position(double.last.start);
        return Err(problem(Some(at), format!("the key `{}` stands here twice", double.key), None));
    }
    let reader = NodeReader { document: &document, node: document.root() };
    match T::deserialize(reader) {
        Ok(value) => Ok((value, document)),
        Err(error) => {
            let at = error.at.map(|offset| document.source().position(offset));
            Err(problem(at, error.what, error.help))
        }
    }
}

/// Why a node is not what a definition needs.
#[derive(Debug)]
struct ReadError {
    at: Option<u32>,
    what: String,
    help: Option<String>,
}

impl ReadError {
    /// Fills in the place; the innermost node that an error passes wins.
    fn or_at(mut self, offset: u32) -> Self {
        self.at.get_or_insert(offset);
        self
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { at: None, what: message.to_string(), help: None }
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self { at: None, what: format!("unknown key `{field}`"), help: choice(field, expected) }
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self { at: None, what: format!("unknown word `{variant}`"), help: choice(variant, expected) }
    }

    fn missing_field(field: &'static str) -> Self {
        let help = Some(format!("add `{field}:` to this mapping"));
        Self { at: None, what: format!("the key `{field}` is missing"), help }
    }
}

fn choice(word: &str, expected: &[&'static str]) -> Option<String> {
    match nearest(word, expected.iter().copied()) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if expected.is_empty() => None,
        None => Some(format!("known are `{}`", expected.join("`, `"))),
    }
}

#[derive(Clone, Copy)]
struct NodeReader<'d> {
    document: &'d Document,
    node: NodeId,
}

impl<'d> NodeReader<'d> {
    fn offset(self) -> u32 {
        self.document.node(self.node).span.start
    }

    fn at(self, node: NodeId) -> Self {
        Self { node, ..self }
    }

    fn refuse(self, what: &str) -> ReadError {
        ReadError { at: Some(self.offset()), what: what.to_owned(), help: None }
    }

    /// Definitions are plain data: a tag or an alias would mean something else to every other YAML reader.
    fn plain_data(self) -> Result<(), ReadError> {
        let node = self.document.node(self.node);
        if node.kind == NodeKind::Alias || node.anchor.is_some() {
            return Err(self.refuse("definitions take no anchors and aliases; write the value out"));
        }
        if let Some(tag) = self.document.tag(self.node) {
            return Err(self.refuse(&format!("definitions take no tags such as `{tag}`")));
        }
        Ok(())
    }

    fn scalar(self) -> Result<&'d str, ReadError> {
        self.plain_data()?;
        self.document.scalar(self.node).ok_or_else(|| self.refuse("a text is needed here"))
    }

    fn plain_scalar(self) -> Option<&'d str> {
        let plain = self.document.node(self.node).kind == NodeKind::Scalar(ScalarStyle::Plain);
        self.document.scalar(self.node).filter(|_| plain)
    }

    fn is_null(self) -> bool {
        self.document.node(self.node).kind == NodeKind::Empty
            || matches!(self.plain_scalar(), Some("null" | "~"))
    }

    /// Key and value of each entry; refuses keys that are no scalars.
    fn entries(self) -> Result<Vec<(NodeId, NodeId)>, ReadError> {
        self.plain_data()?;
        let node = self.document.node(self.node);
        if node.kind != NodeKind::Mapping {
            return Err(self.refuse("a mapping is needed here"));
        }
        let pairs: Vec<_> = self.document.pairs(self.node).map(|(_, key, value)| (key, value)).collect();
        if pairs.len() != node.entries.len() {
            return Err(self.refuse("every key of this mapping must be a text"));
        }
        Ok(pairs)
    }

    fn items(self) -> Result<Vec<NodeId>, ReadError> {
        self.plain_data()?;
        if self.document.node(self.node).kind != NodeKind::Sequence {
            return Err(self.refuse("a list is needed here"));
        }
        Ok(self.document.items(self.node).collect())
    }
}

impl<'de> Deserializer<'de> for NodeReader<'_> {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.plain_data()?;
        match self.document.node(self.node).kind {
            NodeKind::Mapping => self.deserialize_map(visitor),
            NodeKind::Sequence => self.deserialize_seq(visitor),
            _ if self.is_null() => visitor.visit_unit(),
            _ => match self.plain_scalar() {
                Some("true") => visitor.visit_bool(true),
                Some("false") => visitor.visit_bool(false),
                Some(text) => match text.parse::<i64>() {
                    Ok(number) if number.to_string() == text => visitor.visit_i64(number),
                    _ => visitor.visit_str(text),
                },
                None => visitor.visit_str(self.scalar()?),
            },
        }
        .map_err(|error: ReadError| error.or_at(self.offset()))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.plain_scalar() {
            Some("true") => visitor.visit_bool(true),
            Some("false") => visitor.visit_bool(false),
            _ => Err(self.refuse("`true` or `false` is needed here")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_str(self.scalar()?).map_err(|error: ReadError| error.or_at(self.offset()))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let access = Items { reader: self, items: self.items()?.into_iter() };
        visitor.visit_seq(access).map_err(|error| error.or_at(self.offset()))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        if name == SPANNED {
            return visitor.visit_seq(PlaceAndValue { reader: self, given: 0 });
        }
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let access = Entries { reader: self, entries: self.entries()?.into_iter(), value: None };
        visitor.visit_map(access).map_err(|error| error.or_at(self.offset()))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        if self.document.node(self.node).kind != NodeKind::Mapping {
            let word = self.scalar()?;
            let access: de::value::StrDeserializer<ReadError> = word.into_deserializer();
            return visitor.visit_enum(access).map_err(|error| error.or_at(self.offset()));
        }
        let [(key, value)] = self.entries()?[..] else {
            return Err(self.refuse("exactly one key is needed here"));
        };
        let access = Variant { key: self.at(key), value: self.at(value) };
        visitor.visit_enum(access).map_err(|error| error.or_at(self.offset()))
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple ignored_any
    }
}

struct Items<'d> {
    reader: NodeReader<'d>,
    items: std::vec::IntoIter<NodeId>,
}

impl<'de> de::SeqAccess<'de> for Items<'_> {
    type Error = ReadError;
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, ReadError> {
        self.items.next().map(|item| seed.deserialize(self.reader.at(item))).transpose()
    }
}

struct Entries<'d> {
    reader: NodeReader<'d>,
    entries: std::vec::IntoIter<(NodeId, NodeId)>,
    value: Option<NodeId>,
}

impl<'de> de::MapAccess<'de> for Entries<'_> {
    type Error = ReadError;
    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, ReadError> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(self.reader.at(key)).map(Some)
    }
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, ReadError> {
        let value = self.value.take().ok_or_else(|| self.reader.refuse("a value without a key"))?;
        seed.deserialize(self.reader.at(value))
    }
}

/// The two elements that [`Spanned`] asks for.
struct PlaceAndValue<'d> {
    reader: NodeReader<'d>,
    given: u8,
}

impl<'de> de::SeqAccess<'de> for PlaceAndValue<'_> {
    type Error = ReadError;
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, ReadError> {
        self.given += 1;
        match self.given {
            1 => seed.deserialize(self.reader.offset().into_deserializer()).map(Some),
            2 => seed.deserialize(self.reader).map(Some),
            _ => Ok(None),
        }
    }
}

struct Variant<'d> {
    key: NodeReader<'d>,
    value: NodeReader<'d>,
}

impl<'de, 'd> de::EnumAccess<'de> for Variant<'d> {
    type Error = ReadError;
    type Variant = NodeReader<'d>;
    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, NodeReader<'d>), ReadError> {
        Ok((seed.deserialize(self.key)?, self.value))
    }
}

impl<'de> de::VariantAccess<'de> for NodeReader<'_> {
    type Error = ReadError;
    fn unit_variant(self) -> Result<(), ReadError> {
        Err(self.refuse("no value is needed here"))
    }
    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, ReadError> {
        seed.deserialize(self)
    }
    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_seq(visitor)
    }
    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.deserialize_map(visitor)
    }
}
