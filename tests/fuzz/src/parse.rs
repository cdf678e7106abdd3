//! Bytes as a template: whatever they are, they are refused at a place within them, or make a tree that explains every byte of
//! them and whose slices read as the parser said.

use super::input::{Input, check_position, source};
use super::promised::syntax::promises::{check_gaps, check_routes, check_scalars, check_spans, document};
use samwire::syntax::Document;
use samwire::text::EditSet;
use std::path::Path;

pub fn run(data: &[u8]) {
    let mut input = Input::of(data);
    let name = input.one_of(&["t.yaml", "t.json", "t.template"]);
    let Some(source) = source(name, input.text) else { return };
    if let Err(error) = Document::parse(source.clone()) {
        check_position(source.text(), error.at);
        return;
    }
    let Some(doc) = document(Path::new(name), source.text()) else { return };
    assert_eq!(EditSet::new().apply(doc.source().text()).as_deref(), Ok(source.text()));
    check_spans(&doc);
    check_gaps(&doc);
    check_scalars(&doc);
    check_routes(&doc);
}
