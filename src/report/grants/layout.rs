//! Where everything of a picture stands, in whole pixels. Every text has room of its own: labels are cut to the width that
//! is reserved for them, and edges that meet one resource end below each other.

use super::graph::Graph;
use super::order::{order, places};
use textwrap::core::display_width;

/// Widest label of a vertex, in columns of the fixed-width font.
const MAX_LABEL: usize = 34;
/// Widest label of an edge, in columns.
const MAX_EDGE_LABEL: usize = 18;
/// Room for a column of text of a vertex, in tenths of a pixel; the font takes a little less.
const COLUMN: usize = 75;
/// The same for the smaller text of edges and headings.
const SMALL_COLUMN: usize = 66;
/// Between the border of a box and its text.
const PADDING: i32 = 10;
/// Around the whole.
const MARGIN: i32 = 24;
/// Lowest box.
const BOX_HEIGHT: i32 = 28;
/// Between the ends of two edges at one box.
const PORT: i32 = 15;
/// Between two boxes.
const GAP: i32 = 10;
/// Most by which gaps of the shorter side grow.
const MAX_SPREAD: i32 = 40;
/// Room of a heading above its group.
const HEADING: i32 = 26;
/// Least room between the two sides for the curves.
const CURVES: i32 = 170;
/// Most pixels by which that grows, one for each edge.
const MOST_CURVES: usize = 240;
/// Room of the arrow behind the label of an edge.
const ARROW: i32 = 16;
/// Room of the title.
const TITLE: i32 = 34;

/// A vertex in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    /// Left border.
    pub(super) x: i32,
    /// Upper border.
    pub(super) y: i32,
    /// Width.
    pub(super) width: i32,
    /// Height.
    pub(super) height: i32,
    /// The label as it fits.
    pub(super) label: String,
}

/// The heading of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    /// Left end.
    pub(super) x: i32,
    /// Base line.
    pub(super) y: i32,
    /// The text as it fits.
    pub(super) text: String,
}

/// An edge: a curve, then its label, then an arrow to the resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Where it begins.
    pub(super) from: (i32, i32),
    /// Where the curve ends and the label begins.
    pub(super) to: (i32, i32),
    /// Where the label ends.
    pub(super) label_end: i32,
    /// Where the arrow ends.
    pub(super) end: i32,
    /// The label as it fits.
    pub(super) label: String,
}

/// A picture of one graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// Width of the whole.
    pub(super) width: i32,
    /// Height of the whole.
    pub(super) height: i32,
    /// The principals, by number.
    pub(super) principals: Vec<Placed>,
    /// The resources, by number.
    pub(super) resources: Vec<Placed>,
    /// The headings of their groups.
    pub(super) headings: Vec<Heading>,
    /// The edges, by number.
    pub(super) lines: Vec<Line>,
}

/// Text cut to some columns; what is left out is shown by `…`.
pub(super) fn fitted(text: &str, columns: usize) -> String {
    if display_width(text) <= columns {
        return text.to_owned();
    }
    let (mut out, mut width) = (String::new(), 0);
    let mut letter = [0; 4];
    for c in text.chars() {
        width += display_width(c.encode_utf8(&mut letter));
        if width + 1 > columns {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// Text cut in its middle to some columns, for names that differ at their end.
pub(super) fn fitted_within(text: &str, columns: usize) -> String {
    if display_width(text) <= columns {
        return text.to_owned();
    }
    let head = fitted(text, columns * 2 / 5);
    let reversed: String = text.chars().rev().collect();
    let tail = fitted(&reversed, columns + 1 - display_width(&head));
    head + &tail.trim_end_matches('…').chars().rev().collect::<String>()
}

/// The room that a text takes, in pixels.
fn room(text: &str, column: usize) -> i32 {
    i32::try_from((display_width(text) * column).div_ceil(10)).unwrap_or(i32::MAX / 8)
}

/// The room of a small text.
pub(super) fn small_room(text: &str) -> i32 {
    room(text, SMALL_COLUMN)
}

/// Places a graph.
pub(super) fn layout(graph: &Graph) -> Layout {
    let mut names: Vec<&str> = Vec::new();
    let groups: Vec<usize> = graph
        .resources
        .iter()
        .map(|vertex| {
            names.iter().position(|name| *name == vertex.group).unwrap_or_else(|| {
                names.push(&vertex.group);
                names.len() - 1
            })
        })
        .collect();
    let edges: Vec<(usize, usize)> = graph.edges.iter().map(|edge| (edge.from, edge.to)).collect();
    let order = order(graph.principals.len(), &groups, &edges);
    let labels = |vertices: &[super::graph::Vertex]| -> Vec<String> {
        vertices.iter().map(|vertex| fitted_within(&vertex.label, MAX_LABEL)).collect()
    };
    let (left, right) = (labels(&graph.principals), labels(&graph.resources));
    let heads: Vec<String> = names.iter().map(|name| fitted(name, MAX_LABEL + 4)).collect();
    let widest =
        |list: &[String]| list.iter().map(|label| room(label, COLUMN)).max().unwrap_or(0) + 2 * PADDING;
    let heads_width = heads.iter().map(|head| small_room(head)).max().unwrap_or(0);
    let (left_width, right_width) = (widest(&left), widest(&right).max(heads_width));
    let words: Vec<String> = graph.edges.iter().map(|edge| fitted(&edge.label, MAX_EDGE_LABEL)).collect();
    let label_room = words.iter().map(|word| small_room(word)).max().unwrap_or(0);
    // Long ways need more room so that curves stay flat enough to follow.
    let curves = CURVES + i32::try_from(graph.edges.len().min(MOST_CURVES)).unwrap_or(0);
    let right_x = MARGIN + left_width + curves + label_room + ARROW + 8;

    let degree = |side: &dyn Fn(&(usize, usize)) -> usize, vertex: usize| {
        i32::try_from(edges.iter().filter(|edge| side(edge) == vertex).count()).unwrap_or(i32::MAX / 64)
    };
    let height = |degree: i32| BOX_HEIGHT.max(degree * PORT + 8);
    let left_heights: Vec<i32> = (0..left.len()).map(|v| height(degree(&|e| e.0, v))).collect();
    let right_heights: Vec<i32> = (0..right.len()).map(|v| height(degree(&|e| e.1, v))).collect();
    let left_room: i32 = left_heights.iter().map(|h| h + GAP).sum();
    let group_room = i32::try_from(names.len()).unwrap_or(0) * HEADING;
    let right_room: i32 = right_heights.iter().map(|h| h + GAP).sum::<i32>() + group_room;
    let whole = left_room.max(right_room).max(BOX_HEIGHT);
    let spread = |own: i32, count: usize| {
        let count = i32::try_from(count).unwrap_or(i32::MAX).max(1);
        let each = ((whole - own) / count).min(MAX_SPREAD);
        (each, (whole - own - each * count) / 2)
    };

    let mut y = MARGIN + TITLE;
    let (extra, top) = spread(left_room, left.len());
    let mut principals = vec![None; left.len()];
    y += top;
    for &vertex in &order.left {
        let height = left_heights[vertex];
        principals[vertex] = Some(Placed {
            x: MARGIN,
            y: y + extra / 2,
            width: left_width,
            height,
            label: left[vertex].clone(),
        });
        y += height + GAP + extra;
    }
    let (extra, top) = spread(right_room, right.len());
    let mut y = MARGIN + TITLE + top;
    let (mut resources, mut headings, mut last) = (vec![None; right.len()], Vec::new(), None);
    for &vertex in &order.right {
        let group = groups[vertex];
        if last.replace(group) != Some(group) {
            headings.push(Heading { x: right_x, y: y + extra / 2 + HEADING - 8, text: heads[group].clone() });
            y += HEADING;
        }
        let height = right_heights[vertex];
        resources[vertex] = Some(Placed {
            x: right_x,
            y: y + extra / 2,
            width: right_width,
            height,
            label: right[vertex].clone(),
        });
        y += height + GAP + extra;
    }
    let principals: Vec<Placed> = principals.into_iter().flatten().collect();
    let resources: Vec<Placed> = resources.into_iter().flatten().collect();

    let (left_places, right_places) = (places(&order.left), places(&order.right));
    let starts = ports(&edges, &principals, |e| e.0, |e| right_places[e.1]);
    let ends = ports(&edges, &resources, |e| e.1, |e| left_places[e.0]);
    let lines = (0..edges.len())
        .map(|number| {
            let (from, label) = (edges[number].0, words[number].clone());
            let start = &principals[from];
            let bend = right_x - ARROW - label_room - 4;
            Line {
                from: (start.x + start.width, starts[number]),
                to: (bend, ends[number]),
                label_end: bend + 4 + small_room(&label),
                end: right_x,
                label,
            }
        })
        .collect();
    let title = MARGIN + room(&fitted(&graph.title, TITLE_COLUMNS), COLUMN);
    Layout {
        width: (right_x + right_width).max(title) + MARGIN,
        height: MARGIN + TITLE + whole + MARGIN,
        principals,
        resources,
        headings,
        lines,
    }
}

/// Widest title, in columns.
pub(super) const TITLE_COLUMNS: usize = 70;

/// Where each edge touches the box of its vertex: below each other, in the order of the other ends.
fn ports(
    edges: &[(usize, usize)],
    boxes: &[Placed],
    own: impl Fn(&(usize, usize)) -> usize,
    other: impl Fn(&(usize, usize)) -> usize,
) -> Vec<i32> {
    let mut at = vec![0; edges.len()];
    for (vertex, placed) in boxes.iter().enumerate() {
        let mut here: Vec<usize> = (0..edges.len()).filter(|number| own(&edges[*number]) == vertex).collect();
        here.sort_by_key(|number| (other(&edges[*number]), *number));
        let count = i32::try_from(here.len()).unwrap_or(i32::MAX / 64);
        let first = placed.y + placed.height / 2 - (count - 1) * PORT / 2;
        for (port, number) in here.into_iter().enumerate() {
            at[number] = first + i32::try_from(port).unwrap_or(0) * PORT;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::grants::graph::{Class, Edge, Vertex};

    fn graph(principals: usize, resources: usize) -> Graph {
        let vertex = |number: usize, group: String| Vertex {
            label: format!("Vertex{}", "x".repeat(number * 3)),
            detail: String::new(),
            group,
            open: false,
        };
        let edge = |from: usize, to: usize| Edge {
            from,
            to,
            class: Class::Both,
            label: "read, write +1 and a lot more".into(),
            detail: String::new(),
            limited: false,
        };
        Graph {
            title: "t".into(),
            principals: (0..principals).map(|n| vertex(n, String::new())).collect(),
            resources: (0..resources).map(|n| vertex(n, format!("G{}", n % 4))).collect(),
            edges: (0..principals * 3)
                .filter(|_| resources > 0)
                .map(|n| edge(n / 3, (n * 7 + n / 3) % resources))
                .collect(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn nothing_overlaps_and_everything_is_inside() {
        for (principals, resources) in [(0, 0), (1, 1), (30, 20), (5, 1), (1, 12), (3, 0), (60, 45)] {
            let graph = graph(principals, resources);
            let found = layout(&graph);
            for side in [&found.principals, &found.resources] {
                for (at, one) in side.iter().enumerate() {
                    assert!(one.x >= MARGIN && one.x + one.width + MARGIN <= found.width, "{one:?}");
                    assert!(
                        one.y >= MARGIN + TITLE && one.y + one.height + MARGIN <= found.height,
                        "{one:?} {}",
                        found.height
                    );
                    assert!(room(&one.label, COLUMN) + 2 * PADDING <= one.width);
                    for other in &side[at + 1..] {
                        assert!(
                            one.y + one.height <= other.y || other.y + other.height <= one.y,
                            "{one:?} {other:?}"
                        );
                    }
                }
            }
            for heading in &found.headings {
                let covered = |one: &Placed| one.y < heading.y + 4 && heading.y - 12 < one.y + one.height;
                assert!(!found.resources.iter().any(covered), "{heading:?}");
            }
            for (line, edge) in found.lines.iter().zip(&graph.edges) {
                let (start, end) = (&found.principals[edge.from], &found.resources[edge.to]);
                assert!(line.from.1 > start.y && line.from.1 < start.y + start.height);
                assert!(line.to.1 > end.y && line.to.1 < end.y + end.height);
                assert!(line.from.0 < line.to.0 && line.label_end < line.end, "{line:?}");
            }
            let mut labels: Vec<i32> = found.lines.iter().map(|line| line.to.1).collect();
            labels.sort_unstable();
            assert!(labels.windows(2).all(|pair| pair[1] - pair[0] >= PORT), "labels of edges stand apart");
        }
    }

    #[test]
    fn long_texts_are_cut_by_their_width() {
        assert_eq!(fitted("short", 5), "short");
        assert_eq!(fitted("longer", 5), "long…");
        assert_eq!(fitted("名前名前", 5), "名前…");
        assert_eq!(fitted_within("secret:orders/one", 10), "sec…rs/one");
        assert_eq!(fitted_within("secret:orders", 13), "secret:orders");
    }
}
