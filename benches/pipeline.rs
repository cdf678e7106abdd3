//! How long each step of the pipeline takes, and the whole program. `docs/performance.md` has the figures; the templates
//! are left in the target directory for other programs to be measured with.

mod workload;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use samwire::analysis::{Resolver, analyse};
use samwire::catalog::Catalog;
use samwire::plan::{Options, Partition, plan};
use samwire::syntax::Document;
use samwire::template::Template;
use samwire::text::Source;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};

fn source(text: &str) -> Source {
    Source::new("template.yaml", text.as_bytes().to_vec()).expect("generated templates are UTF-8")
}

fn pipeline(criterion: &mut Criterion) {
    let catalog = Catalog::builtin();
    let options = Options::default();
    for (name, text) in [
        ("300-lines", workload::mixed(300)),
        ("9000-lines", workload::mixed(9_000)),
        ("100-rewrites", workload::many_rewrites(50)),
    ] {
        let mut group = criterion.benchmark_group(name);
        group.sample_size(20).throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("parse", |bencher| {
            bencher.iter(|| Document::parse(source(black_box(&text))).expect("it parses"));
        });
        let doc = Document::parse(source(&text)).expect("it parses");
        group.bench_function("analyse", |bencher| {
            bencher.iter(|| {
                let template = Template::view(black_box(&doc));
                let resolver = Resolver::new(&doc, &template, catalog, Partition::default());
                analyse(&resolver)
            });
        });
        group.bench_function("plan", |bencher| {
            bencher.iter(|| plan(source(black_box(&text)), catalog, &options).expect("it parses"));
        });
        let planned = plan(source(&text), catalog, &options).expect("it parses");
        let taken = planned.taken();
        assert!(!taken.is_empty(), "{name} measures rewrites");
        group.bench_function("apply-and-verify", |bencher| {
            bencher.iter(|| planned.outcome(black_box(&taken)).expect("it is as planned"));
        });
        group.finish();

        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.yaml"));
        std::fs::write(&file, &text).expect("the target directory can be written");
        let mut group = criterion.benchmark_group("process");
        group.sample_size(20);
        group.bench_function(BenchmarkId::new("diff", name), |bencher| {
            bencher.iter(|| {
                let mut diff = Command::new(env!("CARGO_BIN_EXE_samwire"));
                diff.arg("diff").arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
                let status = diff.status().expect("the program starts");
                assert_eq!(status.code(), Some(1), "there is something to rewrite");
            });
        });
        group.finish();
    }
}

criterion_group!(benches, pipeline);
criterion_main!(benches);
