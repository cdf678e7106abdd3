//! Texts of a person's own: what is said of them, what Enter means for them, and what comes of them at the end.

use super::{Edited, Ending, Step, keys, run, wired, written};

/// An edit of the first proposal.
fn edit(from: &'static str, to: &'static str) -> Step {
    Step::Edit(Box::new(move |text: &str| {
        assert!(text.contains(from) && text.starts_with("  Reader: # reads\n"), "{text}");
        Edited::Text(text.replace(from, to))
    }))
}

#[test]
fn enter_takes_a_text_of_ones_own_where_nothing_is_gained_or_lost() {
    let mut steps = keys("e");
    steps.extend([edit("# reads", "# only reads"), Step::Proposed]);
    steps.extend(keys("nn"));
    assert!(written(steps).contains("Reader: # only reads"));
    // Both categories instead of one, and the other instead of it.
    for (to, effect) in [("- Read\n            - Write", "wider"), ("- Write", "mixed")] {
        let mut steps = keys("e");
        steps.extend([edit("- Read", to), Step::Proposed, Step::Yes(false)]);
        steps.extend(keys("q"));
        let (_, desks, seen) = run(steps);
        assert!(seen.contains(&format!("your text: {effect}")), "{seen}");
        assert!(seen.contains("Take your text? [y/N]") && desks[0].draft().is_none(), "{seen}");
    }
}

/// What is said between the effect and the question.
fn consequences<'a>(seen: &'a str, effect: &str, question: &str) -> Vec<&'a str> {
    let (_, rest) = seen.split_once(effect).expect("an effect");
    let (said, _) = rest.split_once(question).expect("a question");
    said.lines().skip(1).collect()
}

#[test]
fn a_text_of_ones_own_says_of_deploying_what_the_proposal_says() {
    let mut steps = keys("e");
    steps.extend([edit("# reads", "# only reads"), Step::Yes(true)]);
    steps.extend(keys("nn"));
    steps.push(Step::Yes(true));
    let (_, _, edited) = run(steps);
    let (_, _, unedited) = run(keys("ynn").into_iter().chain([Step::Yes(true)]).collect());
    let said = consequences(&edited, "your text: equivalent", "Take your text?");
    assert_eq!(said, consequences(&unedited, "  equivalent", "Take it?"));
    for words in ["= keeps", "! deploy-gap", "role ReaderRole: managed policies 1 → 2 of 10"] {
        assert!(said.iter().any(|line| line.contains(words)), "no {words} in {said:?}");
    }
    let totals = |seen| consequences(seen, "1 rewrite in 1 file", "Write 1 file?").join("\n");
    assert_eq!(totals(&edited), totals(&unedited));
    assert!(totals(&edited).contains("needs iam:AttachRolePolicy"), "{edited}");
    assert!(totals(&edited).contains("! deploying this in one step leaves a moment"), "{edited}");
}

#[test]
fn a_text_of_ones_own_warns_of_nothing_that_it_does_not_do() {
    // The policy stays beside the connector, or in its stead.
    fn beside(text: &str) -> String {
        let policy = "        - DynamoDBReadPolicy:\n            TableName: !Ref Items\n";
        text.replacen("      Policies:\n", &format!("      Policies:\n{policy}"), 1)
    }
    fn instead(text: &str) -> String {
        let text = beside(text);
        let (head, rest) = text.split_once("    Connectors:\n").unwrap();
        let (_, properties) = rest.split_once("\n    Properties:\n").unwrap();
        format!("{head}    Properties:\n{properties}")
    }
    for (edit, comes) in [(beside as fn(&str) -> String, true), (instead, false)] {
        let mut steps = keys("e");
        steps.extend([Step::Edit(Box::new(move |text: &str| Edited::Text(edit(text)))), Step::Yes(true)]);
        steps.extend(keys("nn"));
        steps.push(Step::Yes(true));
        let (_, _, seen) = run(steps);
        let (_, said) = seen.split_once("your text: ").unwrap();
        let (judged, end) = said.split_once("Take your text?").unwrap();
        assert!(!judged.contains("deploy-gap") && !end.contains("leaves a moment"), "{said}");
        assert_eq!(judged.contains("managed policies 1 → 2"), comes, "{judged}");
        assert_eq!(end.contains("needs iam:AttachRolePolicy"), comes, "{end}");
    }
}

#[test]
fn a_text_of_ones_own_is_judged_and_taken() {
    let mut steps = keys("e");
    steps.extend([edit("- Read", "- Write"), Step::Yes(true)]);
    steps.extend(keys("nn"));
    let (ending, _, seen) = run(steps.into_iter().chain([Step::Yes(true)]).collect());
    assert!(seen.contains("your text: mixed") && seen.contains("1 rewrite in 1 file"), "{seen}");
    let Ending::Write(files) = ending else { panic!() };
    assert!(files[0].after.contains("- Write") && wired(&files[0].after) == ["Reader"], "{}", files[0].after);
}

#[test]
fn a_broken_text_is_explained_and_can_be_mended_or_dropped() {
    let to = |text: &'static str| Step::Edit(Box::new(move |_: &str| Edited::Text(text.to_owned())));
    let cases = [
        ("  Reader: [", "not valid YAML"),
        ("  Reeder:\n    Type: x\n", "`Reader` is gone"),
        ("  Reader:\n    Type: x\n  More:\n    Type: y\n", "reaches beyond `Reader`"),
        ("  Reader:\n    Type: x\n    Type: y\n", "`Type` is there twice"),
        (
            "  Reader:\n    Type: AWS::Serverless::Function\n    Connectors: {X: {Properties: {}}}\n",
            "SAM would refuse connector `ReaderX`: Missing required property 'Destination'",
        ),
    ];
    for (broken, why) in cases {
        let mut steps = keys("e");
        steps.extend([to(broken), Step::Yes(false)]);
        steps.extend(keys("q"));
        let (ending, desks, seen) = run(steps);
        let words = seen.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(matches!(ending, Ending::Quit) && words.contains(why), "{seen}");
        assert_eq!(desks[0].draft(), None);
    }
    for failed in [Edited::Unsaved, Edited::Failed("vi: not found".into())] {
        let mut steps = keys("e");
        steps.push(Step::Edit(Box::new(move |_: &str| failed.clone())));
        steps.extend(keys("q"));
        assert!(run(steps).2.contains("nothing is changed"));
    }
}

#[test]
fn what_is_wrong_with_a_text_is_said_in_the_width_of_the_screen() {
    let broken = Step::Edit(Box::new(|_: &str| Edited::Text("  Reader: [".to_owned())));
    let mut steps = keys("e");
    steps.extend([broken, Step::Yes(false)]);
    steps.extend(keys("q"));
    let (_, _, seen) = run(steps);
    let said = seen.lines().skip_while(|line| !line.contains("cannot be used so"));
    let said: Vec<&str> = said.take_while(|line| !line.contains("Edit it again?")).collect();
    assert!(said.len() > 1 && said.iter().all(|line| line.chars().count() <= 80), "{said:?}");
}
