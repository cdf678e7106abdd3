//! Resource patterns: literal text, opaque tokens (what an intrinsic stands for) and wildcards. Case-sensitive,
//! as ARNs are. Knows no resource type: what a token expands to is told by whoever makes it.

use super::glob::{self, Piece};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// One piece of a resource pattern.
#[derive(Debug, Clone)]
pub enum Segment {
    /// Literal text without wildcards.
    Text(String),
    /// What an intrinsic stands for.
    Token(Token),
    /// `*`
    Star,
    /// `?`
    One,
}

/// A value that is unknown before deployment, named in `Fn::Sub` notation without `${}`: `OrdersTable.Arn`,
/// `AWS::Region`.
#[derive(Debug, Clone)]
pub struct Token {
    name: Arc<str>,
    expansion: Option<Arc<[Segment]>>,
}

impl Token {
    /// A token of which nothing but the name is known.
    pub fn opaque(name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), expansion: None }
    }

    /// A token that is known to equal `expansion`, such as the ARN of a resource spelled out from its name.
    pub fn expanding(name: impl Into<Arc<str>>, expansion: Vec<Segment>) -> Self {
        Self { name: name.into(), expansion: Some(expansion.into()) }
    }

    /// The name without `${}`.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// How deep tokens may expand into tokens; deeper ones are taken as opaque, which is always sound.
const MAX_EXPANSION: usize = 8;

/// A resource pattern. Patterns are compared by what they expand to, so `${T.Arn}` equals the same ARN spelled
/// out with pseudo parameters; they are shown as they were given.
#[derive(Debug, Clone)]
pub struct ResourcePattern {
    segments: Arc<[Segment]>,
    /// What the segments expand to.
    bytes: Arc<[u8]>,
}

impl ResourcePattern {
    /// A pattern from its segments; adjacent texts are joined.
    pub fn new(segments: Vec<Segment>) -> Self {
        let mut joined: Vec<Segment> = Vec::with_capacity(segments.len());
        for segment in segments {
            match (joined.last_mut(), segment) {
                (Some(Segment::Text(text)), Segment::Text(more)) => text.push_str(&more),
                (_, Segment::Text(text)) if text.is_empty() => {}
                (_, segment) => joined.push(segment),
            }
        }
        let mut bytes = Vec::with_capacity(128);
        expand(&joined, &mut bytes, 0);
        Self { segments: joined.into(), bytes: bytes.into() }
    }

    /// A pattern from text in which `*` and `?` are wildcards and nothing is a token.
    pub fn from_text(text: &str) -> Self {
        Self::new(text_segments(text))
    }

    /// The segments as given.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Whether the pattern has a wildcard.
    pub fn is_open(&self) -> bool {
        self.segments.iter().any(|s| matches!(s, Segment::Star | Segment::One))
    }

    /// Whether the pattern is a lone `*`.
    pub fn is_everything(&self) -> bool {
        matches!(*self.segments, [Segment::Star])
    }

    /// Whether every resource that `other` matches is matched by this pattern.
    pub fn covers(&self, other: &Self) -> bool {
        glob::covers(&self.bytes, &other.bytes)
    }

    /// The pattern followed by text in which `*` and `?` are wildcards.
    pub fn followed_by(&self, suffix: &str) -> Self {
        let mut segments = self.segments.to_vec();
        segments.extend(text_segments(suffix));
        Self::new(segments)
    }

    /// This pattern written as `prefix` and what follows, if it starts with all of `prefix`. Both denote the same.
    pub fn rebased(&self, prefix: &Self) -> Option<Self> {
        let rest = self.bytes.strip_prefix(prefix.bytes.as_ref())?;
        let mut segments = prefix.segments.to_vec();
        segments.extend(glob::pieces(rest).map(segment_of));
        Some(Self::new(segments))
    }

    /// What comes before `suffix`, in which `*` and `?` are wildcards, if the pattern ends with all of it.
    pub fn before(&self, suffix: &str) -> Option<Self> {
        let suffix = Self::from_text(suffix);
        let head = self.bytes.strip_suffix(suffix.bytes.as_ref())?;
        Some(Self::new(glob::pieces(head).map(segment_of).collect()))
    }

    /// What the pattern expands to, as [`glob`] writes it.
    pub(super) fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }

    /// This pattern where a token is known to have a value: it is covered by the pattern for any value, and shown with the
    /// value written out.
    pub fn where_known(&self, token: &str, value: &str) -> Self {
        let segments = glob::pieces(&self.bytes).map(|piece| match piece {
            Piece::Token(name) if name == token => Segment::Token(Token::opaque(format!("{token}={value}"))),
            piece => segment_of(piece),
        });
        Self::new(segments.collect())
    }

    /// If this pattern starts with all of `prefix`, what follows as text in which tokens stand as `${name}`.
    pub fn suffix_behind(&self, prefix: &Self) -> Option<String> {
        let rest = self.bytes.strip_prefix(prefix.bytes.as_ref())?;
        let mut out = String::new();
        for piece in glob::pieces(rest) {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Star => out.push('*'),
                Piece::One => out.push('?'),
                Piece::Token(name) => {
                    out.push_str("${");
                    out.push_str(name);
                    out.push('}');
                }
            }
        }
        Some(out)
    }
}

/// Splits text into literals and wildcards.
pub fn text_segments(text: &str) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut literal = String::new();
    for c in text.chars() {
        let wildcard = match c {
            '*' => Segment::Star,
            '?' => Segment::One,
            c => {
                literal.push(c);
                continue;
            }
        };
        if !literal.is_empty() {
            segments.push(Segment::Text(std::mem::take(&mut literal)));
        }
        segments.push(wildcard);
    }
    if !literal.is_empty() {
        segments.push(Segment::Text(literal));
    }
    segments
}

fn segment_of(piece: Piece<'_>) -> Segment {
    match piece {
        Piece::Text(text) => Segment::Text(text.to_owned()),
        Piece::Star => Segment::Star,
        Piece::One => Segment::One,
        Piece::Token(name) => Segment::Token(Token::opaque(name)),
    }
}

fn expand(segments: &[Segment], bytes: &mut Vec<u8>, depth: usize) {
    for segment in segments {
        match segment {
            Segment::Text(text) => Piece::Text(text).push(bytes),
            Segment::Star => Piece::Star.push(bytes),
            Segment::One => Piece::One.push(bytes),
            Segment::Token(token) => match &token.expansion {
                Some(inner) if depth < MAX_EXPANSION => expand(inner, bytes, depth + 1),
                _ => Piece::Token(&token.name).push(bytes),
            },
        }
    }
}

impl PartialEq for ResourcePattern {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for ResourcePattern {}

impl Hash for ResourcePattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl fmt::Display for ResourcePattern {
    /// `Fn::Sub` notation: tokens as `${name}`, a literal `${` as `${!`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &*self.segments {
            match segment {
                Segment::Text(text) => f.write_str(&text.replace("${", "${!"))?,
                Segment::Token(token) => match token.name.split_once('=') {
                    Some((_, value)) => f.write_str(value)?,
                    None => write!(f, "${{{}}}", token.name)?,
                },
                Segment::Star => f.write_str("*")?,
                Segment::One => f.write_str("?")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn_of(name: &str) -> ResourcePattern {
        let mut spelled = text_segments("arn:aws:dynamodb:r:a:table/");
        spelled.push(Segment::Token(Token::opaque(name)));
        ResourcePattern::new(vec![Segment::Token(Token::expanding(format!("{name}.Arn"), spelled))])
    }

    #[test]
    fn a_token_equals_its_spelled_out_form() {
        let mut spelled = text_segments("arn:aws:dynamodb:r:a:table/");
        spelled.push(Segment::Token(Token::opaque("T")));
        assert_eq!(arn_of("T"), ResourcePattern::new(spelled));
        assert_ne!(arn_of("T"), arn_of("U"));
        assert_eq!(arn_of("T").to_string(), "${T.Arn}");
    }

    #[test]
    fn expansion_stops_at_its_limit() {
        let nested = |levels: usize| {
            let inner = vec![Segment::Text("x".into())];
            let expand = |inner, level| vec![Segment::Token(Token::expanding(format!("T{level}"), inner))];
            ResourcePattern::new((0..levels).fold(inner, expand))
        };
        let text = ResourcePattern::from_text("x");
        assert_eq!(nested(MAX_EXPANSION), text);
        assert_ne!(nested(MAX_EXPANSION + 1), text, "a token that is taken as opaque");
    }

    #[test]
    fn wildcards_reach_into_tokens() {
        assert!(ResourcePattern::from_text("arn:aws:dynamodb:*:*:table/*").covers(&arn_of("T")));
        assert!(!ResourcePattern::from_text("arn:aws:s3:::*").covers(&arn_of("T")));
        assert!(arn_of("T").followed_by("/*").covers(&arn_of("T").followed_by("/index/*")));
    }

    #[test]
    fn a_known_value_is_covered_by_its_token_and_not_the_reverse() {
        let any = ResourcePattern::new(vec![Segment::Token(Token::opaque("P")), Segment::Text(":x".into())]);
        let known = any.where_known("P", "aws");
        assert!(any.covers(&known) && !known.covers(&any));
        assert_eq!(known.to_string(), "aws:x");
    }

    #[test]
    fn what_comes_before_a_suffix_is_told() {
        let index = arn_of("T").followed_by("/index/*");
        assert_eq!(index.before("/index/*"), Some(arn_of("T")));
        assert_eq!(index.before("/stream/*"), None);
    }

    #[test]
    fn the_suffix_behind_an_arn_is_told() {
        let index = arn_of("T").followed_by("/index/*");
        assert_eq!(index.suffix_behind(&arn_of("T")).as_deref(), Some("/index/*"));
        assert_eq!(index.suffix_behind(&arn_of("U")), None);
    }

    #[test]
    fn a_literal_that_looks_like_a_variable_is_shown_as_one_that_is_none() {
        let user = ResourcePattern::new(text_segments("arn:aws:s3:::b/${aws:username}/*"));
        assert_eq!(user.to_string(), "arn:aws:s3:::b/${!aws:username}/*");
    }
}
