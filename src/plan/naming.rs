//! Names for new connectors and conditions that collide with nothing: neither with what is written nor with the logical
//! ids that SAM generates. What SAM generates is data of the catalogue.

use super::edge::Edge;
use super::far::Far;
use crate::analysis::{Analysis, Resolver, generated};
use crate::catalog::GrantKind;
use crate::iam::{ResourcePattern, Segment};
use hashbrown::HashSet;

/// Longest name that is made from an expression; a longer one is no name that a person would give.
const MAX_EXTERNAL_NAME: usize = 60;

/// Logical ids that are taken.
#[derive(Debug, Clone)]
pub(super) struct Names {
    ids: HashSet<String>,
    conditions: HashSet<String>,
}

impl Names {
    /// Every id of the template, written or generated.
    pub(super) fn of(resolver: &Resolver<'_>, analysis: &Analysis) -> Self {
        let mut ids = HashSet::new();
        for resource in resolver.template.resources() {
            ids.insert(resource.id.clone());
            ids.extend(generated::of_resource(resolver, resource));
        }
        for view in &analysis.connectors {
            let connector = &view.connector;
            ids.insert(connector.id.clone());
            for plain in generated::of_any(resolver.catalog, &connector.id, None) {
                for index in 0..connector.destinations.len() {
                    ids.insert(format!("{plain}Destination{index}"));
                }
                ids.insert(plain);
            }
        }
        let conditions = resolver.template.conditions().keys().cloned().collect();
        Self { ids, conditions }
    }

    /// The key and the logical id of a new connector from `source` to `destination`, which are then taken.
    pub(super) fn connector(
        &mut self,
        resolver: &Resolver<'_>,
        kind: GrantKind,
        source: &str,
        destination: &str,
    ) -> (String, String) {
        let mut number = 1;
        loop {
            let key = match number {
                1 => format!("To{destination}"),
                n => format!("To{destination}{n}"),
            };
            let id = format!("{source}{key}");
            let generated = generated::of_any(resolver.catalog, &id, Some(kind));
            if !self.ids.contains(&id) && generated.iter().all(|g| !self.ids.contains(g)) {
                self.take(resolver, kind, &id);
                return (key, id);
            }
            number += 1;
        }
    }

    /// Whether nothing has a logical id.
    pub(super) fn is_free(&self, id: &str) -> bool {
        !self.ids.contains(id)
    }

    /// Takes the logical id of a connector and those of what it generates.
    pub(super) fn take(&mut self, resolver: &Resolver<'_>, kind: GrantKind, id: &str) {
        self.ids.insert(id.to_owned());
        self.ids.extend(generated::of_any(resolver.catalog, id, Some(kind)));
    }

    /// The name of a new condition that holds when all `parts` do (each the name of a condition and whether it must
    /// hold), such as `ProdAndNotBlue`. It is then taken.
    pub(super) fn condition(&mut self, parts: &[(String, bool)]) -> String {
        let mut base = String::new();
        for (name, holds) in parts {
            let word = if *holds { name } else { &format!("Not{}", capitalised(name)) };
            match base.as_str() {
                "" => base.push_str(word),
                _ => base.extend(["And", &capitalised(word)]),
            }
        }
        let mut name = base.clone();
        let mut number = 2;
        while !self.conditions.insert(name.clone()) {
            name = format!("{base}{number}");
            number += 1;
        }
        name
    }
}

/// What the far end is called in the name of a connector: a logical id, the words of what an ARN comes from, or the ids of
/// all destinations.
pub(super) fn far_name(resolver: &Resolver<'_>, edge: &Edge) -> String {
    let id = |position: usize| capitalised(&resolver.template.resources()[position].id);
    match &edge.far {
        _ if edge.polls => id(edge.near),
        Far::Resource(position) => id(*position),
        Far::Inferred(positions) => match positions.as_slice() {
            [first, second] => format!("{}And{}", id(*first), id(*second)),
            [only] => id(*only),
            several => format!("{}AndOthers", several.first().map(|&p| id(p)).unwrap_or_default()),
        },
        Far::External(..) => edge.spelled.as_ref().map_or("External".into(), |s| external_name(&s.end.arn)),
    }
}

/// What an ARN from outside is called: after the parameter, export or attribute in it, else after its last literal part, and
/// what qualifies a resource behind that.
fn external_name(arn: &ResourcePattern) -> String {
    let segments = arn.segments();
    let named = segments.iter().rposition(|segment| match segment {
        Segment::Token(token) => !token.name().starts_with("AWS::"),
        _ => false,
    });
    let literal = |segments: &[Segment]| {
        let text = segments.iter().rev().find_map(|segment| match segment {
            Segment::Text(text) => Some(text.as_str()),
            _ => None,
        });
        words(text.and_then(|text| text.rsplit([':', '/']).next()).unwrap_or_default())
    };
    let mut name = match named.map(|at| (&segments[at], &segments[at..])) {
        Some((Segment::Token(token), rest)) => {
            let qualifier = literal(rest);
            let open = rest.iter().any(|segment| matches!(segment, Segment::Star));
            words(source_name(token.name())) + if open { "Qualified" } else { &qualifier }
        }
        _ => literal(segments),
    };
    if name.is_empty() || name.len() > MAX_EXTERNAL_NAME {
        name = "External".into();
    }
    name
}

/// The name in what an expression stands for: of an import its export, without what `Fn::Sub` puts in; of an attribute the
/// resource and what the attribute is of.
fn source_name(token: &str) -> &str {
    let inner = token.strip_prefix("Fn::ImportValue(").and_then(|text| text.strip_suffix(')'));
    match inner {
        Some(export) => {
            export.strip_prefix("Fn::Sub(").and_then(|text| text.strip_suffix(')')).unwrap_or(export)
        }
        None => token.strip_suffix(".Arn").unwrap_or(token),
    }
}

/// The words of a text in camel case, without references and without `Outputs`, which every output of a nested stack has.
fn words(text: &str) -> String {
    let mut literal = String::new();
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once("${") {
        literal.push_str(head);
        literal.push(' ');
        rest = tail.split_once('}').map_or("", |(_, behind)| behind);
    }
    literal.push_str(rest);
    let mut out = String::new();
    for word in literal.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| *word != "Outputs") {
        out.push_str(&capitalised(word));
    }
    out
}

/// A word as it stands behind others in camel case.
fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::{Token, text_segments};

    #[test]
    fn something_outside_is_called_after_what_names_it() {
        let token = |name: &str| Segment::Token(Token::opaque(name));
        let name = |segments: Vec<Segment>| external_name(&ResourcePattern::new(segments));
        assert_eq!(name(vec![token("TableArn")]), "TableArn");
        assert_eq!(name(vec![token("Fn::ImportValue(Fn::Sub(\"flow-${Stage}-days\"))")]), "FlowDays");
        assert_eq!(name(vec![token("Nested.Outputs.TableArn")]), "NestedTableArn");
        assert_eq!(name([vec![token("F.Arn")], text_segments(":*")].concat()), "FQualified");
        assert_eq!(name([vec![token("F.Arn")], text_segments(":live")].concat()), "FLive");
        assert_eq!(name(text_segments("arn:aws:dynamodb:eu-west-1:1:table/old-orders")), "OldOrders");
        assert_eq!(name(vec![]), "External");
    }
}
