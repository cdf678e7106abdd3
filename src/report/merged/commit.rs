//! The message of a commit that holds what one run has changed; engines make title and text of a pull request of it. Names
//! are other people's text: none begins a line, and none can be a comment, a trailer, a mention or the number of an issue.

use super::record::{FileRecord, RewriteRecord, RunRecord};
use super::told;
use crate::iam::Permission;
use crate::report::escape::escaped;
use crate::report::permissions::phrases;
use std::collections::BTreeSet;
use std::io::{self, Write};
use textwrap::{Options, WordSeparator, WordSplitter};

/// Most characters of the subject and of a line of the body, but for words that are longer.
const WIDTH: usize = 72;

/// Most bytes of the body, as a pull request takes it.
const LIMIT: usize = 60_000;

/// Kept free of that for what stands behind the files.
const CLOSING: usize = 8_000;

/// Most characters of one item: what is longer is no name that anybody reads.
const ITEM: usize = 1_000;

/// Writes the message about what is, or would be, changed in the files of a run.
pub fn write_commit(out: &mut dyn Write, run: &RunRecord) -> io::Result<()> {
    let files: Vec<&FileRecord> =
        run.files.iter().filter(|file| matches!(file.status.as_str(), "changed" | "would-change")).collect();
    let mut message = Message { text: subject(run, &files), left_out: 0, limit: LIMIT - CLOSING };
    for file in &files {
        message.file(file);
    }
    message.limit = LIMIT;
    if message.left_out > 0 {
        let parts = told::counted(message.left_out, "rewrite is", "rewrites are");
        message.paragraph(&format!("{parts} left out here, since a message has a limit."));
    }
    message.before_deploying(run, &files);
    let summary = run.summary;
    let rest = [(summary.held, "held back"), (summary.left_alone, "left alone")];
    let rest: Vec<String> =
        rest.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if !rest.is_empty() {
        message.paragraph(&format!("What is not rewritten: {}.", rest.join(", ")));
    }
    let tool = &run.tool;
    let (version, transforms, digest) =
        (foreign(&tool.version), foreign(&tool.transforms), foreign(&run.config_digest));
    message.paragraph(&format!("Made by samwire {version} ({transforms}), options {digest}."));
    out.write_all(message.text.as_bytes())
}

/// One line in which the size of the change is told, and the file if it is the only one.
fn subject(run: &RunRecord, files: &[&FileRecord]) -> String {
    let rewrites = files.iter().any(|file| file.taken().next().is_some());
    let what = match (rewrites, run.direction.as_str(), run.phase.as_str()) {
        (false, ..) if files.is_empty() => return "Change no SAM template".to_owned(),
        (false, ..) => "Mend",
        (true, "policies", "add") => "Add policies beside SAM connectors in",
        (true, "policies", "remove") => "Remove SAM connectors that policies cover in",
        (true, "policies", _) => "Replace SAM connectors by policies in",
        (true, _, "add") => "Add SAM connectors beside policies in",
        (true, _, "remove") => "Remove policies that SAM connectors cover in",
        (true, ..) => "Replace policies by SAM connectors in",
    };
    if let [file] = files {
        let path = foreign(&file.path);
        let named = format!("{what} {path}");
        if named.chars().count() <= WIDTH && path == file.path && !path.ends_with(char::is_whitespace) {
            return named;
        }
    }
    format!("{what} {}", told::counted(files.len() as u64, "template", "templates"))
}

struct Message {
    text: String,
    /// Rewrites for which there was no room.
    left_out: u64,
    limit: usize,
}

impl Message {
    fn file(&mut self, file: &FileRecord) {
        // Without room for one rewrite more, a heading would have nothing below it.
        if self.left_out > 0 || self.text.len() + ITEM > self.limit {
            self.left_out += file.taken().count() as u64;
            return;
        }
        self.paragraph(&format!("In {}:", foreign(&file.path)));
        self.text.push('\n');
        for rewrite in file.taken() {
            let mut text = item(0, &heading(rewrite));
            for (word, list) in deltas(rewrite) {
                for phrase in phrases(list, false) {
                    text.push_str(&item(1, &format!("{word} {}", foreign(&phrase.to_string()))));
                }
            }
            if self.left_out > 0 || self.text.len() + text.len() > self.limit {
                self.left_out += 1;
            } else {
                self.text.push_str(&text);
            }
        }
        for mended in file.mended.iter().flat_map(|mended| &mended.findings) {
            self.item(&format!("mends {}: {}", foreign(&mended.id), foreign(&mended.message)));
        }
    }

    fn before_deploying(&mut self, run: &RunRecord, files: &[&FileRecord]) {
        let hazards = files.iter().flat_map(|file| file.taken()).flat_map(|rewrite| &rewrite.hazards);
        let hazards: BTreeSet<(&str, &str)> = hazards.map(|note| (&*note.id, &*note.message)).collect();
        if hazards.is_empty() && run.deployer_actions.is_empty() {
            return;
        }
        self.paragraph("Before deploying:");
        self.text.push('\n');
        if !run.deployer_actions.is_empty() {
            let actions: Vec<&str> = run.deployer_actions.iter().map(String::as_str).collect();
            self.item(&format!("whoever deploys also needs {}", foreign(&actions.join(", "))));
        }
        let mut left_out = 0;
        for (id, message) in hazards {
            let text = item(0, &format!("{}: {}", foreign(id), foreign(message)));
            // The lines behind this list need some room, too.
            if self.text.len() + text.len() + CLOSING / 4 > self.limit {
                left_out += 1;
            } else {
                self.text.push_str(&text);
            }
        }
        if left_out > 0 {
            self.item(&format!("and {left_out} more"));
        }
    }

    fn item(&mut self, text: &str) {
        let text = item(0, text);
        if self.text.len() + text.len() <= self.limit {
            self.text.push_str(&text);
        }
    }

    /// A paragraph, which has to begin with a word of ours.
    fn paragraph(&mut self, text: &str) {
        let text = wrapped(text, "", "  ");
        if self.text.len() + text.len() < self.limit {
            // Behind a list that had no room there are two ends of lines already, of which git would take one.
            self.text.truncate(self.text.trim_end().len());
            self.text.push_str("\n\n");
            self.text.push_str(&text);
        }
    }
}

fn heading(rewrite: &RewriteRecord) -> String {
    let (source, destination) = (foreign(&rewrite.source), foreign(&rewrite.destination));
    let permissions = foreign(&rewrite.permissions.join(", "));
    let effect = rewrite.effect.as_str();
    format!("{source} to {destination} ({permissions}), {effect}")
}

/// What a rewrite does to permissions; where only a step of it is made, what that does.
fn deltas(rewrite: &RewriteRecord) -> [(&'static str, &[Permission]); 3] {
    let (added, removed) = match &rewrite.step {
        Some(step) => (&step.added, &step.removed),
        None => (&rewrite.added, &rewrite.removed),
    };
    [("adds", added), ("removes", removed), ("keeps", &rewrite.kept)]
}

/// An item of a list, `depth` lists deep.
fn item(depth: usize, text: &str) -> String {
    let indent = "  ".repeat(depth);
    let text: String = match text.char_indices().nth(ITEM) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    };
    wrapped(&text, &format!("{indent}- "), &format!("{indent}  "))
}

fn wrapped(text: &str, first: &str, next: &str) -> String {
    let options = Options::new(WIDTH)
        .initial_indent(first)
        .subsequent_indent(next)
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation)
        .word_separator(WordSeparator::AsciiSpace);
    let mut out = String::new();
    // What is no space for the wrapping may still be one for git, which takes it from the end of a line.
    for line in textwrap::wrap(text, options) {
        let line = line.trim_end();
        if !line.trim_start().is_empty() {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// Text of other people. Controls are spelled out, and so are the signs by which code hosts know people and issues.
fn foreign(text: &str) -> String {
    let text = escaped(text);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '#' | '@' | '<' | '>' => out.extend(c.escape_unicode()),
            // Git takes a message with one of these for no UTF-8 at all.
            c if is_noncharacter(c) => out.extend(c.escape_unicode()),
            // Other blanks than the plain one would be taken for an end of line by one program or another.
            c if c.is_whitespace() && c != ' ' => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// Whether Unicode sets a code point aside as no character.
fn is_noncharacter(c: char) -> bool {
    matches!(c as u32, 0xfdd0..=0xfdef) || c as u32 & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::merged::{NoteRecord, ToolRecord};

    fn permission(action: &str) -> Permission {
        crate::report::samples::permission(action, "${OrdersTable.Arn}")
    }

    fn run(files: Vec<FileRecord>) -> RunRecord {
        RunRecord {
            tool: ToolRecord { name: "samwire".into(), version: "0.0.0".into(), transforms: "SAM 0".into() },
            direction: "connectors".into(),
            phase: "both".into(),
            config_digest: "sha256:00".into(),
            files,
            ..RunRecord::default()
        }
    }

    fn file(path: &str, rewrites: Vec<RewriteRecord>) -> FileRecord {
        FileRecord { path: path.into(), status: "changed".into(), rewrites, ..FileRecord::default() }
    }

    fn rewrite(source: &str) -> RewriteRecord {
        RewriteRecord {
            id: "function-to-table".into(),
            source: source.into(),
            destination: "OrdersTable".into(),
            permissions: vec!["Read".into(), "Write".into()],
            effect: crate::iam::Effect::Equivalent,
            decision: "taken".into(),
            ..RewriteRecord::default()
        }
    }

    fn written(run: &RunRecord) -> String {
        let mut out = Vec::new();
        write_commit(&mut out, run).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_message_tells_what_a_reviewer_asks() {
        let taken = RewriteRecord {
            added: vec![Permission {
                implied_by: vec!["dynamodb:GetItem".into(), "dynamodb:Query".into()],
                ..permission("dynamodb:PartiQLSelect")
            }],
            kept: vec![permission("dynamodb:DescribeTable")],
            hazards: vec![NoteRecord { id: "deploy-gap".into(), message: "mind the gap".into() }],
            ..rewrite("Orders")
        };
        let mut run = run(vec![file("services/orders/template.yaml", vec![taken])]);
        run.deployer_actions.insert("iam:CreatePolicy".into());
        run.summary.left_alone = 2;
        let expected = "\
Replace policies by SAM connectors in services/orders/template.yaml

In services/orders/template.yaml:

- Orders to OrdersTable (Read, Write), equivalent
  - adds dynamodb:PartiQLSelect on ${OrdersTable.Arn} (implied by
    dynamodb:GetItem, Query)
  - keeps dynamodb:DescribeTable on ${OrdersTable.Arn}

Before deploying:

- whoever deploys also needs iam:CreatePolicy
- deploy-gap: mind the gap

What is not rewritten: 2 left alone.

Made by samwire 0.0.0 (SAM 0), options sha256:00.
";
        assert_eq!(written(&run), expected);
    }

    #[test]
    fn no_name_is_more_than_a_name() {
        let names = [
            "# x\n#y",
            "a\n\nSigned-off-by: x <x@x.example>",
            "fixes #12 @team",
            "---",
            "x \u{a0}\u{2028}",
            "",
            &"long word ".repeat(40),
        ];
        let files = names.iter().map(|name| file(name, vec![rewrite(name)])).collect();
        let text = written(&run(files));
        let body = text.split_once("\n\n").unwrap();
        assert_eq!(body.0, "Replace policies by SAM connectors in 7 templates");
        for line in body.1.lines() {
            let ours = ["In ", "Made ", "- ", "  "].iter().any(|start| line.starts_with(start));
            assert!(ours || line.is_empty(), "{line:?}");
            assert!(!line.contains(['#', '@']) && line.trim_end() == line, "{line:?}");
            assert!(line.chars().count() <= WIDTH || !line.trim().contains(' '), "{line:?}");
        }
        assert!(!text.contains("\n\n\n"), "{text}");
    }

    #[test]
    fn a_message_has_a_limit_and_says_what_is_left_out() {
        let many = (0..4000).map(|number| rewrite(&format!("Function{number}"))).collect();
        let text = written(&run(vec![file("t.yaml", many)]));
        assert!(text.len() <= LIMIT, "{}", text.len());
        assert!(text.contains(" rewrites are left out here"), "{}", &text[text.len() - 300..]);
        assert!(text.ends_with("options sha256:00.\n"));
    }

    #[test]
    fn a_subject_says_the_step() {
        for (direction, phase, expected) in [
            ("connectors", "add", "Add SAM connectors beside policies in t.yaml"),
            ("connectors", "remove", "Remove policies that SAM connectors cover in t.yaml"),
            ("policies", "both", "Replace SAM connectors by policies in t.yaml"),
        ] {
            let run = RunRecord {
                direction: direction.into(),
                phase: phase.into(),
                ..run(vec![file("t.yaml", vec![rewrite("A")])])
            };
            assert_eq!(written(&run).lines().next(), Some(expected));
        }
        assert!(written(&run(Vec::new())).starts_with("Change no SAM template\n\n"));
        assert!(written(&run(vec![file("t.yaml", Vec::new())])).starts_with("Mend t.yaml\n"));
    }
}
