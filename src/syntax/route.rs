//! Routes: the way from the root of a document to a node, by keys and positions. A route survives edits
//! elsewhere in the text; it knows no document.

use std::fmt;

/// One step of a route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// Into the value of this key of a mapping.
    Key(String),
    /// Into the item at this 0-based position of a sequence.
    Index(usize),
}

impl From<&str> for Component {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<String> for Component {
    fn from(key: String) -> Self {
        Self::Key(key)
    }
}

impl From<usize> for Component {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// The way from the root to a node; the empty route is the root.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Route(Vec<Component>);

impl Route {
    /// The route of the root.
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes one step further.
    pub fn push(&mut self, step: impl Into<Component>) {
        self.0.push(step.into());
    }

    /// The route one step further.
    #[must_use]
    pub fn child(&self, step: impl Into<Component>) -> Self {
        let mut route = self.clone();
        route.push(step);
        route
    }

    /// The steps from the root.
    pub fn components(&self) -> &[Component] {
        &self.0
    }

    /// The route without its last step; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, front) = self.0.split_last()?;
        Some(Self(front.to_vec()))
    }

    /// Whether `other` is this route or leads through it.
    pub fn is_prefix_of(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }
}

impl FromIterator<Component> for Route {
    fn from_iter<I: IntoIterator<Item = Component>>(steps: I) -> Self {
        Self(steps.into_iter().collect())
    }
}

impl fmt::Display for Route {
    /// `Resources.Fn.Properties.Policies[0]`; a key with unusual characters is quoted as in Rust, the root is `.`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str(".");
        }
        for (depth, step) in self.0.iter().enumerate() {
            match step {
                Component::Index(index) => write!(f, "[{index}]")?,
                Component::Key(key) => {
                    if depth > 0 {
                        f.write_str(".")?;
                    }
                    let usual = |c: char| c.is_ascii_alphanumeric() || "_:.-".contains(c);
                    if !key.is_empty() && key.chars().all(usual) {
                        f.write_str(key)?;
                    } else {
                        write!(f, "{key:?}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_read_like_paths() {
        let policies = Route::new().child("Resources").child("Fn").child("Policies");
        assert_eq!(
            policies.child(0).child("Fn::If").child(1).to_string(),
            "Resources.Fn.Policies[0].Fn::If[1]"
        );
        assert_eq!(Route::new().child("a b").child("").to_string(), r#""a b".""#.to_owned() + "\"");
        assert_eq!(Route::new().to_string(), ".");
        assert!(policies.is_prefix_of(&policies.child(2)));
        assert_eq!(policies.child(2).parent(), Some(policies));
    }
}
