//! Expressions and how templates spell them: `Ref`, `Fn::GetAtt`, both forms of `Fn::Sub`, `Fn::Join`, `Fn::Select`,
//! `Fn::Split`. Every spelling is a value in CloudFormation's long form; the layout shortens it. Knows no resource.

use super::chance::Chance;
use serde_json::{Map, Value, json};

/// A part of a text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    /// Text as it is.
    Literal(String),
    /// `Ref` of a resource, a parameter or a pseudo parameter.
    Ref(String),
    /// `Fn::GetAtt`: logical id and attribute.
    Attribute(String, String),
    /// What can stand in a text only through a variable of `Fn::Sub`.
    Value(Value),
}

impl Piece {
    /// The piece as a value of its own.
    pub(crate) fn value(&self, chance: &mut Chance) -> Value {
        match self {
            Self::Literal(text) => text.as_str().into(),
            Self::Ref(name) => json!({"Ref": name}),
            Self::Attribute(id, attribute) if chance.percent(50) => json!({"Fn::GetAtt": [id, attribute]}),
            Self::Attribute(id, attribute) => json!({"Fn::GetAtt": format!("{id}.{attribute}")}),
            Self::Value(value) => value.clone(),
        }
    }
}

/// A text that a stack evaluates.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expression(pub(crate) Vec<Piece>);

impl Expression {
    /// Reads the notation of `Fn::Sub`. `${!x}` stays text.
    pub(crate) fn parse(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((front, (name, behind))) =
            rest.split_once("${").and_then(|(front, behind)| Some((front, behind.split_once('}')?)))
        {
            let mut literal = front.to_owned();
            match (name.strip_prefix('!'), name.split_once('.')) {
                (Some(name), _) => literal.push_str(&format!("${{{name}}}")),
                (None, Some((id, attribute))) => {
                    pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                    pieces.push(Piece::Attribute(id.into(), attribute.into()));
                }
                (None, None) => {
                    pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                    pieces.push(Piece::Ref(name.into()));
                }
            }
            pieces.push(Piece::Literal(literal));
            rest = behind;
        }
        pieces.push(Piece::Literal(rest.into()));
        Self(pieces).joined()
    }

    /// The same with neighbouring literals as one, and none that is empty.
    fn joined(self) -> Self {
        let mut pieces: Vec<Piece> = Vec::new();
        for piece in self.0 {
            match (pieces.last_mut(), piece) {
                (_, Piece::Literal(text)) if text.is_empty() => {}
                (Some(Piece::Literal(before)), Piece::Literal(text)) => before.push_str(&text),
                (_, piece) => pieces.push(piece),
            }
        }
        Self(pieces)
    }

    /// The expression with another behind it.
    pub(crate) fn then(mut self, other: &Self) -> Self {
        self.0.extend(other.0.iter().cloned());
        self.joined()
    }

    /// The same with what stands for `name` put in.
    pub(crate) fn fill(self, name: &str, with: &Self) -> Self {
        let put = |piece: Piece| match piece {
            Piece::Ref(own) if own == name => with.0.clone(),
            other => vec![other],
        };
        Self(self.0.into_iter().flat_map(put).collect()).joined()
    }

    /// The same with pseudo parameters written out now and then, which means the same for the partition only.
    pub(crate) fn written_out(self, chance: &mut Chance) -> Self {
        let literal = |piece: Piece, chance: &mut Chance| match &piece {
            Piece::Ref(name) if name == "AWS::Partition" && chance.percent(30) => {
                Piece::Literal("aws".into())
            }
            Piece::Ref(name) if name == "AWS::Region" && chance.percent(3) => {
                Piece::Literal("eu-west-1".into())
            }
            Piece::Ref(name) if name == "AWS::AccountId" && chance.percent(3) => {
                Piece::Literal("123456789012".into())
            }
            _ => piece,
        };
        Self(self.0.into_iter().map(|piece| literal(piece, chance)).collect()).joined()
    }

    /// The expression in one of the spellings that mean it.
    pub(crate) fn spell(&self, chance: &mut Chance) -> Value {
        match self.0.as_slice() {
            [] => "".into(),
            [piece] if chance.percent(85) => match piece {
                Piece::Literal(_) | Piece::Value(_) => piece.value(chance),
                piece if chance.percent(80) => piece.value(chance),
                _ => self.sub(chance, false),
            },
            _ => match chance.below(20) {
                0..=11 => self.sub(chance, false),
                12..=15 => self.sub(chance, true),
                16..=17 => self.join(chance),
                18 if !self.escapes() => self.join_colons(chance),
                _ => {
                    let text = self.sub(chance, false);
                    let list = json!([text, "another"]);
                    json!({"Fn::Select": [0, list]})
                }
            },
        }
    }

    /// Whether it holds what `Fn::Sub` would read as a variable, which may not be taken apart.
    fn escapes(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Literal(text) if text.contains("${")))
    }

    /// By `Fn::Sub`, with variables for what cannot stand in the text and, if asked for, for other pieces.
    fn sub(&self, chance: &mut Chance, variables: bool) -> Value {
        let (mut text, mut map) = (String::new(), Map::new());
        for piece in &self.0 {
            match piece {
                Piece::Literal(literal) => text.push_str(&literal.replace("${", "${!")),
                Piece::Ref(name) if !variables || chance.percent(40) => {
                    text.push_str(&format!("${{{name}}}"))
                }
                Piece::Attribute(id, attribute) if !variables || chance.percent(40) => {
                    text.push_str(&format!("${{{id}.{attribute}}}"));
                }
                piece => {
                    let name = format!("{}{}", chance.one(&["v", "Var", "name_"]), map.len());
                    text.push_str(&format!("${{{name}}}"));
                    map.insert(name, piece.value(chance));
                }
            }
        }
        match map.is_empty() {
            true if chance.percent(97) => json!({"Fn::Sub": text}),
            true => json!({"Fn::Sub": [text, {"unused": "x"}]}),
            false => json!({"Fn::Sub": [text, map]}),
        }
    }

    /// By `Fn::Join` without anything between the parts.
    fn join(&self, chance: &mut Chance) -> Value {
        let parts: Vec<Value> = self.0.iter().map(|piece| piece.value(chance)).collect();
        json!({"Fn::Join": ["", parts]})
    }

    /// By `Fn::Join` with colons, as ARNs are read.
    fn join_colons(&self, chance: &mut Chance) -> Value {
        let mut parts: Vec<Vec<Piece>> = vec![Vec::new()];
        for piece in &self.0 {
            let Piece::Literal(text) = piece else {
                parts.last_mut().expect("there is one").push(piece.clone());
                continue;
            };
            for (at, text) in text.split(':').enumerate() {
                if at > 0 {
                    parts.push(Vec::new());
                }
                parts.last_mut().expect("there is one").push(Piece::Literal(text.into()));
            }
        }
        let spell = |part: Vec<Piece>, chance: &mut Chance| match Self(part).joined() {
            Self(pieces) if pieces.is_empty() => "".into(),
            Self(pieces) if pieces.len() == 1 => pieces[0].value(chance),
            whole => whole.sub(chance, false),
        };
        let parts: Vec<Value> = parts.into_iter().map(|part| spell(part, chance)).collect();
        json!({"Fn::Join": [":", parts]})
    }
}

/// Nothing, by its name.
pub(crate) fn no_value() -> Value {
    json!({"Ref": "AWS::NoValue"})
}

/// One value as itself, or as a list of one.
pub(crate) fn one_or_list(mut values: Vec<Value>, chance: &mut Chance) -> Value {
    match values.len() {
        1 if chance.percent(50) => values.remove(0),
        _ => values.into(),
    }
}
