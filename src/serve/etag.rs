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

/// What a validator stands for, beside the state: the question, and how its answer is written.
pub(super) fn key(question: &Question, endpoint: &str, may_compress: bool) -> [u8; 32] {
    let mut key = Sha256::new();
    let release = env!("CARGO_PKG_VERSION");
    key.update(format!(
        "{release}\0{:?}\0{may_compress}\0{endpoint}",
        question.form
    ));
    for text in std::iter::once(&question.project).chain(
        question
            .parameters
            .iter()
            .flat_map(|(name, value)| [name, value]),
    ) {
        // No text with its length is the beginning of another.
        key.update((text.len() as u64).to_le_bytes());
        key.update(text);
    }
    key.finalize().into()
}

pub(super) fn keyed(key: &[u8; 32], state: &[u8; 32]) -> [u8; 32] {
    Sha256::new()
        .chain_update(key)
        .chain_update(state)
        .finalize()
        .into()
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
