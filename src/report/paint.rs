//! Colours, if wanted: wraps words in terminal sequences or leaves them as they are.

use anstyle::{AnsiColor, Style};
use std::fmt::{self, Display};

/// Whether words are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Paint {
    /// Whether terminal sequences are written.
    pub colour: bool,
}

impl Paint {
    /// No colours.
    pub const PLAIN: Self = Self { colour: false };

    /// Something that comes.
    pub fn added<T: Display>(self, word: T) -> impl Display {
        self.with(AnsiColor::Green.on_default(), word)
    }

    /// Something that goes, or an error.
    pub fn removed<T: Display>(self, word: T) -> impl Display {
        self.with(AnsiColor::Red.on_default(), word)
    }

    /// Something to look at before going on.
    pub fn caution<T: Display>(self, word: T) -> impl Display {
        self.with(AnsiColor::Yellow.on_default(), word)
    }

    /// A place in a diff, or an id.
    pub fn mark<T: Display>(self, word: T) -> impl Display {
        self.with(AnsiColor::Cyan.on_default(), word)
    }

    /// A heading.
    pub fn strong<T: Display>(self, word: T) -> impl Display {
        self.with(Style::new().bold(), word)
    }

    /// Something of second rank.
    pub fn faint<T: Display>(self, word: T) -> impl Display {
        self.with(Style::new().dimmed(), word)
    }

    fn with<T: Display>(self, style: Style, word: T) -> impl Display {
        Painted { style: if self.colour { style } else { Style::new() }, word }
    }
}

struct Painted<T> {
    style: Style,
    word: T,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.style.render())?;
        self.word.fmt(f)?;
        write!(f, "{}", self.style.render_reset())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_carry_no_sequences_and_widths_count_letters_only() {
        assert_eq!(format!("{:4}|", Paint::PLAIN.added("ab")), "ab  |");
        assert_eq!(format!("{:4}|", Paint { colour: true }.added("ab")), "\u{1b}[32mab  \u{1b}[0m|");
    }
}
