//! Ways to vary a template without reading it: bytes and lines that come and go, other notations for the same value, and
//! words that change what is meant. Most results are odd templates, some are none; all must be survived.

use proptest::prelude::*;

/// One way to vary a text. Numbers choose places, modulo what there is.
#[derive(Clone, Debug)]
pub enum Mutation {
    /// Takes bytes out.
    Cut(usize, usize),
    /// Writes some lines twice.
    Duplicate(usize, usize),
    /// Moves some lines elsewhere.
    Move(usize, usize, usize),
    /// Indents some lines.
    Indent(usize, usize, usize),
    /// Doubles the indentation of the whole file.
    Widen,
    /// Puts text in.
    Insert(usize, &'static str),
    /// Puts a comment behind a line or above it.
    Comment(usize, bool),
    /// Replaces the n-th occurrence of a word by another.
    Word(usize, &'static str, &'static str),
    /// Writes a block list of scalars as a flow list.
    ToFlow(usize),
    /// Writes a flow list of scalars as a block list.
    ToBlock(usize),
    /// Quotes a key.
    QuoteKey(usize),
    /// Changes single quotes to double ones.
    DoubleQuotes,
    /// Line ends as on Windows.
    CrLf,
    /// Marks the byte order.
    ByteOrderMark,
    /// Takes the final line break away.
    Unfinished,
}

const BITS: &[&str] = &[
    "é",
    "日本",
    "😀",
    "# c\n",
    " # c",
    "- ",
    ": ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "|\n",
    "\"",
    "'",
    "!Sub ",
    "!Ref ",
    "&a ",
    "*a",
    "\n",
    "\n\n",
    "  ",
    "\t",
    "---\n",
    "<<: *a\n",
    "null",
    "~",
    "*",
    "${",
    "${Items.Arn}",
];

/// Words of templates and what they may become.
const WORDS: &[(&str, &str)] = &[
    ("Allow", "Deny"),
    ("Items", "Stock"),
    ("Stock", "Items"),
    ("GetItem", "*"),
    ("GetItem", "PutItem"),
    ("Query", "Get*"),
    ("dynamodb:", "*:"),
    (".Arn", ".Name"),
    ("!GetAtt", "!Ref"),
    ("!Ref", "!Sub"),
    ("Action", "NotAction"),
    ("Resource:", "NotResource:"),
    ("Effect: Allow", "Effect: Allow\n              Condition: {Bool: {aws:SecureTransport: true}}"),
    ("Policies", "Role"),
    ("Policies", "Connectors"),
    ("Type:", "Condition: IsProd\n    Type:"),
    ("AWS::Serverless::Function", "AWS::Serverless::StateMachine"),
    ("AWS::Serverless::SimpleTable", "AWS::SQS::Queue"),
    ("TableName", "FunctionName"),
    ("Crud", "Write"),
    ("Read", "Crud"),
    ("IsProd", "IsWriting"),
    ("AWS::NoValue", "AWS::StackName"),
    ("Id:", "Arn:"),
    ("Runtime:", "Runtime: &r"),
    ("src/", "*r"),
];

/// A few mutations to make one after the other.
pub fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let at = any::<usize>;
    let one = prop_oneof![
        2 => (at(), 1..40usize).prop_map(|(from, length)| Mutation::Cut(from, length)),
        3 => (at(), 1..8usize).prop_map(|(from, count)| Mutation::Duplicate(from, count)),
        2 => (at(), 1..6usize, at()).prop_map(|(from, count, to)| Mutation::Move(from, count, to)),
        2 => (at(), 1..12usize, 1..5usize).prop_map(|(from, count, by)| Mutation::Indent(from, count, by)),
        1 => Just(Mutation::Widen),
        3 => (at(), prop::sample::select(BITS)).prop_map(|(to, bit)| Mutation::Insert(to, bit)),
        4 => (at(), any::<bool>()).prop_map(|(to, above)| Mutation::Comment(to, above)),
        6 => (at(), prop::sample::select(WORDS)).prop_map(|(nth, (old, new))| Mutation::Word(nth, old, new)),
        2 => at().prop_map(Mutation::ToFlow),
        2 => at().prop_map(Mutation::ToBlock),
        2 => at().prop_map(Mutation::QuoteKey),
        1 => Just(Mutation::DoubleQuotes),
        1 => Just(Mutation::CrLf),
        1 => Just(Mutation::ByteOrderMark),
        1 => Just(Mutation::Unfinished),
    ];
    prop::collection::vec(one, 0..5)
}

impl Mutation {
    /// The varied text.
    pub fn apply(&self, text: &str) -> String {
        match self {
            Self::Cut(from, length) => {
                let start = boundary(text, *from);
                let end = boundary_at(text, (start + length).min(text.len()));
                format!("{}{}", &text[..start], &text[end.max(start)..])
            }
            Self::Insert(to, bit) => {
                let at = boundary(text, *to);
                format!("{}{bit}{}", &text[..at], &text[at..])
            }
            Self::Word(nth, old, new) => {
                let places: Vec<usize> = text.match_indices(old).map(|(at, _)| at).collect();
                let Some(&at) = places.get(nth % places.len().max(1)) else { return text.to_owned() };
                format!("{}{new}{}", &text[..at], &text[at + old.len()..])
            }
            Self::DoubleQuotes => text.replace('\'', "\""),
            Self::CrLf => text.replace("\r\n", "\n").replace('\n', "\r\n"),
            Self::ByteOrderMark => format!("\u{feff}{}", text.trim_start_matches('\u{feff}')),
            Self::Unfinished => text.trim_end_matches(['\n', '\r']).to_owned(),
            _ => self.lines(text),
        }
    }

    fn lines(&self, text: &str) -> String {
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        let total = lines.len();
        if total == 0 {
            return String::new();
        }
        let range = |from: usize, count: usize| from % total..(from % total + count).min(total);
        match self {
            Self::Duplicate(from, count) => {
                let range = range(*from, *count);
                let copy = lines[range.clone()].to_vec();
                lines.splice(range.end..range.end, copy);
            }
            Self::Move(from, count, to) => {
                let moved: Vec<String> = lines.drain(range(*from, *count)).collect();
                let to = to % (lines.len() + 1);
                lines.splice(to..to, moved);
            }
            Self::Indent(from, count, by) => {
                lines[range(*from, *count)].iter_mut().for_each(|line| line.insert_str(0, &" ".repeat(*by)));
            }
            Self::Widen => lines.iter_mut().for_each(|line| {
                let blanks = line.len() - line.trim_start_matches(' ').len();
                line.insert_str(0, &" ".repeat(blanks));
            }),
            Self::Comment(at, above) => comment(&mut lines, at % total, *above),
            Self::ToFlow(at) => to_flow(&mut lines, *at),
            Self::ToBlock(at) => to_block(&mut lines, *at),
            Self::QuoteKey(at) => {
                let line = &mut lines[at % total];
                if let Some(colon) = line.find(':') {
                    let start = line.len() - line.trim_start_matches([' ', '-']).len();
                    if start < colon {
                        line.insert(colon, '"');
                        line.insert(start, '"');
                    }
                }
            }
            _ => {}
        }
        lines.concat()
    }
}

fn comment(lines: &mut Vec<String>, at: usize, above: bool) {
    let line = &mut lines[at];
    let blanks = line.len() - line.trim_start_matches(' ').len();
    if above {
        let text = format!("{}# above {at}\n", " ".repeat(blanks));
        lines.insert(at, text);
    } else {
        let end = line.trim_end_matches(['\n', '\r']).len();
        line.insert_str(end, &format!(" # behind {at}"));
    }
}

/// The items of a block list of one-line items below a line that ends in a colon become a flow list behind it.
fn to_flow(lines: &mut Vec<String>, choice: usize) {
    let is_item = |line: &String| line.trim_start().starts_with("- ") && !line.contains(": ");
    let heads: Vec<usize> =
        (1..lines.len()).filter(|&n| is_item(&lines[n]) && lines[n - 1].trim_end().ends_with(':')).collect();
    let Some(&first) = heads.get(choice % heads.len().max(1)) else { return };
    let count = lines[first..].iter().take_while(|line| is_item(line)).count();
    let items: Vec<String> = lines
        .drain(first..first + count)
        .map(|line| line.trim().trim_start_matches("- ").to_owned())
        .collect();
    let head = &mut lines[first - 1];
    let end = head.trim_end().len();
    head.insert_str(end, &format!(" [{}]", items.join(", ")));
}

/// A flow list of scalars at the end of a line becomes a block list below it.
fn to_block(lines: &mut Vec<String>, choice: usize) {
    let open = |line: &String| {
        let inner = line.trim_end().strip_suffix(']')?;
        let at = inner.find(": [")?;
        (!inner[at + 3..].contains(['[', '{', '!', '\'', '"'])).then_some(at)
    };
    let found: Vec<(usize, usize)> =
        lines.iter().enumerate().filter_map(|(n, line)| Some((n, open(line)?))).collect();
    let Some(&(number, at)) = found.get(choice % found.len().max(1)) else { return };
    let line = lines[number].trim_end().to_owned();
    let blanks = line.len() - line.trim_start_matches([' ', '-']).len();
    let mut block = vec![format!("{}\n", &line[..=at])];
    let items = line[at + 3..line.len() - 1].split(',');
    block.extend(items.map(|item| format!("{}- {}\n", " ".repeat(blanks), item.trim())));
    lines.splice(number..=number, block);
}

fn boundary(text: &str, at: usize) -> usize {
    boundary_at(text, at % (text.len() + 1))
}

fn boundary_at(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
