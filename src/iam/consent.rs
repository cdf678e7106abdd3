//! Patterns by which a user accepts added or removed permissions: `ACTION[@RESOURCE]`. Knows no command line.

use super::{ActionPattern, glob};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A consent pattern such as `dynamodb:PartiQL*` or `lambda:InvokeFunction@*:*`; `*` matches anything, the resource
/// is in `Fn::Sub` notation.
#[derive(Debug, Clone)]
pub struct ConsentPattern {
    text: String,
    action: ActionPattern,
    resource: Option<String>,
}

/// Why a text is no consent pattern.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{0}` is no consent pattern: expected ACTION or ACTION@RESOURCE, such as `dynamodb:PartiQL*` or `dynamodb:DescribeTable@${{Table.Arn}}`"
)]
pub struct ConsentPatternError(String);

impl FromStr for ConsentPattern {
    type Err = ConsentPatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (action, resource) = match text.split_once('@') {
            Some((action, resource)) => (action, Some(resource)),
            None => (text, None),
        };
        let well_formed =
            action == "*" || action.split_once(':').is_some_and(|(s, a)| !s.is_empty() && !a.is_empty());
        if !well_formed || resource.is_some_and(str::is_empty) || text.contains(char::is_whitespace) {
            return Err(ConsentPatternError(text.to_owned()));
        }
        Ok(Self {
            text: text.to_owned(),
            action: ActionPattern::new(action),
            resource: resource.map(str::to_owned),
        })
    }
}

impl ConsentPattern {
    /// Whether this pattern accepts the given action on the given resource. An open action such as `dynamodb:*` is
    /// accepted only by a pattern that covers the pattern itself.
    pub fn accepts(&self, action: &str, resource: &str) -> bool {
        self.action.covers(&ActionPattern::new(action))
            && self.resource.as_ref().is_none_or(|own| glob::text_covers(own, resource))
    }
}

impl fmt::Display for ConsentPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> ConsentPattern {
        text.parse().unwrap()
    }

    #[test]
    fn actions_and_resources_are_matched() {
        assert!(pattern("dynamodb:PartiQL*").accepts("dynamodb:PartiQLSelect", "${T.Arn}"));
        assert!(pattern("lambda:InvokeFunction@*:*").accepts("lambda:InvokeFunction", "${F.Arn}:*"));
        assert!(!pattern("lambda:InvokeFunction@*:*").accepts("lambda:InvokeFunction", "${F.Arn}"));
        assert!(pattern("dynamodb:DescribeTable@${T.Arn}").accepts("dynamodb:describetable", "${T.Arn}"));
        assert_eq!(pattern(" lambda:*@* ").to_string(), "lambda:*@*");
    }

    #[test]
    fn an_open_action_needs_a_pattern_that_covers_it() {
        assert!(pattern("dynamodb:*").accepts("dynamodb:*", "x"));
        assert!(!pattern("dynamodb:Get*").accepts("dynamodb:*", "x"));
    }

    #[test]
    fn malformed_patterns_are_refused() {
        for text in ["", "GetItem", "dynamodb:", "a:b@", "a:b c"] {
            assert!(text.parse::<ConsentPattern>().is_err(), "{text}");
        }
    }
}
