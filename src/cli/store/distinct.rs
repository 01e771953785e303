//! Refuses JSON objects that hold a key twice: `serde_json` keeps the last value, without a word.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

/// An object whose keys stand once each.
struct Distinct<T>(PhantomData<T>);

/// Checks an object of tables, each an object of keys with their values.
pub(super) fn check(json: &[u8]) -> Result<(), serde_json::Error> {
    serde_json::from_slice::<Distinct<Distinct<IgnoredAny>>>(json).map(|_| ())
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Distinct<T> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_map(Distinct(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Distinct<T> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self, A::Error> {
        let mut known = BTreeSet::new();
        while let Some(key) = object.next_key::<String>()? {
            if known.contains(&key) {
                return Err(A::Error::custom(format_args!("{key:?} stands there twice")));
            }
            object.next_value::<T>()?;
            known.insert(key);
        }
        Ok(self)
    }
}
