//! The file of tokens: who may ask a service.
//!
//! It stands beside the configuration and comes to each node the same way. It isn't in the store: a service may have one store per
//! project or none at all, and who may read a repository must not hang on what a database of documents says.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::secret_file;
use crate::cli::failure::Failure;
use crate::text::hex;

/// Bytes of the file: those of more than 100,000 tokens.
const MOST: u64 = 32 << 20;

/// How each token begins, so that scanners for secrets find it.
const PREFIX: &str = "oclm_";

/// So many of a token's last characters are kept, for people to tell tokens apart.
const SHOWN: usize = 8;

/// A token: all but itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Token {
    pub(super) name: String,
    /// Whose projects it is for; empty: those of the tenant without a name.
    pub(super) tenant: String,
    pub(super) scopes: BTreeSet<String>,
    pub(super) created: String,
    pub(super) ends_in: String,
    /// The token holds 256 random bits: nobody can try them all, however fast the hash is. So it needs neither salt nor a slow hash.
    sha256: String,
}

impl Token {
    /// Makes one; the second is the token itself, which nothing keeps.
    pub(super) fn new(
        name: &str,
        tenant: &str,
        scopes: BTreeSet<String>,
    ) -> Result<(Token, String), Failure> {
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|error| {
            Failure::Other(format!("the system gives no random bytes: {error}"))
        })?;
        let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random));
        let token = Token {
            name: name.to_owned(),
            tenant: tenant.to_owned(),
            scopes,
            created: jiff::Timestamp::now()
                .strftime("%Y-%m-%dT%H:%M:%SZ")
                .to_string(),
            ends_in: secret[secret.len() - SHOWN..].to_owned(),
            sha256: hash(&secret),
        };
        Ok((token, secret))
    }
}

fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// Finds the token of a secret. Takes as long wherever it stands and however much of it is right.
pub(super) fn find<'t>(tokens: &'t [Token], secret: &str) -> Option<&'t Token> {
    let hash = hash(secret);
    let mut found = None;
    for token in tokens {
        let pairs = token.sha256.bytes().zip(hash.bytes());
        let differs = pairs.fold(0, |differs, (one, other)| differs | (one ^ other));
        if black_box(differs) == 0 {
            found = Some(token);
        }
    }
    found
}

/// The file, as a service reads it: again whenever it has changed.
pub(super) struct TokenFile {
    path: PathBuf,
    read: Mutex<Option<(Stamp, Arc<Vec<Token>>)>>,
}

/// What changes with a file's content, and with who may read it.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
    file: u64,
    access: (u32, u32),
}

impl TokenFile {
    pub(super) fn new(path: PathBuf) -> TokenFile {
        TokenFile {
            path,
            read: Mutex::new(None),
        }
    }

    /// The tokens as of now: one that is revoked is so from the next request on.
    pub(super) fn tokens(&self) -> Result<Arc<Vec<Token>>, Failure> {
        let stamp = match fs::metadata(&self.path) {
            Ok(found) => Stamp {
                modified: found.modified().ok(),
                bytes: found.len(),
                file: file_number(&found),
                access: access(&found),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Arc::default()),
            Err(error) => return Err(Failure::of_file(&self.path, error)),
        };
        let mut known = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, tokens)) = &*known
            && *at == stamp
        {
            return Ok(tokens.clone());
        }
        let tokens = Arc::new(read(&self.path)?);
        *known = Some((stamp, tokens.clone()));
        Ok(tokens)
    }
}

#[cfg(unix)]
fn file_number(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

/// Who owns a file, and its mode.
#[cfg(unix)]
fn access(metadata: &fs::Metadata) -> (u32, u32) {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.uid(), metadata.mode())
}

#[cfg(not(unix))]
fn access(_: &fs::Metadata) -> (u32, u32) {
    (0, 0)
}

#[cfg(not(unix))]
fn file_number(_: &fs::Metadata) -> u64 {
    0
}

/// The tokens in a file: none where there is no file.
pub(super) fn read(path: &Path) -> Result<Vec<Token>, Failure> {
    let text = match secret_file::read_private(path, "the file of tokens", MOST) {
        Ok(text) => text,
        Err(Failure::File { error, .. }) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Vec::new());
        }
        Err(failure) => return Err(failure),
    };
    let mut tokens: Vec<Token> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let wrong = |what: &str| {
            let place = format!("{}:{}", path.display(), number + 1);
            Failure::Other(format!(
                "{place}: {what}; make tokens with the command `token`"
            ))
        };
        let token: Token = serde_json::from_str(line)
            .map_err(|error| wrong(&format!("this is no token: {error}")))?;
        let is_hash = |c: char| matches!(c, '0'..='9' | 'a'..='f');
        if token.sha256.len() != 64 || !token.sha256.chars().all(is_hash) {
            return Err(wrong("`sha256` must have 64 digits of lower-case hex"));
        }
        if tokens.iter().any(|known| known.name == token.name) {
            return Err(wrong("there is a token of this name above"));
        }
        tokens.push(token);
    }
    Ok(tokens)
}

/// Changes the file as a whole, for its owner alone. Two that change it at once wait for each other.
pub(super) fn change<T>(
    path: &Path,
    change: impl FnOnce(&mut Vec<Token>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let folder = path.parent().filter(|it| *it != Path::new(""));
    let folder = folder.unwrap_or(Path::new("."));
    // The file itself is replaced, and so can't be held. Where a folder can't be opened, nobody waits.
    let held = File::open(folder).ok();
    if let Some(held) = &held {
        held.lock()
            .map_err(|error| Failure::of_file(folder, error))?;
    }
    let mut tokens = read(path)?;
    let done = change(&mut tokens)?;
    let mut text = String::new();
    for token in &tokens {
        let line = serde_json::to_string(token).map_err(io::Error::other);
        text.push_str(&line.map_err(|error| Failure::of_file(path, error))?);
        text.push('\n');
    }
    replace(path, folder, text.as_bytes()).map_err(|error| Failure::of_file(path, error))?;
    Ok(done)
}

fn replace(path: &Path, folder: &Path, bytes: &[u8]) -> io::Result<()> {
    // Only its owner may read such a file.
    let mut file = tempfile::Builder::new().tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_by_its_secret_alone() {
        let made = ["a", "b"].map(|name| Token::new(name, "", BTreeSet::new()).unwrap());
        let tokens = made.clone().map(|(token, _)| token);
        for (token, secret) in &made {
            assert_eq!(find(&tokens, secret), Some(token));
            assert_eq!(secret.len(), PREFIX.len() + 43);
            assert!(secret.ends_with(&token.ends_in));
            for wrong in ["", &secret[1..], &token.sha256, &format!("{secret} ")] {
                assert_eq!(find(&tokens, wrong), None);
            }
        }
        assert_ne!(made[0].1, made[1].1);
    }
}
