//! The report for programs, a line at a time: the same fields as in one document, in pieces that need not be held in
//! memory together.

use super::shape::File;
use super::{head, tail};
use crate::report::facts::RunFacts;
use crate::report::model::FileReport;
use serde::Serialize;
use serde_json::Value;
use std::io::{self, Write};

#[derive(Serialize)]
struct Line<T> {
    /// What the line is: `run` first, then a `file` for each, last the `summary`.
    record: &'static str,
    #[serde(flatten)]
    content: T,
}

/// Writes one JSON object a line.
pub fn write_json_lines(out: &mut dyn Write, files: &[FileReport], facts: RunFacts<'_>) -> io::Result<()> {
    let mut line = |record: &'static str, content: Value| -> io::Result<()> {
        serde_json::to_writer(&mut *out, &Line { record, content })?;
        writeln!(out)
    };
    line("run", serde_json::to_value(head(facts))?)?;
    for file in files {
        line("file", serde_json::to_value(File::of(file, facts.context))?)?;
    }
    line("summary", serde_json::to_value(tail(files, facts))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Decision;
    use crate::report::model::samples::{facts, file, rewrite};
    use crate::report::write_json;
    use serde_json::{Map, json};

    #[test]
    fn the_lines_hold_what_the_document_holds() {
        let files = [file(vec![rewrite(Decision::Taken)]), file(Vec::new())];
        let (mut lines, mut document) = (Vec::new(), Vec::new());
        write_json_lines(&mut lines, &files, facts()).unwrap();
        write_json(&mut document, &files, facts()).unwrap();
        let mut together = Map::new();
        let mut of_files = Vec::new();
        for line in String::from_utf8(lines).unwrap().lines() {
            let mut object: Map<String, Value> = serde_json::from_str(line).unwrap();
            match object.shift_remove("record").unwrap().as_str().unwrap() {
                "file" => of_files.push(Value::Object(object)),
                _ => together.extend(object),
            }
        }
        together.insert("files".into(), json!(of_files));
        assert_eq!(Value::Object(together), serde_json::from_slice::<Value>(&document).unwrap());
    }
}
