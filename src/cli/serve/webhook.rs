//! Notices of the hosts of repositories that something was pushed, which whoever knows the secret has signed.

use std::fmt;
use std::hint::black_box;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::secret_file;
use crate::cli::failure::Failure;
use crate::text::hex;

/// A shorter secret can be guessed, in bytes.
const SHORTEST: usize = 16;

/// A longer one is another file, in bytes.
const LONGEST: u64 = 64 << 10;

/// How notices of a project's remote are known to be its host's.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Webhook {
    host: Host,
    secret: String,
}

/// A host, by the way in which it signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Host {
    /// An HMAC with SHA-256 of what is sent.
    GitHub,
    /// The secret itself.
    GitLab,
}

impl Host {
    pub(super) const NAMES: [&str; 2] = ["github", "gitlab"];

    pub(super) fn named(name: &str) -> Option<Host> {
        match name {
            "github" => Some(Host::GitHub),
            "gitlab" => Some(Host::GitLab),
            _ => None,
        }
    }

    /// The header that has the signature.
    fn header(self) -> &'static str {
        match self {
            Host::GitHub => "x-hub-signature-256",
            Host::GitLab => "x-gitlab-token",
        }
    }
}

impl Webhook {
    /// With the secret in a file, without the end of its line.
    pub(super) fn new(host: Host, file: &Path) -> Result<Webhook, Failure> {
        let secret = secret_file::read_private(file, "the webhook's secret", LONGEST)?;
        let secret = secret.trim_end_matches(['\n', '\r']).to_owned();
        if secret.len() < SHORTEST {
            let file = file.display();
            return Err(Failure::Other(format!(
                "the secret in {file} has fewer than {SHORTEST} characters, and could be guessed: openssl rand -hex 32 > {file}"
            )));
        }
        Ok(Webhook { host, secret })
    }

    /// Whether whoever sent this knows the secret. Takes as long however much of the signature is right.
    pub(super) fn is_signed(&self, header: &dyn Fn(&str) -> Option<String>, body: &[u8]) -> bool {
        let given = header(self.host.header()).unwrap_or_default();
        let expected = match self.host {
            Host::GitHub => {
                let signature = hmac(self.secret.as_bytes(), &[body]);
                format!("sha256={}", hex(&signature))
            }
            Host::GitLab => self.secret.clone(),
        };
        is_same(given.as_bytes(), expected.as_bytes())
    }
}

/// Hides the secret.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

/// Compares hashes, so that neither length nor content of what is right shows in the time that it takes.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let (one, other) = (Sha256::digest(one), Sha256::digest(other));
    let pairs = one.iter().zip(&other);
    black_box(pairs.fold(0, |differs, (one, other)| differs | (one ^ other))) == 0
}

/// HMAC with SHA-256 (RFC 2104).
fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    const BLOCK: usize = 64;
    let mut padded = [0; BLOCK];
    if key.len() > BLOCK {
        padded[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        padded[..key.len()].copy_from_slice(key);
    }
    let mut inner = Sha256::new_with_prefix(padded.map(|byte| byte ^ 0x36));
    for part in parts {
        inner.update(part);
    }
    let mut outer = Sha256::new_with_prefix(padded.map(|byte| byte ^ 0x5c));
    outer.update(inner.finalize());
    outer.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_standards_examples() {
        // RFC 4231, cases 1, 2 and 6.
        for (key, data, expected) in [
            (
                &[0x0b; 20][..],
                &b"Hi There"[..],
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            assert_eq!(hex(&hmac(key, &[data])), expected);
        }
    }

    #[test]
    fn only_who_knows_the_secret_signs() {
        let hook = |host| Webhook {
            host,
            secret: "It's a Secret to Everybody".into(),
        };
        let is_signed = |host, name: &'static str, value: &str, body: &str| {
            let header = |asked: &str| (asked == name).then(|| value.to_owned());
            hook(host).is_signed(&header, body.as_bytes())
        };
        // GitHub's own example.
        let right = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let name = "x-hub-signature-256";
        assert!(is_signed(Host::GitHub, name, right, "Hello, World!"));
        assert!(!is_signed(Host::GitHub, name, right, "Hello, World?"));
        assert!(!is_signed(
            Host::GitHub,
            "x-hub-signature",
            right,
            "Hello, World!"
        ));
        for wrong in [
            "",
            "sha256=",
            &right[7..],
            &right[..70],
            &right.replace('7', "8"),
        ] {
            assert!(
                !is_signed(Host::GitHub, name, wrong, "Hello, World!"),
                "{wrong}"
            );
        }
        let name = "x-gitlab-token";
        assert!(is_signed(
            Host::GitLab,
            name,
            "It's a Secret to Everybody",
            ""
        ));
        for wrong in [
            "",
            "It's a Secret to Everybod",
            "it's a Secret to Everybody",
        ] {
            assert!(!is_signed(Host::GitLab, name, wrong, ""), "{wrong}");
        }
        assert!(!format!("{:?}", hook(Host::GitLab)).contains("Everybody"));
    }
}
