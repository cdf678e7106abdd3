//! A picture of what a terminal showed: screens, one after the other, as an SVG that needs no script and no font of its own.
//! Draws what it is given; knows nothing of who drew it first.

// Only the test of the documentation makes pictures.
#![allow(dead_code)]

use std::fmt::Write as _;
use vt100::{Color, Screen};

/// Height of a line in pixels.
const LINE: usize = 17;
/// Width of a character; the text is stretched to it, so that any monospaced font will do.
const COLUMN: f64 = 7.8;
/// Space around the text.
const MARGIN: usize = 14;
/// Height of the bar with the title.
const BAR: usize = 30;
/// For how many seconds a screen stays.
const STAY: usize = 5;

/// Colours in the order of the eight of a terminal, and how they look on a dark and on a light ground.
const COLOURS: [(&str, &str, &str); 8] = [
    ("k", "#8b949e", "#57606a"),
    ("r", "#ff9a94", "#b42318"),
    ("g", "#7ee08a", "#1a7f37"),
    ("y", "#e9c46a", "#8a5a00"),
    ("b", "#8ab8ff", "#0a53be"),
    ("m", "#d9a6ff", "#7a2ea8"),
    ("c", "#76d7e0", "#0b6b75"),
    ("w", "#e6edf3", "#1f2328"),
];

/// One screen of a picture: its lines of text, already as SVG.
pub(crate) struct Frame(String);

impl Frame {
    /// The screen as it is, with `typed` where the cursor stands.
    pub(crate) fn of(screen: &Screen, typed: &str) -> Self {
        let (rows, columns) = screen.size();
        let (rows, columns) = (rows.get(), columns.get());
        let mut out = String::new();
        for row in 0..rows {
            let mut column = 0;
            while column < columns {
                let style = style_at(screen, row, column);
                let mut end = column;
                let mut text = String::new();
                while end < columns && style_at(screen, row, end) == style {
                    let cell = screen.cell(row, end).map_or("", |cell| cell.contents());
                    text.push_str(if cell.is_empty() { " " } else { cell });
                    end += 1;
                }
                run(&mut out, row, column, text.trim_end(), &style);
                column = end;
            }
        }
        let (row, column) = screen.cursor_position();
        run(&mut out, row, column, typed, "t");
        Self(out)
    }
}

/// The classes of a character: its colour, and whether it is bold or faint.
fn style_at(screen: &Screen, row: u16, column: u16) -> String {
    let Some(cell) = screen.cell(row, column) else { return String::new() };
    let mut style = match cell.fgcolor() {
        Color::Idx(index) => COLOURS[usize::from(index) % COLOURS.len()].0.to_owned(),
        _ => String::new(),
    };
    if cell.bold() {
        style.push_str(" s");
    }
    if cell.dim() {
        style.push_str(" f");
    }
    style
}

/// Some characters in one style.
fn run(out: &mut String, row: u16, column: u16, text: &str, style: &str) {
    let lead = text.len() - text.trim_start_matches(' ').len();
    let text = &text[lead..];
    if text.is_empty() {
        return;
    }
    let x = MARGIN as f64 + (usize::from(column) + lead) as f64 * COLUMN;
    let y = BAR + MARGIN + (usize::from(row) + 1) * LINE - 4;
    let length = text.chars().count() as f64 * COLUMN;
    let class = if style.is_empty() { String::new() } else { format!(" class=\"{}\"", style.trim()) };
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y}\" textLength=\"{length:.1}\"{class}>{text}</text>");
}

/// The picture of some screens of one size, one after the other for ever. Who wants no motion sees the first.
pub(crate) fn picture(title: &str, size: (u16, u16), frames: &[Frame]) -> String {
    let (rows, columns) = size;
    let width = (f64::from(columns) * COLUMN) as usize + 2 * MARGIN;
    let height = BAR + usize::from(rows) * LINE + 2 * MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-label=\"{title}\">\n<style>\n"
    );
    let theme = |of: fn(&(&'static str, &'static str, &'static str)) -> &'static str| -> String {
        COLOURS.iter().map(|colour| format!(".{} {{ fill: {} }}\n", colour.0, of(colour))).collect()
    };
    let _ = write!(
        out,
        "text {{ font: 13px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; white-space: pre; fill: #e6edf3 }}\n\
         .ground {{ fill: #161b22; stroke: #444c56 }}\n.bar {{ fill: #9aa4af }}\n{}\
         .s {{ font-weight: bold }}\n.f {{ opacity: .7 }}\n.t {{ font-weight: bold; fill: #ffd866 }}\n\
         @media (prefers-color-scheme: light) {{\ntext {{ fill: #1f2328 }}\n\
         .ground {{ fill: #fdfdfc; stroke: #c8ccd1 }}\n.bar {{ fill: #57606a }}\n{}.t {{ fill: #b35900 }}\n}}\n",
        theme(|colour| colour.1),
        theme(|colour| colour.2),
    );
    let all = frames.len() * STAY;
    for (index, _) in frames.iter().enumerate() {
        let percent = |count: usize| count as f64 * 100.0 / frames.len() as f64;
        let (start, end) = (percent(index), percent(index + 1));
        let before = if index == 0 { "" } else { "0% { visibility: hidden } " };
        let _ = writeln!(
            out,
            "@keyframes p{index} {{ {before}{start:.3}% {{ visibility: visible }} {end:.3}%, 100% {{ visibility: hidden }} }}\n\
             #p{index} {{ visibility: {}; animation: p{index} {all}s step-end infinite }}",
            if index == 0 { "visible" } else { "hidden" },
        );
    }
    let _ = write!(
        out,
        "@media (prefers-reduced-motion: reduce) {{ g {{ animation: none !important }} }}\n</style>\n\
         <rect class=\"ground\" x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n\
         <text class=\"bar\" x=\"{}\" y=\"21\" text-anchor=\"middle\">{title}</text>\n",
        width - 1,
        height - 1,
        width / 2,
    );
    for (index, frame) in frames.iter().enumerate() {
        let _ = write!(out, "<g id=\"p{index}\">\n{}</g>\n", frame.0);
    }
    out + "</svg>\n"
}
