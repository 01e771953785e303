//! Values that a document can't carry down: found by running each undone step again.

use std::fmt;

use serde_json::{Map, Value as Json};

use super::loss::{Loss, LossCause, shorten};
use crate::catalog::Step;
use crate::ocl::LABELS;

/// A value that the older shape can't hold, or that comes back as another one. It is kept here, beside the document that was
/// brought down.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SetAside {
    /// The version of the step that can't carry it.
    pub version: u32,
    /// The step's name.
    #[serde(rename = "name")]
    pub step: String,
    /// The place in the document, before it goes down.
    pub place: String,
    /// The value, as JSON; `None` where there is nothing before it goes down, and something when it comes back.
    pub value: Option<String>,
    /// What it would come back as; `None` for nothing.
    pub back: Option<String>,
}

impl SetAside {
    /// The same, to be counted with what gets lost on the way up.
    pub(crate) fn as_loss(&self) -> Loss {
        Loss {
            cause: LossCause::NotCarriedDown,
            version: self.version,
            step: self.step.clone(),
            place: self.place.clone(),
            text: self.value.clone().unwrap_or_else(|| "nothing".to_owned()),
        }
    }
}

impl fmt::Display for SetAside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (version, step, place) = (self.version, &self.step, &self.place);
        let what = |value: &Option<String>| value.as_deref().map_or("nothing".into(), shorten);
        write!(
            f,
            "step {version} {step} can't carry {place} down: it is {}, and would come back as {}",
            what(&self.value),
            what(&self.back)
        )
    }
}

/// Where the plain view of a document differs from what comes back up of it.
pub(super) fn difference(step: &Step, before: &Json, back: &Json) -> Vec<SetAside> {
    let mut search = Search {
        step,
        found: Vec::new(),
    };
    search.compare(String::new(), Some(before), Some(back));
    search.found
}

struct Search<'s> {
    step: &'s Step,
    found: Vec<SetAside>,
}

impl Search<'_> {
    fn compare(&mut self, place: String, before: Option<&Json>, back: Option<&Json>) {
        match (before, back) {
            (before, back) if before == back => {}
            (Some(Json::Object(before)), Some(Json::Object(back))) => {
                self.objects(&place, before, back);
            }
            (Some(Json::Array(before)), Some(Json::Array(back))) if before.len() == back.len() => {
                for (index, (before, back)) in before.iter().zip(back).enumerate() {
                    let item = item_place(&place, before, index);
                    self.compare(item, Some(before), Some(back));
                }
            }
            (before, back) => self.found.push(SetAside {
                version: self.step.version(),
                step: self.step.name().to_owned(),
                place,
                value: before.map(ToString::to_string),
                back: back.map(ToString::to_string),
            }),
        }
    }

    fn objects(&mut self, place: &str, before: &Map<String, Json>, back: &Map<String, Json>) {
        let added = back.keys().filter(|key| !before.contains_key(*key));
        for key in before.keys().chain(added) {
            let inner = match place {
                "" => key.clone(),
                _ => format!("{place}.{key}"),
            };
            self.compare(inner, before.get(key), back.get(key));
        }
    }
}

/// Blocks go by their labels, where they have any.
fn item_place(place: &str, item: &Json, index: usize) -> String {
    match item.get(LABELS).and_then(Json::as_array) {
        Some(labels) if !labels.is_empty() => labels
            .iter()
            .fold(place.to_owned(), |place, label| format!("{place}[{label}]")),
        _ => format!("{place}[{index}]"),
    }
}
