//! A value as YAML in some manner: every spelling that a person or a tool would use, and some that hardly anybody does. Owns the
//! manner of one document and its comments and anchors; knows no resource.

use super::chance::Chance;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// How one document is written.
#[derive(Debug)]
pub(crate) struct Yaml {
    chance: Chance,
    out: String,
    /// Columns by which children stand deeper.
    indent: usize,
    /// Whether a list stands deeper than its key.
    lists_indented: bool,
    /// Share of collections in flow, of a hundred; 100 is a document in flow.
    flow: usize,
    /// Share of quoted keys and values.
    quotes: usize,
    /// Share of intrinsics with a short tag.
    short: usize,
    /// Share of places with a comment.
    comments: usize,
    /// Whether what is there twice is written once.
    anchors: bool,
    /// What has an anchor, by number.
    anchored: Vec<Value>,
    /// How many comments there are; each has its own text.
    told: usize,
    features: BTreeSet<&'static str>,
}

impl Yaml {
    /// A manner.
    pub(crate) fn new(mut chance: Chance) -> Self {
        let indent = chance.weighted(&[(1, 1), (12, 2), (2, 3), (5, 4), (1, 5), (1, 8)]);
        let flow = chance.weighted(&[(6, 0), (4, 12), (2, 40), (1, 85)]);
        Self {
            indent,
            lists_indented: chance.percent(65),
            flow,
            quotes: chance.weighted(&[(7, 0), (2, 20), (1, 100)]),
            short: chance.weighted(&[(7, 100), (2, 70), (1, 0)]),
            comments: chance.weighted(&[(3, 0), (4, 8), (2, 30)]),
            anchors: chance.percent(14),
            anchored: Vec::new(),
            told: 0,
            out: String::new(),
            features: BTreeSet::new(),
            chance,
        }
    }

    /// What is special about the document.
    pub(crate) fn features(&self) -> Vec<&'static str> {
        self.features.iter().copied().collect()
    }

    fn feature(&mut self, name: &'static str) {
        self.features.insert(name);
    }

    /// The whole text.
    pub(crate) fn document(&mut self, template: &Value) -> String {
        if self.chance.percent(10) {
            self.out.push_str("---\n");
            self.feature("document markers");
        }
        self.own_line_comment(0);
        match template {
            Value::Object(map) => self.entries(map, 0, false),
            other => self.behind(other, 0, false),
        }
        self.own_line_comment(0);
        if self.chance.percent(4) {
            self.out.push_str("...\n");
            self.feature("document markers");
        }
        std::mem::take(&mut self.out)
    }

    /// Entries of a mapping, a line each; the first one stands behind what is there where `started`.
    fn entries(&mut self, map: &Map<String, Value>, column: usize, mut started: bool) {
        let merged = self.merged(map);
        if let Some((number, _)) = &merged {
            self.out.push_str(&if started { String::new() } else { " ".repeat(column) });
            self.out.push_str(&format!("<<: *a{number}\n"));
            started = false;
            self.feature("merge key");
        }
        for (key, value) in map {
            if merged.as_ref().is_some_and(|(_, base)| base.contains_key(key)) {
                continue;
            }
            if !started {
                self.own_line_comment(column);
                self.out.push_str(&" ".repeat(column));
            }
            started = false;
            let key = self.scalar(key, false);
            self.out.push_str(&format!("{key}:"));
            self.behind(value, column, true);
        }
    }

    /// An anchored mapping that is a part of this one.
    fn merged(&mut self, map: &Map<String, Value>) -> Option<(usize, Map<String, Value>)> {
        let part = |(number, value): (usize, &Value)| {
            let base = value.as_object().filter(|base| base.len() > 1 && base.len() < map.len())?;
            // A type that comes by a merge key is not read (`docs/limitations.md`).
            if base.contains_key("Type") {
                return None;
            }
            let same = base.iter().all(|(key, value)| map.get(key) == Some(value));
            same.then(|| (number, base.clone()))
        };
        self.anchored.iter().enumerate().find_map(part)
    }

    /// Items of a list, a line each.
    fn items(&mut self, items: &[Value], column: usize) {
        for item in items {
            self.own_line_comment(column);
            self.out.push_str(&format!("{}-", " ".repeat(column)));
            self.behind(item, column, false);
        }
    }

    /// What stands behind a key or a dash: in its line, or below.
    fn behind(&mut self, value: &Value, column: usize, key: bool) {
        if let Some(number) = self.anchored.iter().position(|known| known == value) {
            self.feature("alias");
            self.out.push_str(&format!(" *a{number}"));
            return self.end_of_line();
        }
        let (tag, value) = self.tagged(value);
        if let Some(tag) = &tag {
            self.out.push_str(&format!(" {tag}"));
        }
        let block = value.as_object().is_some_and(|map| !map.is_empty())
            || value.as_array().is_some_and(|items| !items.is_empty());
        let share = if tag.is_some() { self.flow.max(40) } else { self.flow };
        // The sections of a template are in blocks, or all that is not would be.
        let flow = column > 0 && self.chance.percent(share);
        if !block || flow {
            return self.in_line(value, column);
        }
        let anchored =
            self.anchors && tag.is_none() && value.to_string().len() < 400 && self.chance.percent(30);
        if anchored && column > 0 {
            self.out.push_str(&format!(" &a{}", self.anchored.len()));
            self.anchored.push(value.clone());
        }
        let deeper = column + self.indent;
        match value {
            Value::Object(map) if !key && tag.is_none() && !anchored => {
                // A mapping begins in the line of its dash.
                let gap = if self.chance.percent(90) { 1 } else { self.indent.max(2) - 1 };
                self.out.push_str(&" ".repeat(gap));
                self.entries(map, column + 1 + gap, true);
            }
            Value::Object(map) => {
                self.end_of_line();
                self.entries(map, deeper.max(column + 1), false);
            }
            Value::Array(items) => {
                self.end_of_line();
                // A list in a list, or behind a tag, always stands deeper than what is before it.
                let column = if self.lists_indented || !key { deeper } else { column };
                self.items(items, column);
            }
            _ => {}
        }
    }

    /// A value in the line, with a comment behind it perhaps, or a text in a block of its own.
    fn in_line(&mut self, value: &Value, column: usize) {
        if let Value::String(text) = value
            && text.len() > 12
            && !text.starts_with(' ')
            && self.chance.percent(6)
        {
            let head = if self.chance.percent(50) { "|-" } else { ">-" };
            self.feature("block scalar");
            self.out.push_str(&format!(" {head}\n{}{text}\n", " ".repeat(column + self.indent)));
            return;
        }
        let lines = column > 0 && self.chance.percent(25);
        let text = self.flow(value, if lines { Some(column + self.indent) } else { None });
        self.out.push_str(&format!(" {text}"));
        self.end_of_line();
    }

    /// A value in flow, over several lines from a column on if there is one.
    fn flow(&mut self, value: &Value, column: Option<usize>) -> String {
        let (tag, value) = self.tagged(value);
        let tag = tag.map(|tag| format!("{tag} ")).unwrap_or_default();
        let (open, close, items): (char, char, Vec<String>) = match value {
            Value::Object(map) => {
                let deeper = column.map(|column| column + self.indent);
                let entry = |(key, value): (&String, &Value)| {
                    format!("{}: {}", self.scalar(key, true), self.flow(value, deeper))
                };
                ('{', '}', map.iter().map(entry).collect())
            }
            Value::Array(items) => {
                let deeper = column.map(|column| column + self.indent);
                ('[', ']', items.iter().map(|item| self.flow(item, deeper)).collect())
            }
            Value::String(text) => return tag + &self.scalar(text, true),
            other => return tag + &other.to_string(),
        };
        self.feature("flow");
        match column {
            Some(column) if items.len() > 1 => {
                let blanks = " ".repeat(column);
                let mut text = format!("{tag}{open}\n");
                let last = items.len() - 1;
                for (at, item) in items.into_iter().enumerate() {
                    let comma = if at < last || self.chance.percent(20) { "," } else { "" };
                    let note =
                        if self.chance.percent(self.comments / 3) { self.comment() } else { String::new() };
                    if !note.is_empty() {
                        self.feature("comment in flow");
                    }
                    let gap = if note.is_empty() { "" } else { " " };
                    text.push_str(&format!("{blanks}{item}{comma}{gap}{note}\n"));
                }
                text + &" ".repeat(column.saturating_sub(self.indent).max(1)) + &close.to_string()
            }
            _ => {
                let blank = if self.chance.percent(20) { " " } else { "" };
                format!("{tag}{open}{blank}{}{blank}{close}", items.join(", "))
            }
        }
    }

    /// An intrinsic's short tag and its argument.
    fn tagged<'v>(&mut self, value: &'v Value) -> (Option<String>, &'v Value) {
        let Some((name, inner)) =
            value.as_object().filter(|map| map.len() == 1).and_then(|map| map.iter().next())
        else {
            return (None, value);
        };
        let short = match name.as_str() {
            // Between conditions this is an intrinsic; among the keys of a statement it has a mapping.
            "Ref" | "Condition" if inner.is_string() => name.as_str(),
            name => match name.strip_prefix("Fn::") {
                // A tag cannot follow another one in a line.
                Some(short) if !is_intrinsic(inner) => short,
                _ => return (None, value),
            },
        };
        match self.chance.percent(self.short) {
            true => (Some(format!("!{short}")), inner),
            false => (None, value),
        }
    }

    /// A text in one of the ways in which it can be written.
    fn scalar(&mut self, text: &str, flow: bool) -> String {
        let plain = is_plain(text, flow);
        if plain && !self.chance.percent(self.quotes) {
            return text.to_owned();
        }
        self.feature("quotes");
        match self.chance.percent(50) {
            true => format!("'{}'", text.replace('\'', "''")),
            false => Value::from(text).to_string(),
        }
    }

    fn comment(&mut self) -> String {
        self.told += 1;
        let text = *self.chance.one(&[
            "why",
            "see: #12",
            "\ttabs\there",
            "{ [ ' \"",
            "caf\u{e9} \u{2192} x",
            "- no: item",
        ]);
        self.feature("comment");
        format!("# {} {text}", self.told)
    }

    fn end_of_line(&mut self) {
        if self.chance.percent(self.comments / 2) {
            let comment = self.comment();
            let gap = " ".repeat(1 + self.chance.below(3));
            self.out.push_str(&format!("{gap}{comment}"));
        } else if self.chance.percent(self.comments / 8) {
            self.out.push(' ');
        }
        self.out.push('\n');
    }

    fn own_line_comment(&mut self, column: usize) {
        if self.chance.percent(self.comments / 4) {
            self.out.push('\n');
        }
        if self.chance.percent(self.comments) {
            // Farther to the right it could be the text of a block scalar above.
            let column = if self.chance.percent(90) { column } else { self.chance.below(column + 1) };
            for _ in 0..=self.chance.below(2) {
                let comment = self.comment();
                self.out.push_str(&format!("{}{comment}\n", " ".repeat(column)));
            }
        }
        if self.chance.percent(self.comments / 8) {
            self.out.push_str(&format!("{}# ------\n\n", " ".repeat(column)));
        }
    }
}

fn is_intrinsic(value: &Value) -> bool {
    let map = value.as_object().filter(|map| map.len() == 1);
    map.is_some_and(|map| map.keys().all(|key| key == "Ref" || key == "Condition" || key.starts_with("Fn::")))
}

/// Whether a text is read back as itself without quotes.
fn is_plain(text: &str, flow: bool) -> bool {
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with([':', ' '])
        && !text.contains(": ")
        && !text.contains(" #")
        && !(flow && (text.contains(['{', '}', '[', ']', ',']) || text.contains(":?")))
        && !words.contains(&text.to_lowercase().as_str())
}
