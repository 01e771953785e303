//! A draft as a JSON Schema.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::seen::{Holder, Member, Scalar, Value};
use crate::ocl::LABELS;

/// The dialect of the contracts that come with the command.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

pub(super) fn schema(root: &Holder, title: String, description: String) -> Json {
    let mut names = Names::default();
    names.take(root, "");
    let mut definitions = Map::new();
    let mut schema = Map::new();
    schema.insert("$schema".into(), DIALECT.into());
    schema.insert("title".into(), title.into());
    schema.insert("description".into(), description.into());
    schema.append(&mut holder(root, "", &names, &mut definitions));
    if !definitions.is_empty() {
        schema.insert("$defs".into(), definitions.into());
    }
    schema.into()
}

/// What each block type in its place is called among the definitions: by its type, or by its path where several have that type.
#[derive(Default)]
struct Names {
    /// By path: `process.step`.
    names: BTreeMap<String, String>,
    taken: BTreeSet<String>,
}

impl Names {
    fn take(&mut self, holder: &Holder, path: &str) {
        let blocks = holder.members.iter();
        let blocks = blocks.filter_map(|(name, member)| Some((name, member.blocks.as_ref()?)));
        for (name, block) in blocks.clone() {
            let path = below(path, name);
            // A pointer leads to it, in which other characters are written in other ways.
            let plain = |text: &str| text.replace(|c: char| !is_plain(c), "_");
            let mut free = [plain(name), plain(&path)].into_iter();
            let free = free.find(|name| !self.taken.contains(name));
            let free = free.unwrap_or_else(|| {
                let mut numbered = (2..).map(|number| format!("{}_{number}", plain(&path)));
                let free = numbered.find(|name| !self.taken.contains(name));
                free.expect("numbers don't end")
            });
            self.taken.insert(free.clone());
            self.names.insert(path.clone(), free);
            self.take(block, &path);
        }
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

fn below(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

/// Documents, or the blocks at a path.
fn holder(
    holder: &Holder,
    path: &str,
    names: &Names,
    definitions: &mut Map<String, Json>,
) -> Map<String, Json> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    let (fewest, most) = holder.labels;
    if most > 0 {
        let labels = json!({
            "type": "array", "items": { "type": "string" }, "minItems": fewest.max(1), "maxItems": most,
        });
        properties.insert(LABELS.into(), labels);
        if fewest > 0 {
            required.push(LABELS.into());
        }
    }
    for (name, member) in &holder.members {
        let path = below(path, name);
        if let Some(blocks) = &member.blocks {
            let definition = &names.names[&path];
            // Before those of its own blocks, as a reader looks for them.
            definitions.insert(definition.clone(), Json::Null);
            let schema = self::holder(blocks, &path, names, definitions);
            definitions.insert(definition.clone(), schema.into());
        }
        properties.insert(name.clone(), self::member(member, &path, names));
        if member.present == holder.count {
            required.push(name.as_str().into());
        }
    }
    object(properties, required, false.into())
}

fn object(
    properties: Map<String, Json>,
    required: Vec<Json>,
    additional: Json,
) -> Map<String, Json> {
    let mut schema = Map::new();
    schema.insert("type".into(), "object".into());
    if !properties.is_empty() {
        schema.insert("properties".into(), properties.into());
    }
    if !required.is_empty() {
        schema.insert("required".into(), required.into());
    }
    schema.insert("additionalProperties".into(), additional);
    schema
}

fn member(member: &Member, path: &str, names: &Names) -> Json {
    match (&member.blocks, &member.value) {
        (None, None) => json!({}),
        (None, Some(seen)) => value(seen),
        (Some(_), None) => json!({
            "type": "array",
            "items": { "$ref": format!("#/$defs/{}", names.names[path]) },
        }),
        // Blocks here and an attribute there: where both are, they stand in one list.
        (Some(_), Some(seen)) => {
            let mut types = types(seen);
            if seen.list.is_none() {
                types.push("array");
            }
            let mut schema = schema_of(seen, types);
            schema.remove("items");
            schema.into()
        }
    }
}

fn types(seen: &Value) -> Vec<&'static str> {
    let has = |scalar| seen.scalars.contains(&scalar);
    let mut types = Vec::new();
    let mut add = |is_there: bool, name| {
        if is_there {
            types.push(name);
        }
    };
    add(has(Scalar::String), "string");
    add(has(Scalar::Bool), "boolean");
    add(has(Scalar::Integer) && !has(Scalar::Number), "integer");
    add(has(Scalar::Number), "number");
    add(seen.list.is_some(), "array");
    add(seen.dictionary.is_some(), "object");
    add(has(Scalar::Null), "null");
    types
}

fn one_or_many(types: Vec<&str>) -> Json {
    match types.as_slice() {
        [only] => (*only).into(),
        many => many.to_vec().into(),
    }
}

fn value(seen: &Value) -> Json {
    schema_of(seen, types(seen)).into()
}

fn schema_of(seen: &Value, types: Vec<&str>) -> Map<String, Json> {
    let mut schema = Map::new();
    if seen.is_anything || types.is_empty() {
        return schema;
    }
    schema.insert("type".into(), one_or_many(types));
    if let Some(items) = &seen.list {
        let items = schema_of(items, self::types(items));
        if !items.is_empty() {
            schema.insert("items".into(), items.into());
        }
    }
    if let Some(dictionary) = &seen.dictionary {
        let mut of_dictionary = self::dictionary(dictionary);
        of_dictionary.remove("type");
        schema.append(&mut of_dictionary);
    }
    schema
}

/// Where the names vary, any is allowed.
fn dictionary(seen: &Holder) -> Map<String, Json> {
    if !seen.is_uniform() {
        return object(Map::new(), Vec::new(), value(&seen.values()));
    }
    let properties = seen.members.iter();
    let properties = properties.map(|(name, it)| (name.clone(), member(it, "", &Names::default())));
    let required = seen.members.keys().map(|name| name.as_str().into());
    object(properties.collect(), required.collect(), false.into())
}
