//! Annotations beside the code on GitHub: one workflow command a notice, in the notation that the runner reads from the
//! output of a step.

use super::escape::escaped;
use super::facts::RunFacts;
use super::model::FileReport;
use super::notice::{Level, Notice, remarks};
use std::io::{self, Write};

/// How many annotations of one kind GitHub shows of one step; it drops the others without a word.
const LIMIT: usize = 10;

/// Longest title, in characters.
const TITLE: usize = 255;

/// Longest message, in characters: far below the 64 KiB that GitHub takes, and more than anybody reads.
const MESSAGE: usize = 4000;

/// Writes annotations, the worst first. Where there are more of a kind than are shown, the last one says how many.
pub fn write_github(out: &mut dyn Write, files: &[FileReport], facts: RunFacts<'_>) -> io::Result<()> {
    let mut all = remarks(files, &facts);
    all.sort_by_key(|notice| (notice.level, notice.standing));
    for (level, word) in [(Level::Error, "error"), (Level::Warning, "warning"), (Level::Note, "notice")] {
        let kind: Vec<&Notice<'_>> = all.iter().filter(|notice| notice.level == level).collect();
        let shown = if kind.len() > LIMIT { LIMIT - 1 } else { kind.len() };
        for notice in &kind[..shown] {
            writeln!(out, "{}", command(word, notice, &facts))?;
        }
        let more = kind.len() - shown;
        if more > 0 {
            let message = format!(
                "{more} more of this kind are not shown, since GitHub shows {LIMIT} a step; the other formats have all"
            );
            writeln!(out, "::{word} title=samwire::{}", data(&message))?;
        }
    }
    Ok(())
}

fn command(word: &str, notice: &Notice<'_>, facts: &RunFacts<'_>) -> String {
    let mut properties = vec![("file", shown_path(&facts.whereabouts.name(notice.file)))];
    if let Some(region) = notice.region {
        let (start, end) = (region.start, region.end);
        properties.push(("line", start.line.to_string()));
        properties.push(("endLine", end.line.to_string()));
        // GitHub refuses columns of an annotation over several lines.
        if start.line == end.line {
            properties.push(("col", start.column.to_string()));
            properties.push(("endColumn", end.column.to_string()));
        }
    }
    properties.push(("title", cut(&notice.title, TITLE)));
    let properties: Vec<String> =
        properties.iter().map(|(key, value)| format!("{key}={}", property(value))).collect();
    let mut message = notice.message.clone();
    for detail in &notice.details {
        message.push('\n');
        message.push_str(detail);
    }
    format!("::{word} {}::{}", properties.join(","), data(&cut(&message, MESSAGE)))
}

fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => {
            let last = text[..end].char_indices().next_back().map_or(0, |(at, _)| at);
            format!("{}…", &text[..last])
        }
        None => text.to_owned(),
    }
}

/// Text as the message of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text as the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A path with what would steer a terminal spelled out, but for line ends: those become escapes that the runner undoes.
fn shown_path(path: &str) -> String {
    path.split_inclusive(['\r', '\n'])
        .map(|line| {
            let body = line.trim_end_matches(['\r', '\n']);
            format!("{}{}", escaped(body), &line[body.len()..])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Decision, HeldBy, Rewrite};
    use crate::report::model::samples::{facts, file, permission, rewrite};
    use crate::report::{Problem, Status};

    fn written(files: &[FileReport], facts: RunFacts<'_>) -> String {
        let mut out = Vec::new();
        write_github(&mut out, files, facts).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_notice_is_a_command_with_its_place() {
        let added = vec![permission("d:Select", "${T.Arn}")];
        let taken = Rewrite { added, ..rewrite(Decision::Taken) };
        let told = written(&[file(vec![taken])], facts());
        let expected = "::notice file=t.yaml,line=2,endLine=2,col=1,endColumn=2,title=function-to-table%3A policy that can \
                        be rewritten::A → T: a connector with Read, Write instead of the policy; equivalent: only \
                        permissions are added that earlier ones imply%0Aadds d:Select on ${T.Arn}%0A`samwire fix` \
                        applies this\n";
        assert_eq!(told, expected);
        assert_eq!(
            written(&[file(vec![rewrite(Decision::Taken)])], RunFacts { applied: true, ..facts() }),
            ""
        );
    }

    #[test]
    fn the_worst_come_first_and_the_last_says_how_many_are_not_shown() {
        let held = || file(vec![rewrite(Decision::Held(HeldBy::Unknown))]);
        let mut files: Vec<FileReport> = (0..12).map(|_| held()).collect();
        files.push(file(vec![rewrite(Decision::Taken)]));
        let problem = Problem::new("syntax", "broken", "mend it");
        files.push(FileReport::without_plan("x,y:z%.yaml".into(), Status::Failed, problem));
        let told = written(&files, facts());
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), 1 + LIMIT);
        assert!(lines[0].starts_with("::error file=x%2Cy%3Az%25.yaml,title=syntax%3A file"), "{told}");
        assert!(lines[1].contains("can be rewritten"), "{told}");
        assert!(lines[LIMIT].starts_with("::notice title=samwire::4 more of this kind"), "{told}");
    }

    #[test]
    fn no_text_ends_a_command_or_starts_another() {
        let hostile = "A\n::error::B\r,file=x:%0A\u{1b}[0m".to_owned();
        let mut report = file(vec![Rewrite {
            source: hostile.clone(),
            profile: hostile.clone(),
            ..rewrite(Decision::Taken)
        }]);
        report.diff_path = hostile.into();
        let told = written(&[report], facts());
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(
            told.starts_with("::notice file=A%0A%3A%3Aerror%3A%3AB%0D%2Cfile=x%3A%250A\\u{1b}[0m,line="),
            "{told}"
        );
        assert_eq!(told.matches(",title=").count(), 1);
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        assert_eq!(cut("éüö", 3), "éüö");
        assert_eq!(cut("éüöä", 3), "éü…");
    }
}
