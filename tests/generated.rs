//! Templates that nobody wrote, by the number: each is planned, carried out, verified, planned again, taken back, and shown to
//! the SAM translator, which has to agree with what was declared.
//!
//! `SAMWIRE_GENERATED=10000` makes more of them, `SAMWIRE_GENERATED_FROM=1234` begins there, and with
//! `SAMWIRE_GENERATED_SHOW=1` the texts are printed.

mod fixture_support;
mod generated_support;
mod support;
mod trip_support;

use generated_support::generated;
use samwire::catalog::Catalog;
use samwire::plan::plan;
use samwire::text::Source;

#[test]
fn show() {
    let from: u64 = std::env::var("SAMWIRE_GENERATED_FROM").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    let count: u64 = std::env::var("SAMWIRE_GENERATED").ok().and_then(|n| n.parse().ok()).unwrap_or(10);
    let mut requests = Vec::new();
    for n in from..from + count {
        let g = generated(n);
        if std::env::var_os("SAMWIRE_GENERATED_SHOW").is_some() { println!("=== {n}\n{}", g.text.text); }
        requests.push((if g.text.path.ends_with("json") { support::Form::Json } else { support::Form::Yaml }, g.text.text.clone()));
        let source = Source::new(g.text.path, g.text.text.into_bytes()).unwrap();
        match plan(source, Catalog::builtin(), &g.options) {
            Err(e) => println!("{n}: {e}"),
            Ok(p) => {
                let r = p.outcome(&p.taken());
                println!("{n}: {:?} {:?} {}", p.rewrites().iter().map(|r| (&r.profile, r.effect, r.decision)).collect::<Vec<_>>(), p.left_alone().iter().map(|l| l.reason.id()).collect::<Vec<_>>(), r.err().map(|e| e.to_string()).unwrap_or_default());
            }
        }
    }
    let w = support::oracle().unwrap().weaknesses(&requests);
    for (n, w) in w.iter().enumerate() {
        if w.refused.is_some() || !w.cycles.is_empty() || !w.dangling.is_empty() { println!("{}: {w:?}", from + n as u64); }
    }
}
