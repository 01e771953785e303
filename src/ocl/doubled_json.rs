//! Names that an object in JSON holds twice: most readers keep the last value, without a word.

use std::collections::HashMap;

use super::error::{LineColumn, position};

/// A name that an object in a JSON text holds twice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} stands there twice at line {} column {}, and before that at line {} column {}", second.line, second.column, first.line, first.column)]
pub struct DoubledJsonName {
    /// The name.
    pub name: String,
    /// Where it stands first.
    pub first: LineColumn,
    /// Where it stands again.
    pub second: LineColumn,
}

/// The first name that an object in a JSON text holds twice, at any depth.
pub(crate) fn doubled_json_name(json: &str) -> Option<DoubledJsonName> {
    let bytes = json.as_bytes();
    // The names of the objects that are open, with their places; `None` for a list.
    let mut open: Vec<Option<HashMap<String, usize>>> = Vec::new();
    let mut is_name = false;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let start = at;
        at += 1;
        match byte {
            b'{' => {
                open.push(Some(HashMap::new()));
                is_name = true;
            }
            b'[' => {
                open.push(None);
                is_name = false;
            }
            b'}' | b']' => {
                open.pop();
            }
            b',' => is_name = matches!(open.last(), Some(Some(_))),
            b'"' => {
                at = end_of_string(bytes, at);
                if !std::mem::take(&mut is_name) {
                    continue;
                }
                let name: String = serde_json::from_str(json.get(start..at)?).ok()?;
                let names = open.last_mut()?.as_mut()?;
                if let Some(first) = names.get(&name) {
                    return Some(DoubledJsonName {
                        first: position(bytes, *first),
                        second: position(bytes, start),
                        name,
                    });
                }
                names.insert(name, start);
            }
            _ => {}
        }
    }
    None
}

/// The position after the closing quote of a string whose content begins here.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        at += match byte {
            b'"' => return at + 1,
            b'\\' => 2,
            _ => 1,
        };
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_places_of_a_doubled_name_are_told() {
        let cases = [
            (r#"{"a": 1, "a": 2}"#, Some(((1, 2), (1, 10)))),
            ("{\"é\": 1,\n \"\\u00e9\": 2}", Some(((1, 2), (2, 2)))),
            (
                r#"[1, {"x": [{"a": {"a": 1}, "b": "a", "a": []}]}]"#,
                Some(((1, 13), (1, 38))),
            ),
            (r#"{"a": "a", "b": ["a", "b", {"a": 1}], "c": {}}"#, None),
            (r#"[{"a": 1}, {"a": "}\",\"a\""}]"#, None),
            ("\"a", None),
            ("{\"\\", None),
            ("]}{,\"a\"", None),
        ];
        for (json, expected) in cases {
            let found = doubled_json_name(json).map(|doubled| {
                let [first, second] = [doubled.first, doubled.second];
                ((first.line, first.column), (second.line, second.column))
            });
            assert_eq!(found, expected, "{json}");
        }
    }
}
