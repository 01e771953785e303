//! What a draft adds to the contract before it, as a JSON Schema.

use serde_json::{Map, Value as Json};

/// The contract before, with what the draft's documents have beyond it: names that it doesn't know, other types, and names that it
/// requires and some document lacks. What it says more than a draft could, such as which values are the only ones, stays.
pub(super) fn beyond(before: &Json, draft: &Json) -> Json {
    let mut schema = before.clone();
    let mut adding = Adding {
        schema: &mut schema,
        draft,
        depth: 0,
    };
    adding.add(String::new(), draft);
    schema
}

/// Schemas that hold themselves end here.
const DEEPEST: usize = 64;

struct Adding<'a> {
    schema: &'a mut Json,
    draft: &'a Json,
    depth: usize,
}

impl Adding<'_> {
    /// Adds what a part of the draft says to what lies at a pointer.
    fn add(&mut self, at: String, drafted: &Json) {
        let Some(at) = self.resolved(at).filter(|_| self.depth < DEEPEST) else {
            return;
        };
        let draft = self.draft;
        let drafted = definition(draft, drafted);
        let Some(Json::Object(schema)) = self.schema.pointer_mut(&at) else {
            return;
        };
        allow_types(schema, drafted);
        if let Some(Json::Array(required)) = schema.get_mut("required")
            && drafted.get("properties").is_some()
        {
            let there = drafted.get("required").and_then(Json::as_array);
            required.retain(|name| there.is_some_and(|there| there.contains(name)));
        }
        let closed = schema.get("additionalProperties") == Some(&Json::Bool(false));
        if closed {
            let members = schema.entry("properties");
            members.or_insert_with(|| Map::new().into());
        }
        let drafted_members = drafted.get("properties").and_then(Json::as_object);
        let mut deeper = Vec::new();
        for (name, member) in drafted_members.into_iter().flatten() {
            let Some(Json::Object(members)) = schema.get_mut("properties") else {
                continue;
            };
            if members.contains_key(name) {
                let name = name.replace('~', "~0").replace('/', "~1");
                deeper.push((format!("{at}/properties/{name}"), member));
            } else {
                members.insert(name.clone(), inlined(draft, member));
            }
        }
        if let (Some(Json::Object(_)), Some(items)) = (schema.get("items"), drafted.get("items")) {
            deeper.push((format!("{at}/items"), items));
        }
        self.depth += 1;
        for (at, member) in deeper {
            self.add(at, member);
        }
        self.depth -= 1;
    }

    /// Where a reference leads.
    fn resolved(&self, mut at: String) -> Option<String> {
        for _ in 0..DEEPEST {
            let there = self.schema.pointer(&at)?;
            match there.get("$ref").and_then(Json::as_str) {
                Some(reference) => at = reference.strip_prefix('#')?.to_owned(),
                None => return Some(at),
            }
        }
        None
    }
}

/// What a part of the draft stands for.
fn definition<'d>(draft: &'d Json, part: &'d Json) -> &'d Json {
    let reference = part.get("$ref").and_then(Json::as_str);
    let pointer = reference.and_then(|reference| reference.strip_prefix('#'));
    pointer
        .and_then(|pointer| draft.pointer(pointer))
        .unwrap_or(part)
}

/// A part of the draft without references. Blocks lie within each other there, so this ends.
fn inlined(draft: &Json, part: &Json) -> Json {
    match definition(draft, part) {
        Json::Object(members) => {
            let members = members.iter();
            let inlined = members.map(|(name, member)| (name.clone(), inlined(draft, member)));
            Json::Object(inlined.collect())
        }
        Json::Array(items) => items.iter().map(|item| inlined(draft, item)).collect(),
        other => other.clone(),
    }
}

/// Where a schema names types, those of the draft are among them.
fn allow_types(schema: &mut Map<String, Json>, drafted: &Json) {
    let listed = |types: &Json| match types {
        Json::Array(types) => types.clone(),
        one => vec![one.clone()],
    };
    let (Some(known), Some(new)) = (schema.get("type"), drafted.get("type")) else {
        return;
    };
    let mut types = listed(known);
    let is_known = |types: &[Json], new: &Json| {
        types.contains(new) || (new == "integer" && types.contains(&"number".into()))
    };
    let new: Vec<Json> = listed(new);
    let new: Vec<Json> = new
        .into_iter()
        .filter(|new| !is_known(&types, new))
        .collect();
    if !new.is_empty() {
        types.extend(new);
        schema.insert("type".into(), types.into());
    }
}
