//! Keywords that are probably misspelt: a validator passes over what it doesn't know, so such a schema is silently laxer.

use serde_json::Value;

use super::limits;
use crate::contract::pointer;
use crate::text::is_one_letter_off;

/// The keywords of all drafts, and those of OpenAPI.
const KNOWN: [&str; 71] = [
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$recursiveAnchor",
    "$recursiveRef",
    "$ref",
    "$schema",
    "$vocabulary",
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "contains",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "default",
    "definitions",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "deprecated",
    "description",
    "discriminator",
    "else",
    "enum",
    "example",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "externalDocs",
    "format",
    "id",
    "if",
    "items",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "nullable",
    "oneOf",
    "pattern",
    "patternProperties",
    "prefixItems",
    "properties",
    "propertyNames",
    "readOnly",
    "required",
    "then",
    "title",
    "type",
    "unevaluatedItems",
    "unevaluatedProperties",
    "uniqueItems",
    "writeOnly",
    "xml",
    // Of OpenAPI's extensions and of editors.
    "defaultSnippets",
    "enumDescriptions",
    "markdownDescription",
];

/// A word in the place of a keyword.
pub(in crate::contract) struct Misspelt {
    pub(in crate::contract) word: String,
    pub(in crate::contract) near: &'static str,
    pub(in crate::contract) pointer: String,
}

/// Those of a schema. Words that resemble no keyword are annotations.
pub(super) fn misspelt(schema: &Value) -> Vec<Misspelt> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), schema)];
    while let Some((at, schema)) = open.pop() {
        let Value::Object(members) = schema else {
            continue;
        };
        for (name, value) in members {
            let mut pointer = at.clone();
            pointer::push(&mut pointer, name);
            if let Some(near) = meant(name) {
                let word = name.clone();
                found.push(Misspelt {
                    word,
                    near,
                    pointer,
                });
                continue;
            }
            let is_map = matches!(name.as_str(), "$defs" | "definitions");
            match (limits::holds_map(name).or(is_map.then_some(true)), value) {
                (Some(true), Value::Object(schemas)) => {
                    for (name, schema) in schemas {
                        let mut pointer = pointer.clone();
                        pointer::push(&mut pointer, name);
                        open.push((pointer, schema));
                    }
                }
                (Some(_), Value::Array(schemas)) => {
                    let schemas = schemas.iter().enumerate();
                    open.extend(schemas.map(|(at, schema)| (format!("{pointer}/{at}"), schema)));
                }
                (Some(false), schema) => open.push((pointer, schema)),
                _ => {}
            }
        }
    }
    found.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    found
}

/// The keyword that a word was probably meant to be; `None` for a keyword.
fn meant(word: &str) -> Option<&'static str> {
    if KNOWN.contains(&word) {
        return None;
    }
    let letters = |text: &str| text.replace(['_', '-'], "").to_lowercase();
    let is_it = |known: &&&str| letters(word) == letters(known) || is_one_letter_off(word, known);
    KNOWN.iter().find(is_it).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_word_beside_a_keyword_is_misspelt_and_an_annotation_is_none() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "x-required": 1, "note": "a", "$commnet": "b", "types": "c", "example": 1,
            "requred": ["a"],
            "properties": {
                "requred": { "min_length": 1 },
                "list": { "items": { "anyOf": [{ "maxItmes": 1 }] } },
            },
            "$defs": { "of": { "additionalproperties": false } },
            "additionalProperties": { "enmu": [] },
            "default": { "requred": 1 },
            "enum": [{ "requred": 1 }],
        });
        let found = misspelt(&schema);
        let found: Vec<(&str, &str)> = found.iter().map(|it| (&*it.pointer, it.near)).collect();
        let wanted = [
            ("/$commnet", "$comment"),
            ("/$defs/of/additionalproperties", "additionalProperties"),
            ("/additionalProperties/enmu", "enum"),
            ("/properties/list/items/anyOf/0/maxItmes", "maxItems"),
            ("/properties/requred/min_length", "minLength"),
            ("/requred", "required"),
            ("/types", "type"),
        ];
        assert_eq!(found, wanted);
    }
}
