//! Whole sessions without a terminal: keys in, words out, and what would be written.

mod own_text;

use super::*;
use crate::catalog::Catalog;
use crate::config::{AnswersFile, OfFile};
use crate::plan::{Answers, Options};
use crate::report::Paint;
use crate::text::Source;
use std::collections::VecDeque;

/// What a script does at one question.
enum Step {
    Key(Key),
    Yes(bool),
    /// Enter at a question of yes or no.
    Proposed,
    Line(&'static str),
    Edit(Box<dyn Fn(&str) -> Edited>),
    End(Ended),
}

struct Script {
    steps: VecDeque<Step>,
    seen: String,
}

impl Script {
    fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), seen: String::new() }
    }

    fn next(&mut self, prompt: &str) -> Result<Step, Ended> {
        self.seen.push_str(prompt);
        self.seen.push('\n');
        match self.steps.pop_front() {
            Some(Step::End(ended)) => Err(ended),
            Some(step) => Ok(step),
            None => panic!("the script is at its end, and is asked: {prompt}\n{}", self.seen),
        }
    }
}

impl Console for Script {
    fn size(&self) -> Size {
        Size { columns: 80, rows: 24 }
    }

    fn paint(&self) -> Paint {
        Paint::PLAIN
    }

    fn show(&mut self, text: &str) -> Result<(), Ended> {
        self.seen.push_str(text);
        Ok(())
    }

    fn page(&mut self, text: &str) -> Result<(), Ended> {
        self.show(text)
    }

    fn key(&mut self, prompt: &str) -> Result<Key, Ended> {
        match self.next(prompt)? {
            Step::Key(key) => Ok(key),
            _ => panic!("asked for a key: {prompt}\n{}", self.seen),
        }
    }

    fn confirm(&mut self, prompt: &str, default: bool) -> Result<bool, Ended> {
        match self.next(&format!("{prompt} {}", if default { "[Y/n]" } else { "[y/N]" }))? {
            Step::Yes(yes) => Ok(yes),
            Step::Proposed => Ok(default),
            _ => panic!("asked for yes or no: {prompt}\n{}", self.seen),
        }
    }

    fn line(&mut self, prompt: &str) -> Result<String, Ended> {
        match self.next(prompt)? {
            Step::Line(line) => Ok(line.to_owned()),
            _ => panic!("asked for a line: {prompt}\n{}", self.seen),
        }
    }

    fn edit(&mut self, text: &str, _: &str) -> Result<Edited, Ended> {
        match self.next("editor")? {
            Step::Edit(edit) => Ok(edit(text)),
            _ => panic!("an editor was opened\n{}", self.seen),
        }
    }
}

const TEMPLATE: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  Reader: # reads
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: reader/
      Policies:
        - DynamoDBReadPolicy:
            TableName: !Ref Items
  Writer:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: writer/
      Policies:
        - DynamoDBWritePolicy:
            TableName: !Ref Items
  Other:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: other/
      Policies:
        - DynamoDBReadPolicy:
            TableName: !Ref Items
  Items:
    Type: AWS::Serverless::SimpleTable
";

fn keys(text: &str) -> Vec<Step> {
    text.chars()
        .map(|c| match c {
            '\n' => Step::Key(Key::Enter),
            '\t' => Step::Key(Key::Tab),
            c => Step::Key(Key::Char(c)),
        })
        .collect()
}

fn run_on(desks: Vec<Desk>, steps: Vec<Step>) -> (Ending, Vec<Desk>, String) {
    let options = Options::default();
    let setting = Setting { catalog: Catalog::builtin(), options: &options, context: 3 };
    let mut script = Script::new(steps);
    let (ending, desks) = converse(setting, desks, &mut script);
    assert!(script.steps.is_empty(), "{} steps were not asked for\n{}", script.steps.len(), script.seen);
    (ending.expect("no bug"), desks, script.seen)
}

fn desk(text: &str) -> Desk {
    Desk::new(
        Source::new("template.yaml", text.as_bytes().to_vec()).unwrap(),
        Answers::default(),
        OfFile::default(),
    )
}

fn run(steps: Vec<Step>) -> (Ending, Vec<Desk>, String) {
    run_on(vec![desk(TEMPLATE)], steps)
}

/// The text that a session writes.
fn written(steps: Vec<Step>) -> String {
    let (ending, _, seen) = run(steps.into_iter().chain([Step::Yes(true)]).collect());
    let Ending::Write(files) = ending else { panic!("{ending:?}\n{seen}") };
    assert_eq!(files.len(), 1);
    files[0].after.clone()
}

/// Which functions got a connector.
fn wired(text: &str) -> Vec<&str> {
    let with = |id: &&str| {
        let resource = text.split(&format!("  {id}:")).nth(1).unwrap();
        let resource = resource.split("    Type:").nth(1).unwrap();
        resource.contains("Connectors:")
    };
    ["Reader", "Writer", "Other"].into_iter().filter(with).collect()
}

#[test]
fn enter_takes_what_changes_nothing_and_skips_what_does() {
    assert_eq!(wired(&written(keys("\n\n\n"))), ["Reader", "Other"]);
    assert_eq!(wired(&written(keys("yyn"))), ["Reader", "Writer"]);
}

#[test]
fn one_key_answers_the_rest_of_the_file() {
    assert_eq!(wired(&written(keys("a"))), ["Reader", "Writer", "Other"]);
    assert_eq!(wired(&written(keys("yd"))), ["Reader"]);
}

#[test]
fn one_key_answers_all_that_are_alike() {
    // The writer does something else, so it is still asked.
    assert_eq!(wired(&written(keys("An"))), ["Reader", "Other"]);
    assert_eq!(wired(&written(keys("Dy"))), ["Writer"]);
}

#[test]
fn an_answer_can_be_taken_back() {
    assert_eq!(wired(&written(keys("nuyny"))), ["Reader", "Other"]);
    assert_eq!(wired(&written(keys("yDuny"))), ["Reader", "Other"]);
    let (ending, _, seen) = run(keys("uq"));
    assert!(matches!(ending, Ending::Quit) && seen.contains("no answer to take back"), "{seen}");
}

#[test]
fn one_can_move_without_answering_and_see_what_was_answered() {
    let (_, _, seen) = run(keys("nkq"));
    assert!(seen.contains("[1/3] template.yaml (was: n)"), "{seen}");
    assert_eq!(wired(&written(keys("jjykkyw"))), ["Reader", "Other"]);
    let (_, _, seen) = run(keys("kjjjq"));
    assert!(seen.contains("this is the first one") && seen.contains("this is the last one"), "{seen}");
}

#[test]
fn the_end_shows_the_whole_before_anything_is_written() {
    let steps = keys("yw").into_iter().chain([Step::Yes(true)]).collect();
    let (ending, _, seen) = run(steps);
    let whole = seen.split("--- a/template.yaml").nth(1).expect("a diff");
    assert!(whole.contains("+      ToItems:") && whole.contains("1 rewrite in 1 file"), "{seen}");
    assert!(whole.contains("2 rewrites have no answer and are left as before"), "{seen}");
    assert!(whole.contains("--phase add") && whole.contains("--phase remove"), "{seen}");
    assert!(matches!(ending, Ending::Write(_)));
}

#[test]
fn no_at_the_end_leads_back_to_the_rewrites() {
    let mut steps = keys("yw");
    steps.extend([Step::Yes(false), Step::Yes(true)]);
    steps.extend(keys("yn"));
    assert_eq!(wired(&written(steps)), ["Reader", "Writer"]);
}

#[test]
fn alternatives_come_one_after_the_other_and_the_one_that_is_seen_is_taken() {
    let text = written(keys("\tyd"));
    assert!(text.contains("ReaderToItems:\n    Type: AWS::Serverless::Connector"), "{text}");
    let (_, _, seen) = run(keys("\t\tq"));
    assert!(
        seen.contains("alternative: standalone") || seen.contains("alternative: drop the rest"),
        "{seen}"
    );
}

#[test]
fn quitting_asks_only_where_something_was_taken() {
    assert!(matches!(run(keys("nq")).0, Ending::Quit));
    let mut steps = keys("yq");
    steps.push(Step::Yes(false));
    steps.extend(keys("q"));
    steps.push(Step::Yes(true));
    assert!(matches!(run(steps).0, Ending::Quit));
}

#[test]
fn what_is_broken_off_keeps_its_answers() {
    for ended in [Ended::Interrupted, Ended::Closed("gone".into())] {
        let steps = keys("yn").into_iter().chain([Step::End(ended.clone())]).collect();
        let (ending, desks, _) = run(steps);
        assert!(matches!(ending, Ending::Ended(found) if found == ended));
        let options = Options::default();
        let names = ["template.yaml".to_owned()];
        let kept = records(&desks, &names, true, (Catalog::builtin(), &options)).unwrap();
        assert_eq!(kept.answers.len(), 2);
        let source = desks[0].original().clone();
        let again = super::desks(vec![("template.yaml".to_owned(), source, OfFile::default())], &kept);
        let (_, _, seen) = run_on(again, keys("q").into_iter().chain([Step::Yes(true)]).collect());
        assert!(seen.contains("[3/3]"), "{seen}");
    }
}

#[test]
fn an_ignored_rewrite_gets_a_comment_with_the_reason_and_is_not_asked_again() {
    let mut steps = keys("i");
    steps.push(Step::Line("audited in March"));
    steps.extend(keys("nn"));
    steps.push(Step::Yes(true));
    let (ending, _, seen) = run(steps);
    let Ending::Write(files) = ending else { panic!("{ending:?}") };
    assert!(seen.contains("\n1 comment that ignores a rewrite in 1 file\n"), "{seen}");
    assert_eq!(files[0].in_words(), "1 comment that ignores a rewrite");
    let text = files[0].after.clone();
    let comment =
        "        # samwire: ignore[function-to-table] audited in March\n        - DynamoDBReadPolicy:";
    assert!(text.contains(comment), "{text}");
    assert_eq!(wired(&text), [] as [&str; 0]);
    let mut steps = keys("i");
    steps.push(Step::Line(" "));
    steps.extend(keys("q"));
    assert!(matches!(run(steps).0, Ending::Quit));
}

#[test]
fn comments_and_rewrites_are_counted_apart() {
    let mut steps = keys("i");
    steps.push(Step::Line("later"));
    steps.extend(keys("i"));
    steps.push(Step::Line("later"));
    steps.extend(keys("y"));
    steps.push(Step::Yes(true));
    let (_, _, seen) = run(steps);
    assert!(seen.contains("\n1 rewrite and 2 comments that ignore rewrites in 1 file\n"), "{seen}");
}

#[test]
fn a_draft_is_kept_for_the_file_it_was_made_from_and_no_other() {
    let mut steps = keys("i");
    steps.push(Step::Line("later"));
    steps.push(Step::End(Ended::Interrupted));
    let (_, desks, _) = run(steps);
    let (options, names) = (Options::default(), ["t".to_owned()]);
    let kept = records(&desks, &names, true, (Catalog::builtin(), &options)).unwrap();
    assert_eq!(kept.drafts.len(), 1);
    let again = |text: &str| {
        let source = Source::new("t", text.as_bytes().to_vec()).unwrap();
        let desks = super::desks(vec![("t".to_owned(), source, OfFile::default())], &kept);
        let forgotten = forgotten(&desks, &names, &kept, (Catalog::builtin(), &options)).unwrap();
        (desks[0].draft().is_some(), forgotten.len())
    };
    assert_eq!(again(TEMPLATE), (true, 0));
    assert_eq!(again(&TEMPLATE.replace("# reads", "# reads all")), (false, 1));
    assert_eq!(
        records(&desks, &names, false, (Catalog::builtin(), &options)).unwrap(),
        AnswersFile::default()
    );
}

#[test]
fn every_key_of_the_help_does_something_and_others_are_told() {
    let (_, _, seen) = run(keys("?zxq"));
    assert!(seen.contains("no such key") && seen.contains("another way to write it"), "{seen}");
    assert!(seen.contains("function-to-table"), "{seen}");
}
