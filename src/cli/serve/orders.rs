//! What a client sends, as the parameters of a command line.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::cli::put::{self, put_value};
use crate::cli::sent::{Place, Sent};
use crate::serve::{Endpoint, Expected, Problem, Question};
use crate::values::Address;

/// What stands for a file in the command line, which hints repeat: the text is in the body.
const FILE: &str = "FILE";

/// So many names of a list are kept in the log.
const LOGGED: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    address: String,
    value: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Author {
    name: String,
    email: String,
}

/// The parameters of a question that writes, as its command takes them, and what goes beside them.
pub(super) fn order(question: &Question) -> Result<(Vec<(String, String)>, Sent), Problem> {
    let mut sent = Sent {
        place: question.expected.as_ref().map(place).transpose()?,
        ..Sent::default()
    };
    let mut parameters = Vec::new();
    for (name, value) in &question.parameters {
        match &**name {
            "put" => {
                let texts: Map<String, Value> = parsed(name, value)?;
                for (document, text) in texts {
                    let Value::String(text) = text else {
                        let why = format!("`put`: the text of `{document}` must be a string");
                        return Err(Problem::usage(why));
                    };
                    parameters.push((name.clone(), put_word(&document)));
                    sent.texts.push((document, text.into_bytes()));
                }
            }
            "set" => {
                for Set { address, value } in parsed::<Vec<Set>>(name, value)? {
                    let address = canonical(name, &address)?;
                    parameters.push((name.clone(), format!("{address}={value}")));
                }
            }
            "unset" => parameters.push((name.clone(), canonical(name, value)?)),
            "author" => {
                let Author { name, email } = parsed(name, value)?;
                let is_wrong =
                    |text: &str| text.trim().is_empty() || text.contains(['<', '>', '\n', '\0']);
                if is_wrong(&name) || is_wrong(&email) {
                    return Err(Problem::usage(
                        "`author` needs a name and an email, neither with `<`, `>` or line breaks",
                    ));
                }
                sent.author = Some((name, email));
            }
            _ => parameters.push((name.clone(), value.clone())),
        }
    }
    Ok((parameters, sent))
}

/// A document that is put, as the command line names it.
fn put_word(document: &str) -> String {
    let word = put_value(document, FILE);
    match put::parse(&word) {
        Ok(_) => word,
        // No document has such a name; which it is, is told of what was sent.
        Err(_) => format!("DOC={FILE}"),
    }
}

/// What the log keeps of an order: which documents and values, and none of their contents.
pub(super) fn audited(endpoint: &Endpoint, parameters: &[(String, String)]) -> Value {
    let mut kept = Map::new();
    for (name, value) in parameters {
        let value = match &**name {
            // These stand beside it.
            "ref" | "message" | "dry_run" => continue,
            "put" => match serde_json::from_str(value) {
                Ok(Value::Object(texts)) => texts.into_iter().map(|(name, _)| name).collect(),
                _ => continue,
            },
            "set" => match serde_json::from_str(value) {
                Ok(Value::Array(sets)) => sets.iter().map(|it| it["address"].clone()).collect(),
                _ => continue,
            },
            "author" => serde_json::from_str(value).unwrap_or_default(),
            _ => value.as_str().into(),
        };
        let is_list = endpoint.parameter(name).is_some_and(|it| it.repeated);
        match kept.get_mut(name) {
            Some(Value::Array(values)) => values.push(value),
            _ if is_list => drop(kept.insert(name.clone(), json!([value]))),
            _ => drop(kept.insert(name.clone(), value)),
        }
    }
    let mut left_out = Map::new();
    for (name, value) in &mut kept {
        if let Value::Array(values) = value
            && values.len() > LOGGED
        {
            left_out.insert(name.clone(), (values.len() - LOGGED).into());
            values.truncate(LOGGED);
        }
    }
    if !left_out.is_empty() {
        kept.insert("left_out".into(), left_out.into());
    }
    kept.into()
}

fn parsed<T: for<'de> Deserialize<'de>>(name: &str, value: &str) -> Result<T, Problem> {
    serde_json::from_str(value).map_err(|error| Problem::usage(format!("`{name}`: {error}")))
}

/// An address as it is printed, in which nothing ends too early.
fn canonical(name: &str, text: &str) -> Result<String, Problem> {
    let address: Address = text
        .parse()
        .map_err(|error| Problem::usage(format!("`{name}`: {error}")))?;
    Ok(address.to_string())
}

fn place(expected: &Expected) -> Result<Place, Problem> {
    match expected {
        Expected::Absent => Ok(Place::Absent),
        Expected::Commit(commit) => match commit.parse() {
            Ok(commit) => Ok(Place::At(commit)),
            Err(_) => Err(Problem::usage("`If-Match` names no commit")),
        },
    }
}

/// The shapes of the parameters that are more than a text.
pub(super) fn schema(name: &str) -> Option<Value> {
    Some(match name {
        "put" => json!({"type": "object", "additionalProperties": {"type": "string"}}),
        "set" => json!({
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"address": {"type": "string"}, "value": {}},
                "required": ["address", "value"],
                "additionalProperties": false,
            },
        }),
        "author" => json!({
            "type": "object",
            "properties": {"name": {"type": "string"}, "email": {"type": "string"}},
            "required": ["name", "email"],
            "additionalProperties": false,
        }),
        _ => return None,
    })
}
