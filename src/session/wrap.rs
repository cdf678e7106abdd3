//! Prose in the width of a screen: long lines are broken between words, and go on below where their words began. Refuses to
//! know what the words say, and leaves diffs alone, whose lines are those of a file.

/// Up to where a column of words may begin for the next line to begin there as well.
const HANGING: usize = 16;

/// Text with lines of at most `columns` characters, but for words that are longer. Colours take no room.
pub(super) fn wrapped(text: &str, columns: usize) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for line in text.split_inclusive('\n') {
        match width(line.trim_end_matches('\n')) > columns {
            true => wrap(&mut out, line, columns),
            false => out.push_str(line),
        }
    }
    out
}

fn wrap(out: &mut String, line: &str, columns: usize) {
    let indent = hanging(line);
    let mut column = 0;
    // With the blanks before it each word is one piece, so that columns within the line stay.
    for piece in pieces(line) {
        let word = piece.trim_start_matches(' ');
        let is_first = column == 0;
        if !is_first && column + width(piece.trim_end()) > columns && column > indent {
            let filled = out.trim_end_matches(' ').len();
            out.truncate(filled);
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            out.push_str(word);
            column = indent + width(word);
        } else {
            out.push_str(piece);
            column += width(piece);
        }
    }
}

/// Words with the blanks before them.
fn pieces(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let blanks = rest.len() - rest.trim_start_matches(' ').len();
        let end = rest[blanks..].find(' ').map_or(rest.len(), |at| blanks + at);
        let (piece, behind) = rest.split_at(end);
        rest = behind;
        (!piece.is_empty()).then_some(piece)
    })
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

fn width(text: &str) -> usize {
    visible(text).filter(|c| *c != '\n').count()
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
