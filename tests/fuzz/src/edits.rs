//! Bytes as a document and the changes to make: what is not refused reads as it was meant, everything else stays what it was,
//! and no comment is lost.

use super::input::Input;
use super::promised::syntax::promises::{Step, check_batch, check_change, check_writing, document};
use std::path::Path;

/// Most changes of one batch.
const MOST: usize = 8;

pub fn run(data: &[u8]) {
    let mut input = Input::of(data);
    let path = Path::new(input.one_of(&["t.yaml", "t.json"]));
    let Some(doc) = input.str().and_then(|text| document(path, text)) else { return };
    let kind = input.byte();
    match kind % 4 {
        0 => check_change(&doc, path, input.number()),
        1 => {
            let (from, to) = (input.number(), input.number());
            check_writing(&doc, path, from, to, usize::from(kind / 4 % 6));
        }
        _ => check_batch(&doc, path, &steps(&mut input)),
    }
}

fn steps(input: &mut Input<'_>) -> Vec<(usize, Step)> {
    let mut steps = Vec::new();
    while let Some(kind) = input.more().filter(|_| steps.len() < MOST) {
        let step = match kind % 6 {
            0 | 1 => Step::Remove,
            2 => Step::Replace,
            3 => Step::InsertBefore(kind & 128 != 0),
            _ => Step::InsertAfter(kind & 128 != 0),
        };
        steps.push((input.number(), step));
    }
    steps
}
