//! How the text around a place writes what YAML lets one write in several ways: quotes or none, intrinsics long or
//! short, lists and long intrinsics over lines or in brackets. Counts what is there and follows a clear majority of
//! the nearest surroundings that show enough; writes nothing itself.

use super::document::Document;
use super::layout::Layout;
use super::node::{Entry, NodeId, NodeKind, ScalarStyle};
use super::spell::{Quote, Quoting, is_plain};
use crate::text::{Format, Span};
use std::collections::BTreeMap;

/// What a scalar is for where it stands; authors quote by that.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A key.
    Key,
    /// The key of a function in its long form. Some readers stumble over its colons in braces, so that there it is
    /// often quoted where other keys are not.
    Function,
    /// A value or item that is no argument of an intrinsic function.
    Value,
    /// What a reference names: the argument of `Ref` or `GetAtt`, the condition of an `If`.
    Name,
    /// The text of a `Sub`.
    Text,
    /// An argument of any other function.
    Operand,
}

impl Role {
    /// The role of an argument of a function, given its short name.
    pub(super) fn of_argument(function: &str) -> Self {
        match function {
            "Ref" | "GetAtt" | "Condition" | "If" => Self::Name,
            "Sub" => Self::Text,
            _ => Self::Operand,
        }
    }

    /// The role of a key itself.
    pub(super) fn of_key(key: &str) -> Self {
        if key.starts_with("Fn::") { Self::Function } else { Self::Key }
    }

    /// The role of what stands behind a key, which may be the long name of a function.
    pub(super) fn behind(key: &str) -> Self {
        match long_name(key) {
            Some(function) => Self::of_argument(function),
            None => Self::Value,
        }
    }

    /// The role of the value or item that an entry holds.
    pub(super) fn of_value(doc: &Document, entry: &Entry) -> Self {
        let key = doc.key(entry);
        key.map_or(Self::Value, Self::behind)
    }

    /// Whether a list in this role is the argument of a function.
    pub(super) fn is_argument(self) -> bool {
        matches!(self, Self::Name | Self::Text | Self::Operand)
    }
}

/// A choice that the author makes again and again.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Choice {
    /// A key of a block mapping has quotes that it does not need.
    QuotedKey,
    /// The same in braces.
    QuotedFlowKey,
    /// The key of a function in braces has.
    QuotedFlowFunction,
    /// A value has quotes that it does not need.
    QuotedValue,
    /// The argument of `Ref` or `GetAtt` has.
    QuotedName,
    /// The argument of `Sub` has.
    QuotedText,
    /// A function is a mapping of one key, not a tag.
    LongForm,
    /// A function in its long form stands in braces.
    Braces,
    /// A list that a function takes stands in brackets.
    BracketedArguments,
    /// Any other list of scalars does.
    BracketedList,
    /// Blanks stand inside brackets.
    PaddedList,
    /// Blanks stand inside braces.
    PaddedMapping,
    /// No blank stands behind a comma.
    TightComma,
}

impl Choice {
    /// How often a choice must have come up in some surroundings for them to tell anything.
    fn enough(self) -> usize {
        match self {
            Self::QuotedKey | Self::QuotedFlowKey | Self::QuotedValue => 3,
            Self::PaddedList | Self::PaddedMapping | Self::TightComma => 1,
            _ => 2,
        }
    }

    /// The same where there are no wider surroundings to ask.
    fn enough_at_last(self) -> usize {
        match self {
            Self::QuotedKey | Self::QuotedValue => 3,
            Self::BracketedList => 2,
            _ => 1,
        }
    }
}

/// One place where a choice came up, with what was counted up to it: how a part of the text chooses is then the difference
/// of two counts, however large the part.
#[derive(Copy, Clone, Debug)]
struct Vote {
    start: u32,
    /// How many up to here say yes, this one included.
    yes: usize,
    /// How many of these have double quotes.
    double_quoted: usize,
}

/// Every choice that a document shows, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Choices {
    votes: BTreeMap<Choice, Vec<Vote>>,
}

impl Choices {
    /// Looks through a document.
    pub(super) fn of(doc: &Document) -> Self {
        let mut choices = Self::default();
        let json = doc.source().format() == Format::Json;
        for id in doc.ids() {
            choices.look_at_brackets(doc, id);
            // All else is settled in JSON.
            if !json {
                choices.look_at(doc, id);
            }
        }
        choices
    }

    fn add(&mut self, choice: Choice, start: u32, yes: bool) {
        self.count(choice, start, yes, false);
    }

    fn count(&mut self, choice: Choice, start: u32, yes: bool, double_quoted: bool) {
        let votes = self.votes.entry(choice).or_default();
        let (before, doubled) = votes.last().map_or((0, 0), |last| (last.yes, last.double_quoted));
        let (yes, double_quoted) = (before + usize::from(yes), doubled + usize::from(double_quoted));
        votes.push(Vote { start, yes, double_quoted });
    }

    fn look_at(&mut self, doc: &Document, id: NodeId) {
        let node = doc.node(id);
        let start = node.span.start;
        if let NodeKind::Scalar(style) = node.kind {
            self.look_at_scalar(doc, id, style);
        }
        if doc.tag(id).is_some_and(|tag| !tag.starts_with("!!")) {
            self.add(Choice::LongForm, start, false);
        }
        let in_block = node.parent.is_some_and(|parent| !doc.node(parent).flow);
        if let Some((_, argument)) = long_form(doc, id) {
            // A node has one tag only: a function directly in another has no choice.
            if doc.node(argument).tag.is_none() {
                self.add(Choice::LongForm, start, true);
            }
            if in_block && may_be_one_line(doc, argument) {
                self.add(Choice::Braces, start, node.flow);
            }
        }
        if node.kind == NodeKind::Sequence && in_block && may_be_one_line(doc, id) {
            let of_scalars = doc.items(id).all(|item| doc.node(item).is_scalar());
            match function_of(doc, id) {
                Some(_) => self.add(Choice::BracketedArguments, start, node.flow),
                None if of_scalars && !node.entries.is_empty() => {
                    self.add(Choice::BracketedList, start, node.flow);
                }
                None => {}
            }
        }
    }

    fn look_at_scalar(&mut self, doc: &Document, id: NodeId, style: ScalarStyle) {
        let node = doc.node(id);
        let Some(parent) = node.parent.map(|parent| doc.node(parent)) else { return };
        let entry = doc.index_in_parent(id).and_then(|index| parent.entries.get(index));
        let is_key = entry.is_some_and(|entry| entry.key == Some(id));
        let choice = match function_of_scalar(doc, id) {
            _ if is_key && parent.flow => match Role::of_key(&node.value) {
                Role::Function => Choice::QuotedFlowFunction,
                _ => Choice::QuotedFlowKey,
            },
            _ if is_key => Choice::QuotedKey,
            None => Choice::QuotedValue,
            // Its list holds the condition and values of every kind.
            Some("If") => return,
            Some(function) => match Role::of_argument(function) {
                Role::Name => Choice::QuotedName,
                Role::Text => Choice::QuotedText,
                _ => return,
            },
        };
        let yes = match style {
            ScalarStyle::Plain => false,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => true,
            ScalarStyle::Literal | ScalarStyle::Folded => return,
        };
        if is_plain(&node.value, parent.flow) {
            self.count(choice, node.span.start, yes, style == ScalarStyle::DoubleQuoted);
        }
    }

    fn look_at_brackets(&mut self, doc: &Document, id: NodeId) {
        let node = doc.node(id);
        if !node.flow || doc.is_on_one_line(id) != Some(true) {
            return;
        }
        let text = doc.source().slice(node.span);
        let choice = match node.kind {
            NodeKind::Sequence => Choice::PaddedList,
            _ => Choice::PaddedMapping,
        };
        if let Some(inner) = text.strip_prefix(['[', '{']) {
            self.add(choice, node.span.start, inner.starts_with(' '));
        }
        if let [first, _, ..] = node.entries.as_slice()
            && let Some(comma) = first.comma
        {
            let behind = doc.source().text().as_bytes().get(comma as usize + 1);
            self.add(Choice::TightComma, node.span.start, behind != Some(&b' '));
        }
    }

    /// What the nearest of some surroundings that shows enough of a choice makes of it; `None` where none does.
    fn decide(&self, choice: Choice, surroundings: &[Span]) -> Option<Decision> {
        let votes = self.votes.get(&choice)?;
        let (last, nearer) = surroundings.split_last()?;
        let nearer = nearer.iter().map(|span| (span, choice.enough()));
        nearer.chain([(last, choice.enough_at_last())]).find_map(|(span, enough)| {
            let from = votes.partition_point(|vote| vote.start < span.start);
            let to = votes.partition_point(|vote| vote.start < span.end).max(from);
            (to - from >= enough).then(|| Decision::of(votes, from, to))
        })
    }
}

/// What some votes come to.
#[derive(Copy, Clone, Debug)]
struct Decision {
    /// Whether a clear majority of three in four says yes.
    yes: bool,
    /// The quotes that most of those have which have any.
    quote: Quote,
}

impl Decision {
    /// What the votes from one number up to another come to.
    fn of(votes: &[Vote], from: usize, to: usize) -> Self {
        let up_to = |end: usize| match end.checked_sub(1).and_then(|last| votes.get(last)) {
            Some(vote) => (vote.yes, vote.double_quoted),
            None => (0, 0),
        };
        let (yes, double) = (up_to(to).0 - up_to(from).0, up_to(to).1 - up_to(from).1);
        let quote = if double * 2 > yes { Quote::Double } else { Quote::Single };
        Self { yes: yes * 4 >= (to - from) * 3, quote }
    }
}

/// How new text at one place is written.
#[derive(Clone, Debug)]
pub(super) struct Manner {
    key: Quoting,
    flow_key: Quoting,
    flow_function: Quoting,
    value: Quoting,
    name: Quoting,
    text: Quoting,
    /// Functions are written `Fn::Sub: x`, since there are no tags in JSON or the author uses none.
    pub(super) long_forms: bool,
    /// Functions in their long form stand in braces where they fit.
    pub(super) braces: bool,
    /// Lists that functions take stand in brackets where they fit.
    pub(super) bracketed_arguments: bool,
    /// Other lists of scalars do.
    pub(super) bracketed_lists: bool,
    /// Blanks stand inside brackets.
    pub(super) padded_lists: bool,
    /// Blanks stand inside braces.
    pub(super) padded_mappings: bool,
    /// No blank stands behind a comma in brackets on one line.
    pub(super) tight_commas: bool,
}

impl Manner {
    /// The manner of a place at `offset` in or beside a collection.
    pub(super) fn of(layout: &Layout<'_>, near: NodeId, offset: u32) -> Self {
        let doc = layout.document();
        let choices = layout.choices();
        let surroundings = surroundings(doc, near, offset);
        let decide = |choice| choices.decide(choice, &surroundings);
        let fallback = layout.quote(near, offset);
        let quoting = |decision: Option<Decision>| match decision.filter(|decision| decision.yes) {
            Some(Decision { quote, .. }) => Quoting { throughout: true, quote },
            None => Quoting { throughout: false, quote: fallback },
        };
        let value = decide(Choice::QuotedValue);
        let key = decide(Choice::QuotedKey);
        let flow_key = decide(Choice::QuotedFlowKey).or(key);
        let says_yes = |choice| decide(choice).is_some_and(|decision| decision.yes);
        let long_forms = doc.source().format() == Format::Json || says_yes(Choice::LongForm);
        let lists = decide(Choice::BracketedList);
        Self {
            key: quoting(key),
            flow_key: quoting(flow_key),
            flow_function: quoting(decide(Choice::QuotedFlowFunction).or(flow_key)),
            value: quoting(value),
            // Behind tags, names are rarely quoted even where all values are.
            name: quoting(decide(Choice::QuotedName).or(value.filter(|_| long_forms))),
            text: quoting(decide(Choice::QuotedText).or(value)),
            long_forms,
            braces: says_yes(Choice::Braces),
            bracketed_arguments: decide(Choice::BracketedArguments).or(lists).is_some_and(|lists| lists.yes),
            bracketed_lists: lists.is_some_and(|lists| lists.yes),
            padded_lists: says_yes(Choice::PaddedList),
            padded_mappings: says_yes(Choice::PaddedMapping),
            tight_commas: says_yes(Choice::TightComma),
        }
    }

    /// How a scalar in a role is quoted, in a flow collection or outside of one.
    pub(super) fn quoting(&self, role: Role, flow: bool) -> Quoting {
        match role {
            Role::Key if flow => self.flow_key,
            Role::Function if flow => self.flow_function,
            Role::Key | Role::Function => self.key,
            Role::Value | Role::Operand => self.value,
            Role::Name => self.name,
            Role::Text => self.text,
        }
    }
}

/// What lies around a place, the nearest first: the entry there, its collection, and each one around that.
fn surroundings(doc: &Document, near: NodeId, offset: u32) -> Vec<Span> {
    let holds = |id: NodeId| {
        let span = doc.full_span(id);
        (span.start <= offset && offset < span.end).then_some(span)
    };
    let at = |entry: &Entry| {
        let here = entry.key.is_some_and(|key| holds(key).is_some());
        if here { Some(doc.full_span(entry.value)) } else { holds(entry.value) }
    };
    let entry = doc.node(near).entries.iter().find_map(at);
    let around = std::iter::successors(Some(near), |id| doc.node(*id).parent);
    entry.into_iter().chain(around.map(|id| doc.node(id).span)).collect()
}

/// The function that a key names in its long form.
fn long_name(key: &str) -> Option<&str> {
    if key == "Ref" { Some(key) } else { key.strip_prefix("Fn::") }
}

/// The function that a mapping calls in its long form, and its argument. Macros have no other form and are none.
fn long_form(doc: &Document, id: NodeId) -> Option<(&str, NodeId)> {
    let mut pairs = doc.pairs(id);
    let (key, _, argument) = pairs.next()?;
    let name = long_name(key).filter(|name| *name != "Transform" && !name.starts_with("ForEach"))?;
    pairs.next().is_none().then_some((name, argument))
}

/// The function whose whole argument a node is.
fn function_of(doc: &Document, id: NodeId) -> Option<&str> {
    match doc.tag(id) {
        Some(tag) => tag.strip_prefix('!'),
        None => {
            let (name, argument) = long_form(doc, doc.node(id).parent?)?;
            (argument == id).then_some(name)
        }
    }
}

/// The function whose argument a scalar is, alone or in a list.
fn function_of_scalar(doc: &Document, id: NodeId) -> Option<&str> {
    let list = doc.node(id).parent.filter(|parent| doc.node(*parent).kind == NodeKind::Sequence);
    function_of(doc, id).or_else(|| function_of(doc, list?))
}

/// Whether a value stands on one line, or could: it is a scalar or a list of nothing but scalars.
fn may_be_one_line(doc: &Document, id: NodeId) -> bool {
    let node = doc.node(id);
    let one_line = |id: NodeId| {
        let style = doc.node(id).kind;
        !matches!(style, NodeKind::Scalar(ScalarStyle::Literal | ScalarStyle::Folded))
    };
    match node.kind {
        NodeKind::Scalar(_) => one_line(id),
        _ if node.flow => doc.is_on_one_line(id) == Some(true),
        NodeKind::Sequence => doc.items(id).all(|item| doc.node(item).is_scalar() && one_line(item)),
        _ => false,
    }
}
