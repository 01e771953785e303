//! Signatures of commits.

use std::path::PathBuf;

use super::error::{Error, Result, explain};
use super::repository::Repository;

/// Signs commits.
pub trait Signer {
    /// The signature of a commit's content, in the armoured form in which a commit holds it: lines of text.
    ///
    /// # Errors
    /// [`Error::NotSigned`].
    fn sign(&self, content: &[u8]) -> Result<String>;
}

/// A form of signatures that Git knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureFormat {
    /// By GnuPG.
    OpenPgp,
    /// By an X.509 certificate.
    X509,
    /// By an SSH key.
    Ssh,
}

/// What the configuration says about signatures. Nothing is signed by it alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningConfig {
    /// Whether commits are signed unless somebody says otherwise: `commit.gpgSign`.
    pub signs_commits: bool,
    /// `gpg.format`.
    pub format: SignatureFormat,
    /// The program that signs: `gpg.program`, `gpg.x509.program`, `gpg.ssh.program`, or what Git takes without those.
    pub program: PathBuf,
    /// The key: `user.signingKey`.
    pub key: Option<String>,
    /// The command that prints the SSH key to take where none is named: `gpg.ssh.defaultKeyCommand`.
    pub key_command: Option<String>,
}

impl SignatureFormat {
    /// The program that Git takes, and the settings of another one, the one that counts most first.
    fn programs(self) -> (&'static str, &'static [&'static str]) {
        match self {
            SignatureFormat::OpenPgp => ("gpg", &["gpg.openpgp.program", "gpg.program"]),
            SignatureFormat::X509 => ("gpgsm", &["gpg.x509.program"]),
            SignatureFormat::Ssh => ("ssh-keygen", &["gpg.ssh.program"]),
        }
    }
}

impl Repository {
    /// How commits are signed, by the configuration that the repository was opened with.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for a setting that can't be read.
    pub fn signing(&self) -> Result<SigningConfig> {
        let gix = self.to_thread_local();
        let config = gix.config_snapshot();
        let text = |key: &str| {
            let value = config.string(key).map(|value| value.to_string());
            value.filter(|value| !value.is_empty())
        };
        let unreadable = |key: &str| {
            let (what, value) = (key.to_owned(), text(key).unwrap_or_default());
            move |error: gix::Error| Error::InvalidValue {
                what,
                value,
                reason: explain(&error),
            }
        };
        let format = match text("gpg.format").as_deref() {
            None | Some("openpgp") => SignatureFormat::OpenPgp,
            Some("x509") => SignatureFormat::X509,
            Some("ssh") => SignatureFormat::Ssh,
            Some(other) => {
                return Err(Error::InvalidValue {
                    what: "gpg.format".to_owned(),
                    value: other.to_owned(),
                    reason: "it is neither openpgp nor x509 nor ssh".to_owned(),
                });
            }
        };
        let (usual, settings) = format.programs();
        let mut program = PathBuf::from(usual);
        for key in settings {
            let set = config.trusted_path(*key).map_err(unreadable(key))?;
            if let Some(set) = set.filter(|path| !path.as_os_str().is_empty()) {
                program = set;
                break;
            }
        }
        let signs_commits = config
            .try_boolean("commit.gpgSign")
            .map_err(unreadable("commit.gpgSign"))?;
        Ok(SigningConfig {
            signs_commits: signs_commits.unwrap_or(false),
            format,
            program,
            key: text("user.signingKey"),
            key_command: text("gpg.ssh.defaultKeyCommand"),
        })
    }
}
