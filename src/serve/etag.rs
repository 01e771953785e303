//! Validators: what says whether an answer is still the one that a client has.

use hyper::HeaderMap;
use hyper::header::IF_NONE_MATCH;
use sha2::{Digest as _, Sha256};

use super::question::Question;
use crate::text::hex;

/// A strong validator, as it stands in a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ETag(String);

impl ETag {
    /// That of an answer in one form and one encoding.
    pub(super) fn new(digest: &[u8; 32], is_gzip: bool) -> ETag {
        let hex = hex(&digest[..16]);
        ETag(format!("\"{hex}{}\"", if is_gzip { "-gzip" } else { "" }))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a client has it: weak comparison, as RFC 9110 asks for here.
    pub(super) fn is_known(&self, headers: &HeaderMap) -> bool {
        headers.get_all(IF_NONE_MATCH).iter().any(|value| {
            let listed = value.to_str().unwrap_or_default().split(',').map(str::trim);
            let mut listed = listed.map(|tag| tag.strip_prefix("W/").unwrap_or(tag));
            listed.any(|tag| tag == "*" || tag == self.0)
        })
    }
}

/// What validators of a question's answers stand for beside the state: the question, and how its answer is written.
pub(super) struct Validator {
    question: [u8; 32],
    may_compress: bool,
    /// What the client has.
    headers: HeaderMap,
}

impl Validator {
    pub(super) fn new(
        question: &Question,
        endpoint: &str,
        may_compress: bool,
        headers: HeaderMap,
    ) -> Validator {
        let mut key = Sha256::new();
        let release = env!("CARGO_PKG_VERSION");
        key.update(format!(
            "{release}\0{:?}\0{may_compress}\0{endpoint}",
            question.form
        ));
        let parameters = question.parameters.iter();
        let parameters = parameters.flat_map(|(name, value)| [name, value]);
        for text in std::iter::once(&question.project).chain(parameters) {
            // No text with its length is the beginning of another.
            key.update((text.len() as u64).to_le_bytes());
            key.update(text);
        }
        Validator {
            question: key.finalize().into(),
            may_compress,
            headers,
        }
    }

    pub(super) fn may_compress(&self) -> bool {
        self.may_compress
    }

    /// Identifies the answer of a state.
    pub(super) fn key(&self, state: &[u8; 32]) -> [u8; 32] {
        let key = Sha256::new_with_prefix(self.question);
        key.chain_update(state).finalize().into()
    }

    pub(super) fn tag(&self, state: &[u8; 32]) -> ETag {
        ETag::new(&self.key(state), self.may_compress)
    }

    /// Whether the client has the answer of a state.
    pub(super) fn is_known(&self, state: &[u8; 32]) -> bool {
        self.headers.contains_key(IF_NONE_MATCH) && self.tag(state).is_known(&self.headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_knows_what_it_names() {
        let tag = ETag::new(&[0xab; 32], false);
        let known = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, value.parse().unwrap());
            tag.is_known(&headers)
        };
        let own = tag.as_str().to_owned();
        assert!(known(&own));
        assert!(known(&format!("\"x\", W/{own}")));
        assert!(known("*"));
        assert!(!known("\"x\""));
        assert!(!known(ETag::new(&[0xab; 32], true).as_str()));
        assert!(!tag.is_known(&HeaderMap::new()));
    }
}
