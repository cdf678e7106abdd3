//! The graph for Graphviz: one cluster for each template, and in it one for each type of resource.

use super::GrantsReport;
use super::graph::{Class, Graph, graphs};
use crate::report::escape::escaped;
use std::io::{self, Write};

/// Writes the graph of all files.
pub fn write_grants_dot(out: &mut dyn Write, files: &[GrantsReport]) -> io::Result<()> {
    writeln!(out, "digraph grants {{")?;
    writeln!(out, "  rankdir=LR;")?;
    writeln!(out, "  node [shape=box, fontname=\"Helvetica\", fontsize=11];")?;
    writeln!(out, "  edge [fontname=\"Helvetica\", fontsize=9];")?;
    for (number, graph) in graphs(files).iter().enumerate() {
        write_graph(out, number, graph)?;
    }
    writeln!(out, "}}")
}

fn write_graph(out: &mut dyn Write, number: usize, graph: &Graph) -> io::Result<()> {
    let title = std::iter::once(&graph.title).chain(&graph.notes).map(|line| inner(line)).collect::<Vec<_>>();
    writeln!(out, "  subgraph cluster_{number} {{")?;
    writeln!(out, "    label=\"{}\";", title.join("\\n"))?;
    for (at, vertex) in graph.principals.iter().enumerate() {
        let (label, tip) = (inner(&vertex.label), inner(&vertex.detail));
        writeln!(out, "    p{number}_{at} [label=\"{label}\", tooltip=\"{tip}\"];")?;
    }
    let mut groups: Vec<&str> = Vec::new();
    for vertex in &graph.resources {
        if !groups.contains(&vertex.group.as_str()) {
            groups.push(&vertex.group);
        }
    }
    for (group, name) in groups.iter().enumerate() {
        writeln!(out, "    subgraph cluster_{number}_{group} {{")?;
        writeln!(out, "      label=\"{}\";", inner(name))?;
        for (at, vertex) in graph.resources.iter().enumerate().filter(|(_, vertex)| vertex.group == **name) {
            let (label, tip) = (inner(&vertex.label), inner(&vertex.detail));
            let style = if vertex.open { "rounded,dashed" } else { "rounded" };
            writeln!(out, "      r{number}_{at} [label=\"{label}\", tooltip=\"{tip}\", style=\"{style}\"];")?;
        }
        writeln!(out, "    }}")?;
    }
    for edge in &graph.edges {
        let (label, tip, colour) = (inner(&edge.label), inner(&edge.detail), edge.class.colour());
        let style = if edge.class == Class::Deny || edge.limited { "dashed" } else { "solid" };
        writeln!(
            out,
            "    p{number}_{} -> r{number}_{} [label=\"{label}\", tooltip=\"{tip}\", color=\"{colour}\", fontcolor=\"{colour}\", style={style}];",
            edge.from, edge.to
        )?;
    }
    writeln!(out, "  }}")
}

/// Text for the inside of a quoted string. A backslash is doubled, so that nothing is read as an escape of Graphviz.
fn inner(text: &str) -> String {
    escaped(text).replace('\\', "\\\\").replace('"', "\\\"")
}
