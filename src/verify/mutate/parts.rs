//! The ways to break a step's text in one place.

use std::ops::Range;
use std::sync::LazyLock;

use hcl::edit::Span;
use hcl::edit::parser::parse_body;
use hcl::edit::structure::Body;
use regex::Regex;

/// A part of a text, and what takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) place: Range<usize>,
    /// Empty where the part is taken out.
    pub(super) put: String,
}

/// Comments, texts, numbers, operators and the names of attributes, in HCL.
static PARTS: LazyLock<Regex> = LazyLock::new(|| {
    let parts = r#"(?m)(?:#|//).*$|"(?:[^"\\]|\\.)*"|\b\d+\b|==|!=|<=|>=|&&|\|\||\btrue\b|\bfalse\b|\b[a-z_]+(?:\s*=[^=])"#;
    Regex::new(parts).expect("the expression is well-formed")
});

/// Every operation, `when` and block taken out, and every text, number, name and operator replaced, one at a time, in the blocks
/// of a step: what stands outside of them says what the step is about, not what it does.
pub(super) fn changes(step: &str) -> Vec<Change> {
    let Ok(body) = parse_body(step) else {
        return Vec::new();
    };
    let mut changes = Vec::new();
    for block in body.blocks() {
        take_out(&block.body, &mut changes);
        if let Some(span) = block.span() {
            replace_parts(step, span, &mut changes);
        }
    }
    changes.sort_by_key(|change| (change.place.start, change.place.end));
    changes
}

fn take_out(body: &Body, changes: &mut Vec<Change>) {
    for structure in body {
        changes.extend(structure.span().map(|place| Change {
            place,
            put: String::new(),
        }));
        if let Some(block) = structure.as_block() {
            take_out(&block.body, changes);
        }
    }
}

fn replace_parts(text: &str, span: Range<usize>, changes: &mut Vec<Change>) {
    for part in PARTS.find_iter(&text[span.clone()]) {
        let found = part.as_str();
        let mut place = span.start + part.start()..span.start + part.end();
        let put = match found {
            "==" => "!=".to_owned(),
            "!=" => "==".to_owned(),
            "<=" => ">".to_owned(),
            ">=" => "<".to_owned(),
            "&&" => "||".to_owned(),
            "||" => "&&".to_owned(),
            "true" => "false".to_owned(),
            "false" => "true".to_owned(),
            _ if found.starts_with(['#', '/']) => continue,
            _ if found.starts_with('"') => "\"mutant\"".to_owned(),
            _ if found.starts_with(|c: char| c.is_ascii_digit()) => {
                // One that is longer than any that a step counts with stays as it is.
                let Some(more) = found.parse::<u64>().ok().and_then(|n| n.checked_add(1)) else {
                    continue;
                };
                more.to_string()
            }
            name => {
                let name = name.trim_end_matches(|c: char| !c.is_ascii_lowercase() && c != '_');
                let name = name.split(['=', ' ', '\t']).next().unwrap_or(name);
                place.end = place.start + name.len();
                format!("mutant_{name}")
            }
        };
        changes.push(Change { place, put });
    }
}

/// Why a change may pass: a comment on its line says `mutant PART: reason`, of several parts `mutant PART: reason; mutant ..`.
pub(super) fn accepted(line: &str, part: &str) -> Option<String> {
    let (_, comment) = line.split_once("# mutant ")?;
    let mut parts = comment.split("; mutant ");
    let reason = parts.find_map(|entry| entry.strip_prefix(part)?.strip_prefix(':'))?;
    Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{accepted, changes};

    fn broken(step: &str) -> Vec<String> {
        let changes = changes(step).into_iter();
        let broken =
            changes.map(|change| format!("{} -> {}", &step[change.place.clone()], change.put));
        broken.collect()
    }

    #[test]
    fn each_part_of_a_block_is_changed_alone() {
        let step = "document = \"fizz\"\n\nmodify {\n  set \"size\" { to = 9 } # 8\n  when = a == \"b\" && true\n}\n";
        insta::assert_snapshot!(broken(step).join("\n"), @r#"
        set "size" { to = 9 } -> 
        "size" -> "mutant"
        to -> mutant_to
        to = 9 -> 
        9 -> 10
        when -> mutant_when
        when = a == "b" && true -> 
        == -> !=
        "b" -> "mutant"
        && -> ||
        true -> false
        "#);
    }

    #[test]
    fn what_is_no_step_and_has_no_block_cannot_be_broken() {
        assert_eq!(broken("document = \"fizz\"\n"), [""; 0]);
        assert_eq!(broken("modify {"), [""; 0]);
    }

    #[test]
    fn a_comment_accepts_one_part_of_its_line_with_a_reason() {
        let line = r##"  to = coalesce(name, "-") # mutant "-": no name is spelt so"##;
        let reason = accepted(line, r#""-""#);
        assert_eq!(reason.as_deref(), Some("no name is spelt so"));
        assert_eq!(accepted(line, "name"), None);
        let line = r##"x = y != "" ? "-" : z # mutant "": never; mutant "-": not either"##;
        assert_eq!(accepted(line, r#""""#).as_deref(), Some("never"));
        assert_eq!(accepted(line, r#""-""#).as_deref(), Some("not either"));
        assert_eq!(accepted(r##"x = "-" # mutant "-":"##, r#""-""#), None);
    }
}
