//! What the formats say alike of a finding.

use sha2::{Digest as _, Sha256};

use crate::check::Finding;
use crate::text::hex;

/// The message with what was probably meant.
pub(super) fn whole_message(finding: &Finding) -> String {
    match &finding.help {
        Some(help) => format!("{}; {help}", finding.message),
        None => finding.message.clone(),
    }
}

/// Tells that two reports are of one finding, wherever its line is now.
pub(super) fn fingerprint(finding: &Finding) -> String {
    let mut hasher = Sha256::new();
    let (rule, document) = (finding.rule.to_string(), finding.document.as_ref());
    let document = document.map_or("", |name| name.as_str());
    for part in [
        &*finding.base_path,
        document,
        &finding.address,
        &rule,
        &finding.message,
    ] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hex(&hasher.finalize())
}
