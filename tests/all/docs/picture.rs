//! Draws coloured terminal output as a picture that appears line by line.

const LINE_HEIGHT: usize = 17;
const CHARACTER_WIDTH: usize = 8;
/// Between two lines, in milliseconds.
const PACE: usize = 60;

/// An SVG of a command and what it printed, with its colours.
pub(super) fn draw(command: &str, output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    let columns = lines.iter().map(|line| plain(line).chars().count()).max();
    let width = columns.unwrap_or(80) * CHARACTER_WIDTH + 40;
    let height = (lines.len() + 1) * LINE_HEIGHT + 40;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\n\
         <style>\n\
         text {{ font: 13px ui-monospace, Menlo, Consolas, monospace; fill: #d4d4d4; white-space: pre; }}\n\
         .b {{ font-weight: bold; fill: #fff; }} .d {{ fill: #8a8a8a; }} .g {{ fill: #6cc66c; }} .r {{ fill: #e06c75; }}\n\
         .c {{ fill: #56b6c2; }} .y {{ fill: #e5c07b; }}\n\
         .l {{ opacity: 0; animation: show 1ms forwards; }}\n\
         @keyframes show {{ to {{ opacity: 1; }} }}\n\
         @media (prefers-reduced-motion: reduce) {{ .l {{ animation: none; opacity: 1; }} }}\n\
         </style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#1e1e1e\"/>\n"
    );
    svg.push_str(&format!(
        "<text x=\"20\" y=\"30\" class=\"b\">$ {}</text>\n",
        escape(command)
    ));
    for (index, line) in lines.iter().enumerate() {
        if plain(line).is_empty() {
            continue;
        }
        let y = (index + 1) * LINE_HEIGHT + 30;
        let delay = 800 + index * PACE;
        svg.push_str(&format!(
            "<text x=\"20\" y=\"{y}\" class=\"l\" style=\"animation-delay:{delay}ms\">{}</text>\n",
            spans(line)
        ));
    }
    svg + "</svg>\n"
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// The line without its escape sequences.
fn plain(line: &str) -> String {
    pieces(line).into_iter().map(|(_, text)| text).collect()
}

fn spans(line: &str) -> String {
    let pieces = pieces(line).into_iter();
    let drawn = pieces.map(|(class, text)| match class {
        "" => escape(text),
        class => format!("<tspan class=\"{class}\">{}</tspan>", escape(text)),
    });
    drawn.collect()
}

/// The pieces of a line with the class of their colour.
fn pieces(line: &str) -> Vec<(&'static str, &str)> {
    let mut pieces = Vec::new();
    let mut class = "";
    for (index, part) in line.split("\u{1b}[").enumerate() {
        let text = if index == 0 {
            part
        } else {
            let (code, text) = part.split_once('m').unwrap();
            class = match code {
                "1" => "b",
                "2" => "d",
                "31" => "r",
                "32" => "g",
                "33" => "y",
                "36" => "c",
                _ => "",
            };
            text
        };
        if !text.is_empty() {
            pieces.push((class, text));
        }
    }
    pieces
}
