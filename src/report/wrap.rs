//! Prose in the width of a screen: long lines are broken between words, and go on below where their words began. Refuses to
//! know what the words say, and leaves diffs alone, whose lines are those of a file.

use textwrap::{Options, WordSeparator, WordSplitter};

/// Up to where a column of words may begin for the next line to begin there as well.
const HANGING: usize = 16;

/// Text with lines of at most `columns` characters, but for words that are longer. Colours take no room.
pub fn wrapped(text: &str, columns: usize) -> String {
    let fill = |line: &str| {
        let indent = " ".repeat(hanging(line));
        let options = Options::new(columns)
            .subsequent_indent(&indent)
            .break_words(false)
            // An option such as `--accept-add` is one word.
            .word_splitter(WordSplitter::NoHyphenation)
            .word_separator(WordSeparator::AsciiSpace);
        textwrap::fill(line, options)
    };
    text.split_inclusive('\n').map(fill).collect()
}

/// The column at which the words of a line begin: behind the last wide gap near its beginning, else somewhat further in than
/// the line itself.
fn hanging(line: &str) -> usize {
    let (mut column, mut blanks, mut found) = (0, 0, None);
    for c in visible(line) {
        if c == ' ' {
            blanks += 1;
        } else {
            if blanks >= 2 && column > blanks {
                found = Some(column);
            }
            blanks = 0;
        }
        column += 1;
        if column > HANGING {
            break;
        }
    }
    let own = visible(line).take_while(|c| *c == ' ').count();
    found.unwrap_or(own + 2)
}

/// The characters of a text without those of colours.
fn visible(text: &str) -> impl Iterator<Item = char> {
    let mut in_colour = false;
    text.chars().filter(move |c| match (in_colour, c) {
        (false, '\u{1b}') => {
            in_colour = true;
            false
        }
        (true, c) => {
            in_colour = !c.is_ascii_alphabetic();
            false
        }
        (false, _) => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_go_on_where_their_words_began() {
        for (text, expected) in [
            ("a line that fits\n", "a line that fits\n"),
            ("a line that does not fit\n", "a line that does not\n  fit\n"),
            ("  + adds    one, two, three\n", "  + adds    one,\n            two,\n            three\n"),
            ("  ! gap: one two three four", "  ! gap: one two\n    three four"),
            ("a-word-that-is-longer-than-all and more", "a-word-that-is-longer-than-all\n  and more"),
            ("", ""),
        ] {
            assert_eq!(wrapped(text, 20), expected);
        }
    }

    #[test]
    fn colours_take_no_room_and_are_not_torn() {
        let coloured = "  \u{1b}[33m!\u{1b}[0m \u{1b}[33mgap\u{1b}[0m: one two three four\n";
        let plain = |text: &str| visible(text).collect::<String>();
        assert_eq!(plain(&wrapped(coloured, 20)), "  ! gap: one two\n    three four\n");
        assert_eq!(wrapped(coloured, 80), coloured);
    }
}
