//! The picture: principals on the left, resources on the right, curves between them. One self-contained SVG without script
//! and without a reference to anything else, for light and dark backgrounds; whatever comes from a template is escaped.

use super::GrantsReport;
use super::graph::{Class, Graph, graphs};
use super::layout::{Layout, Line, Placed, TITLE_COLUMNS, fitted, layout, small_room};
use crate::report::escape::escaped;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Height of a line of the legend and of notes.
const NOTE: i32 = 18;

/// Columns of a note that fit into the narrowest picture.
const NOTE_COLUMNS: usize = 100;

/// Colours and fonts. The second half is for dark backgrounds.
const STYLE: &str = "\
    text { font-family: ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1f2328; }
    .paper { fill: #ffffff; }
    .title { font-size: 14px; font-weight: bold; }
    .name { font-size: 12px; }
    .small { font-size: 10.5px; }
    .faint { fill: #57606a; }
    .box { fill: #f6f8fa; stroke: #57606a; }
    .open { stroke-dasharray: 4 3; stroke-width: 1.5; }
    .line { fill: none; stroke-width: 1.4; }
    .limited { stroke-dasharray: 6 3; }
    .read { stroke: #0550ae; } text.read, path.tip.read { fill: #0550ae; stroke: none; }
    .write { stroke: #953800; } text.write, path.tip.write { fill: #953800; stroke: none; }
    .both { stroke: #6639ba; } text.both, path.tip.both { fill: #6639ba; stroke: none; }
    .other { stroke: #57606a; } text.other, path.tip.other { fill: #57606a; stroke: none; }
    .deny { stroke: #cf222e; } text.deny, path.tip.deny { fill: #cf222e; stroke: none; }
    path.line.deny { stroke-dasharray: 2 3; stroke-width: 2; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .paper { fill: #0d1117; }
      .faint { fill: #9198a1; }
      .box { fill: #161b22; stroke: #9198a1; }
      .read { stroke: #79c0ff; } text.read, path.tip.read { fill: #79c0ff; }
      .write { stroke: #f0883e; } text.write, path.tip.write { fill: #f0883e; }
      .both { stroke: #d2a8ff; } text.both, path.tip.both { fill: #d2a8ff; }
      .other { stroke: #9198a1; } text.other, path.tip.other { fill: #9198a1; }
      .deny { stroke: #ff7b72; } text.deny, path.tip.deny { fill: #ff7b72; }
    }
";

/// Writes the picture of all files, one below the other.
pub fn write_grants_svg(out: &mut dyn Write, files: &[GrantsReport]) -> io::Result<()> {
    let graphs = graphs(files);
    let placed: Vec<(&Graph, Layout)> = graphs.iter().map(|graph| (graph, layout(graph))).collect();
    let legend = legend_width();
    let width = placed.iter().map(|(_, layout)| layout.width).max().unwrap_or(0).max(legend);
    let notes = |graph: &Graph| {
        graph.notes.iter().map(|note| wrapped(note, width)).fold(0, |sum, lines| sum + lines.len())
    };
    let notes_height = |graph: &Graph| i32::try_from(notes(graph)).unwrap_or(0) * NOTE;
    let height: i32 =
        placed.iter().map(|(graph, layout)| layout.height + notes_height(graph)).sum::<i32>() + 2 * NOTE + 8;
    let principals: usize = graphs.iter().map(|graph| graph.principals.len()).sum();
    let resources: usize = graphs.iter().map(|graph| graph.resources.len()).sum();
    let mut text = String::new();
    let edges: usize = graphs.iter().map(|graph| graph.edges.len()).sum();
    let _ = writeln!(
        text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title desc\">"
    );
    let _ = writeln!(text, "  <title id=\"title\">Who may do what</title>");
    let _ = writeln!(
        text,
        "  <desc id=\"desc\">{principals} principals on the left, {resources} resources on the right, {edges} lines for what the one may do to the other.</desc>"
    );
    let _ = writeln!(text, "  <style>\n{STYLE}  </style>");
    let _ = writeln!(text, "  <rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>");
    let mut y = 0;
    for (graph, layout) in &placed {
        let _ = writeln!(text, "  <g transform=\"translate(0 {y})\">");
        draw(&mut text, graph, layout);
        let mut at = layout.height - 8;
        for line in graph.notes.iter().flat_map(|note| wrapped(note, width)) {
            let _ =
                writeln!(text, "    <text class=\"small faint\" x=\"24\" y=\"{at}\">{}</text>", xml(&line));
            at += NOTE;
        }
        text.push_str("  </g>\n");
        y += layout.height + notes_height(graph);
    }
    draw_legend(&mut text, y + NOTE);
    text.push_str("</svg>\n");
    out.write_all(text.as_bytes())
}

fn wrapped(note: &str, width: i32) -> Vec<String> {
    let columns = usize::try_from((width - 48) * 10 / 66).unwrap_or(NOTE_COLUMNS).max(20);
    textwrap::wrap(&escaped(note), columns).into_iter().map(std::borrow::Cow::into_owned).collect()
}

fn draw(text: &mut String, graph: &Graph, layout: &Layout) {
    let title = xml(&fitted(&graph.title, TITLE_COLUMNS));
    let _ = writeln!(text, "    <text class=\"title\" x=\"24\" y=\"34\">{title}</text>");
    for (line, edge) in layout.lines.iter().zip(&graph.edges) {
        let (from, to) = (graph.principals.get(edge.from), graph.resources.get(edge.to));
        let name =
            |vertex: Option<&super::graph::Vertex>| vertex.map_or("", |vertex| &vertex.label).to_owned();
        let told = format!("{} → {}: {}", name(from), name(to), edge.detail);
        draw_line(text, line, edge.class, edge.limited, &told);
    }
    for heading in &layout.headings {
        let (x, y) = (heading.x, heading.y);
        let _ = writeln!(
            text,
            "    <text class=\"small faint\" x=\"{x}\" y=\"{y}\">{}</text>",
            xml(&heading.text)
        );
    }
    for (placed, vertex) in layout.principals.iter().zip(&graph.principals) {
        draw_box(text, placed, 4, "", &vertex.detail);
    }
    for (placed, vertex) in layout.resources.iter().zip(&graph.resources) {
        draw_box(text, placed, 14, if vertex.open { " open" } else { "" }, &vertex.detail);
    }
}

fn draw_line(text: &mut String, line: &Line, class: Class, limited: bool, told: &str) {
    let ((x1, y1), (x2, y2)) = (line.from, line.to);
    let middle = (x1 + x2) / 2;
    let (name, dashed) = (class.name(), if limited { " limited" } else { "" });
    let (start, end) = (line.label_end + 2, line.end);
    let _ = writeln!(text, "    <g><title>{}</title>", xml(told));
    let _ = writeln!(
        text,
        "      <path class=\"line {name}{dashed}\" d=\"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}\"/>"
    );
    let _ = writeln!(
        text,
        "      <text class=\"small {name}\" x=\"{}\" y=\"{}\">{}</text>",
        x2 + 4,
        y2 + 4,
        xml(&line.label)
    );
    let _ = writeln!(text, "      <path class=\"line {name}\" d=\"M{start} {y2}H{}\"/>", end - 6);
    let _ = writeln!(text, "      <path class=\"tip {name}\" d=\"M{end} {y2}l-7 -4v8z\"/>\n    </g>");
}

fn draw_box(text: &mut String, placed: &Placed, round: i32, open: &str, told: &str) {
    let Placed { x, y, width, height, label } = placed;
    let _ = writeln!(text, "    <g><title>{}</title>", xml(told));
    let _ = writeln!(
        text,
        "      <rect class=\"box{open}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\"/>"
    );
    let (tx, ty) = (x + 10, y + height / 2 + 4);
    let _ =
        writeln!(text, "      <text class=\"name\" x=\"{tx}\" y=\"{ty}\">{}</text>\n    </g>", xml(label));
}

fn legend_width() -> i32 {
    24 + Class::ALL.iter().map(|class| 30 + small_room(class.word()) + 20).sum::<i32>() + 24
}

fn draw_legend(text: &mut String, y: i32) {
    let mut x = 24;
    for class in Class::ALL {
        let (name, word) = (class.name(), class.word());
        let _ = writeln!(text, "  <path class=\"line {name}\" d=\"M{x} {}h24\"/>", y - 4);
        let _ = writeln!(text, "  <text class=\"small {name}\" x=\"{}\" y=\"{y}\">{word}</text>", x + 30);
        x += 30 + small_room(word) + 20;
    }
}

/// Text for an element or an attribute. What no XML document can hold is spelled out before.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in escaped(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}
