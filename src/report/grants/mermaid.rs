//! The graph as a Mermaid flow chart, which GitHub and GitLab draw in Markdown. Stays below the limits of Mermaid, which
//! draws nothing at all beyond them, and says what is left out.

use super::GrantsReport;
use super::graph::{Class, Graph, graphs};
use super::layout::fitted;
use crate::report::escape::escaped;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Most edges that Mermaid draws by default (`maxEdges`).
const MAX_EDGES: usize = 500;

/// Longest text that Mermaid draws by default (`maxTextSize`), in UTF-16 units, of which no text has more than bytes.
const MAX_BYTES: usize = 50_000;

/// Widest label, in columns.
const MAX_LABEL: usize = 80;

/// Writes the chart of all files.
pub fn write_grants_mermaid(out: &mut dyn Write, files: &[GrantsReport]) -> io::Result<()> {
    out.write_all(chart(&graphs(files)).as_bytes())
}

/// The chart with as many edges as fit.
fn chart(graphs: &[Graph]) -> String {
    let all: usize = graphs.iter().map(|graph| graph.edges.len()).sum();
    let mut limit = all.min(MAX_EDGES);
    loop {
        let text = chart_of(graphs, limit, all);
        if text.len() <= MAX_BYTES || limit == 0 {
            return text;
        }
        limit = limit * 3 / 4;
    }
}

fn chart_of(graphs: &[Graph], limit: usize, all: usize) -> String {
    let mut text = String::from("flowchart LR\n");
    let (mut left, mut links, mut styles) = (limit, String::new(), vec![Vec::new(); Class::ALL.len()]);
    let mut number = 0;
    for (file, graph) in graphs.iter().enumerate() {
        let drawn = &graph.edges[..graph.edges.len().min(left)];
        left -= drawn.len();
        if limit < all && drawn.is_empty() {
            continue;
        }
        // Where edges are left out, so is what no edge leads to.
        let whole = limit == all;
        let from: BTreeSet<usize> = drawn.iter().map(|edge| edge.from).collect();
        let to: BTreeSet<usize> = drawn.iter().map(|edge| edge.to).collect();
        write_vertices(&mut text, file, graph, &|at| whole || from.contains(&at), &|at| {
            whole || to.contains(&at)
        });
        for edge in drawn {
            let arrow = if edge.class == Class::Deny || edge.limited { "-.->" } else { "-->" };
            let label = quoted(&edge.label);
            let _ = writeln!(links, "  p{file}_{} {arrow}|{label}| r{file}_{}", edge.from, edge.to);
            if let Some(of_class) =
                Class::ALL.iter().position(|class| *class == edge.class).and_then(|at| styles.get_mut(at))
            {
                of_class.push(number.to_string());
            }
            number += 1;
        }
    }
    text.push_str(&links);
    for (class, numbers) in Class::ALL.iter().zip(&styles).filter(|(_, numbers)| !numbers.is_empty()) {
        let _ = writeln!(text, "  linkStyle {} stroke:{}", numbers.join(","), class.colour());
    }
    text.push_str("  classDef open stroke-dasharray:4\n");
    if limit < all {
        let more = quoted(&format!("{} more lines are not drawn; samwire grants lists all", all - limit));
        let _ = writeln!(text, "  more[{more}]");
    }
    text
}

fn write_vertices(
    text: &mut String,
    file: usize,
    graph: &Graph,
    principal: &dyn Fn(usize) -> bool,
    resource: &dyn Fn(usize) -> bool,
) {
    let _ = writeln!(text, "  subgraph f{file}[{}]", quoted(&graph.title));
    text.push_str("    direction LR\n");
    for (at, vertex) in graph.principals.iter().enumerate().filter(|(at, _)| principal(*at)) {
        let _ = writeln!(text, "    p{file}_{at}[{}]", quoted(&vertex.label));
    }
    let mut groups: Vec<&str> = Vec::new();
    for (_, vertex) in graph.resources.iter().enumerate().filter(|(at, _)| resource(*at)) {
        if !groups.contains(&vertex.group.as_str()) {
            groups.push(&vertex.group);
        }
    }
    for (group, name) in groups.iter().enumerate() {
        let _ = writeln!(text, "    subgraph g{file}_{group}[{}]", quoted(name));
        let members = graph.resources.iter().enumerate();
        for (at, vertex) in members.filter(|(at, vertex)| vertex.group == **name && resource(*at)) {
            let open = if vertex.open { ":::open" } else { "" };
            let _ = writeln!(text, "      r{file}_{at}({}){open}", quoted(&vertex.label));
        }
        text.push_str("    end\n");
    }
    for (at, note) in graph.notes.iter().enumerate() {
        let _ = writeln!(text, "    n{file}_{at}>{}]", quoted(note));
    }
    text.push_str("  end\n");
}

/// Text in quotes. Everything that means something to Mermaid, to Markdown or to HTML is written as a character code.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in escaped(&fitted(text, MAX_LABEL)).chars() {
        match c {
            ' ' | '-' | '_' | '.' | ',' | ':' | '/' | '(' | ')' | '+' | '=' | '…' => out.push(c),
            c if c.is_alphanumeric() => out.push(c),
            c => {
                let _ = write!(out, "#{};", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::grants::graph::{Edge, Vertex};

    #[test]
    fn what_means_something_is_written_as_a_code() {
        assert_eq!(quoted("a\"]; %%{init}%%"), "\"a#34;#93;#59; #37;#37;#123;init#125;#37;#37;\"");
        assert_eq!(quoted("Größe\n`*`"), "\"Größe#92;n#96;#42;#96;\"");
    }

    #[test]
    fn a_chart_stays_below_the_limits() {
        let vertex = |at: usize| Vertex {
            label: format!("Function{at}{}", "<".repeat(50)),
            detail: String::new(),
            group: "G".into(),
            open: false,
        };
        let edge = |at: usize| Edge {
            from: at % 300,
            to: at % 7,
            class: Class::Read,
            label: "read".into(),
            detail: String::new(),
            limited: false,
        };
        let graph = Graph {
            principals: (0..300).map(vertex).collect(),
            resources: (0..7).map(vertex).collect(),
            edges: (0..2000).map(edge).collect(),
            ..Graph::default()
        };
        let text = chart(&[graph]);
        assert!(text.len() <= MAX_BYTES);
        let drawn = text.matches("-->").count();
        assert!(drawn > 50 && drawn <= MAX_EDGES);
        assert!(text.contains(&format!("{} more lines", 2000 - drawn)));
    }
}
