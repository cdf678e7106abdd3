//! Texts for files of repositories: templates of every kind, from the fixtures, with the ends of lines and the mark at the
//! beginning that texts of other people have; and what is no template, or not quite one.

use super::random::Random;
use std::fs;
use std::path::{Path, PathBuf};

/// A template, and the ending of its name.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) bytes: Vec<u8>,
    pub(crate) extension: String,
}

/// The template of every fixture.
pub(crate) fn all() -> Vec<Text> {
    let mut texts = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(folder).expect("the fixtures are readable");
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                folders.push(path);
            } else if path.file_stem().is_some_and(|stem| stem == "before") {
                let extension = path.extension().expect("it has an ending").to_string_lossy().into_owned();
                texts.push(Text { bytes: fs::read(&path).expect("a readable file"), extension });
            }
        }
    }
    assert!(texts.len() > 100, "the fixtures are gone");
    texts
}

/// One of `texts`, at times with other ends of lines or a mark at the beginning.
pub(crate) fn any(texts: &[Text], random: &mut Random) -> Text {
    let mut text = random.one_of(texts).clone();
    let plain = !text.bytes.contains(&b'\r') && !text.bytes.starts_with(b"\xef\xbb\xbf");
    match random.below(8) {
        0 if plain => {
            let lines: Vec<&[u8]> = text.bytes.split(|byte| *byte == b'\n').collect();
            text.bytes = lines.join(&b"\r\n"[..]);
        }
        1 if plain => text.bytes.splice(..0, *b"\xef\xbb\xbf").for_each(drop),
        _ => {}
    }
    text
}

/// Files that are no templates or no good ones, with what makes them so.
pub(crate) const ODD: [(&str, &str); 6] = [
    ("syntax.yaml", "Transform: AWS::Serverless-2016-10-31\nResources: {a: [\n"),
    ("plain.yaml", "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n"),
    (
        "{{cookiecutter.name}}.yaml",
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  {{ cookiecutter.name }}:\n    Type: AWS::Serverless::Function\n",
    ),
    (
        "conflict.yaml",
        "Transform: AWS::Serverless-2016-10-31\nResources:\n<<<<<<< ours\n  A: {Type: AWS::SQS::Queue}\n=======\n  B: {Type: AWS::SQS::Queue}\n>>>>>>> theirs\n",
    ),
    ("values.json", "{\"name\": \"AWS::Serverless is mentioned\"}\n"),
    ("notes.md", "# AWS::Serverless\n"),
];
