//! The values that the older shape of a document can't hold.

use std::fmt;

use serde_json::{Map, Value as Json};

use super::loss::{Loss, LossCause, shorten};
use crate::catalog::Step;
use crate::ocl::LABELS;

/// A value that the older shape can't hold, or that comes back different. It is kept beside the document that was migrated
/// down.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SetAside {
    /// The version of the step that can't carry it.
    pub version: u32,
    /// The step's name.
    #[serde(rename = "name")]
    pub step: String,
    /// The path in the document, before it goes down.
    pub place: String,
    /// The value, as JSON; `None` if only the result of going down and up has a value there.
    pub value: Option<String>,
    /// The value after going down and up again, as JSON; `None` if there is none.
    pub back: Option<String>,
}

impl SetAside {
    /// The same as a loss, to be counted with those of migrating up.
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

/// The differences between the plain view of a document and that of the document after going down and up again.
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

/// The path of an item of a list. Blocks with labels are named by them.
fn item_place(place: &str, item: &Json, index: usize) -> String {
    match item.get(LABELS).and_then(Json::as_array) {
        Some(labels) if !labels.is_empty() => labels
            .iter()
            .fold(place.to_owned(), |place, label| format!("{place}[{label}]")),
        _ => format!("{place}[{index}]"),
    }
}
