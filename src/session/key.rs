//! The keys of the session and what each means.

/// A key that was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A letter or sign.
    Char(char),
    /// Enter.
    Enter,
    /// Tab.
    Tab,
    /// Anything else, such as an arrow.
    Other,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Take,
    Skip,
    TakeFile,
    SkipFile,
    TakeAlike,
    SkipAlike,
    Undo,
    Next,
    Previous,
    Alternative,
    Edit,
    Ignore,
    Explain,
    Finish,
    Quit,
    Help,
}

/// Every key with its meaning, in the order of the help.
pub(super) const KEYS: [(Key, Action, &str); 16] = [
    (Key::Char('y'), Action::Take, "take this rewrite"),
    (Key::Char('n'), Action::Skip, "skip it"),
    (Key::Char('a'), Action::TakeFile, "take this and the rest of the file"),
    (Key::Char('d'), Action::SkipFile, "skip this and the rest of the file"),
    (
        Key::Char('A'),
        Action::TakeAlike,
        "take this and every later one of the same profile that adds and removes the same actions",
    ),
    (Key::Char('D'), Action::SkipAlike, "skip this and all those"),
    (Key::Char('u'), Action::Undo, "undo the last answer"),
    (Key::Char('j'), Action::Next, "go to the next one without answering"),
    (Key::Char('k'), Action::Previous, "go back to the one before"),
    (
        Key::Tab,
        Action::Alternative,
        "another way to write it: keep or drop the rest, embedded or standalone, in the role or as a resource",
    ),
    (Key::Char('e'), Action::Edit, "edit the proposed text of the resource"),
    (Key::Char('i'), Action::Ignore, "ignore it for good, by a comment with your reason"),
    (Key::Char('x'), Action::Explain, "explain the connector profile and the hazards"),
    (Key::Char('w'), Action::Finish, "go to the end now: show everything, then write"),
    (Key::Char('q'), Action::Quit, "quit; nothing is written"),
    (Key::Char('?'), Action::Help, "this help"),
];

/// What a key means; Enter is the answer that is proposed.
pub(super) fn action(key: Key, proposed: bool) -> Option<Action> {
    match key {
        Key::Enter if proposed => Some(Action::Take),
        Key::Enter => Some(Action::Skip),
        key => KEYS.iter().find(|(known, ..)| *known == key).map(|(_, action, _)| *action),
    }
}

/// How a key is written.
pub(super) fn name(key: Key) -> String {
    match key {
        Key::Char(c) => c.to_string(),
        Key::Enter => "Enter".to_owned(),
        Key::Tab => "Tab".to_owned(),
        Key::Other => "?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enter_is_what_is_proposed_and_no_key_has_two_meanings() {
        assert_eq!(action(Key::Enter, true), Some(Action::Take));
        assert_eq!(action(Key::Enter, false), Some(Action::Skip));
        assert_eq!(action(Key::Char('z'), true), None);
        for (number, (key, meaning, _)) in KEYS.iter().enumerate() {
            assert!(KEYS[number + 1..].iter().all(|(other, act, _)| other != key && act != meaning));
        }
    }
}
