//! What the SAM translator says of each template that a run changed on a branch, and of what its report declares.

use super::checks::rows;
use super::lab::Lab;
use super::tree::{BRANCH, git_command};
use crate::support::{Form, Oracle, Request};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

/// Has everything judged that the run in `out` changed, every text once. Gives how many were.
pub(crate) fn judge(lab: &Lab, out: &str, oracle: &Oracle) -> usize {
    let (mut requests, mut known) = (Vec::new(), BTreeSet::new());
    for (key, row) in rows(lab, out).iter().filter(|(_, row)| row["branch"].is_string()) {
        let report = fs::read_to_string(lab.at(out).join(format!("{key}.json"))).expect("a report");
        let report: Value = serde_json::from_str(&report).expect("a report is JSON");
        let folder = lab.at("lab").join(row["path"].as_str().expect("a path"));
        for file in
            report["files"].as_array().expect("files").iter().filter(|file| file["status"] == "changed")
        {
            let path = file["path"].as_str().expect("a path");
            // Where a name is no text the report does not tell it as it is; the same template stands under another name.
            if !folder.exists() || path.contains('\u{fffd}') {
                continue;
            }
            let held = |revision: &str| {
                let mut command = git_command(&folder);
                command.env("GIT_NO_REPLACE_OBJECTS", "1");
                let shown = command
                    .args(["cat-file", "blob", &format!("{revision}:{path}")])
                    .output()
                    .expect("git is there");
                assert!(shown.status.success(), "{key}: {path}: {}", String::from_utf8_lossy(&shown.stderr));
                String::from_utf8(shown.stdout).expect("templates are text")
            };
            let before = held(row["base"].as_str().expect("a base"));
            let after = held(&format!("refs/heads/{BRANCH}"));
            assert_ne!(before, after, "{key}: {path}");
            if known.insert((before.clone(), after.clone())) {
                requests.push(request(format!("{key}: {path}"), before, after, file));
            }
        }
    }
    let verdicts = oracle.judge(&requests);
    let bad: Vec<String> =
        verdicts.iter().filter(|verdict| !verdict.is_good()).map(ToString::to_string).collect();
    assert!(bad.is_empty(), "{} of {} are not good:\n{}", bad.len(), verdicts.len(), bad.join("\n"));
    requests.len()
}

fn request(id: String, before: String, after: String, file: &Value) -> Request {
    let taken: Vec<&Value> = file["rewrites"]
        .as_array()
        .expect("rewrites")
        .iter()
        .filter(|rewrite| rewrite["decision"] == "taken")
        .collect();
    assert!(!taken.is_empty(), "{id} changed without a rewrite");
    let all = |name: &str| -> Vec<Value> {
        taken.iter().flat_map(|rewrite| rewrite[name].as_array().expect("permissions").clone()).collect()
    };
    let json = before.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    Request {
        id,
        format: if json { Form::Json } else { Form::Yaml },
        before,
        after,
        added: all("added"),
        removed: all("removed"),
        kept: all("kept"),
        identical: None,
    }
}
