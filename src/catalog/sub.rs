//! The placeholders of `Fn::Sub` text as definitions use them. Expands nothing.

/// The names between `${` and `}` in `text`, in order. `${!literal}` is text, not a placeholder, and an
/// unclosed `${` ends the search.
pub fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (_, behind) = rest.split_once("${")?;
            let (name, after) = behind.split_once('}')?;
            rest = after;
            if !name.starts_with('!') {
                return Some(name);
            }
        }
    })
}

/// Whether the placeholder is a pseudo parameter such as `AWS::Region`.
pub(super) fn is_pseudo_parameter(name: &str) -> bool {
    const PSEUDO: [&str; 7] =
        ["AccountId", "NotificationARNs", "Partition", "Region", "StackId", "StackName", "URLSuffix"];
    name.strip_prefix("AWS::").is_some_and(|name| PSEUDO.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found_in_order() {
        let found: Vec<&str> = placeholders("a:${AWS::Region}:${!kept}:${Name}/${").collect();
        assert_eq!(found, ["AWS::Region", "Name"]);
        assert!(is_pseudo_parameter("AWS::Region"));
        assert!(!is_pseudo_parameter("AWS::Regio"));
    }
}
