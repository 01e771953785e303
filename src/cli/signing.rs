//! Signing commits by the programs that Git runs, with the arguments that Git gives them.

use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::git::{Error, Repository, Signature, SignatureFormat, Signer, SigningConfig};

use super::failure::Failure;

// Whether to sign, and with which key. (Not as its documentation, which `clap` would take for the command's.)
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Signing {
    /// Sign the commit, with this key or the one that Git would take (default: as `commit.gpgSign` says)
    #[arg(
        short = 'S', long, value_name = "KEYID", num_args = 0..=1, require_equals = true, default_missing_value = "",
        overrides_with = "no_gpg_sign"
    )]
    gpg_sign: Option<String>,
    /// Don't sign the commit
    #[arg(long, overrides_with = "gpg_sign")]
    no_gpg_sign: bool,
}

impl Signing {
    /// The program that signs; `None`: nothing is signed.
    pub(super) fn signer(
        &self,
        repository: &Repository,
        committer: &Signature,
    ) -> Result<Option<SigningProgram>, Failure> {
        if self.no_gpg_sign {
            return Ok(None);
        }
        let config = repository.signing()?;
        let named = self.gpg_sign.clone().filter(|key| !key.is_empty());
        if self.gpg_sign.is_none() && !config.signs_commits {
            return Ok(None);
        }
        let key = match (named.or_else(|| config.key.clone()), config.format) {
            (Some(key), _) => key,
            (None, SignatureFormat::Ssh) => default_ssh_key(&config)?,
            (None, _) => format!("{} <{}>", committer.name, committer.email),
        };
        Ok(Some(SigningProgram { config, key }))
    }
}

/// Signs by a program, with a key.
pub(super) struct SigningProgram {
    config: SigningConfig,
    key: String,
}

impl Signer for SigningProgram {
    fn sign(&self, content: &[u8]) -> Result<String, Error> {
        let signature = match self.config.format {
            SignatureFormat::OpenPgp | SignatureFormat::X509 => self.sign_by_gnupg(content)?,
            SignatureFormat::Ssh => self.sign_by_ssh(content)?,
        };
        let signature = String::from_utf8(signature);
        let signature = signature.map_err(|_| self.failed("its signature is not text"))?;
        Ok(signature.replace("\r\n", "\n"))
    }
}

impl SigningProgram {
    fn sign_by_gnupg(&self, content: &[u8]) -> Result<Vec<u8>, Error> {
        let mut child = Command::new(&self.config.program)
            .args(["--status-fd=2", "-bsau", &self.key])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| self.failed(error))?;
        if let Some(mut stdin) = child.stdin.take() {
            // One that ends early says why on its other stream.
            let _ = stdin.write_all(content);
        }
        let done = child.wait_with_output();
        let done = done.map_err(|error| self.failed(error))?;
        let told = String::from_utf8_lossy(&done.stderr);
        let mut lines = told.lines();
        let has_signed = lines.any(|line| line.starts_with("[GNUPG:] SIG_CREATED "));
        if done.status.success() && has_signed {
            Ok(done.stdout)
        } else {
            let lines = told.lines().filter(|line| !line.starts_with("[GNUPG:]"));
            Err(self.refused(&done, &lines.collect::<Vec<_>>().join("\n")))
        }
    }

    fn sign_by_ssh(&self, content: &[u8]) -> Result<Vec<u8>, Error> {
        let failed = |error| self.failed(error);
        let folder = tempfile::tempdir().map_err(failed)?;
        let buffer = folder.path().join("commit");
        std::fs::write(&buffer, content).map_err(failed)?;
        let mut command = Command::new(&self.config.program);
        command.args(["-Y", "sign", "-n", "git", "-f"]);
        match literal_ssh_key(&self.key) {
            Some(key) => {
                let file = folder.path().join("key");
                std::fs::write(&file, key).map_err(failed)?;
                command.arg(file).arg("-U");
            }
            None => {
                command.arg(in_home(&self.key));
            }
        }
        let done = command.arg(&buffer).output().map_err(failed)?;
        if !done.status.success() {
            return Err(self.refused(&done, &String::from_utf8_lossy(&done.stderr)));
        }
        std::fs::read(buffer.with_extension("sig")).map_err(|error| match error.kind() {
            ErrorKind::NotFound => self.failed(
                "it reported success and left no signature: beside the file `commit` that it was given, it must write `commit.sig`",
            ),
            _ => self.failed(error),
        })
    }

    fn refused(&self, done: &Output, told: &str) -> Error {
        match told.trim() {
            "" => self.failed(done.status),
            told => self.failed(told),
        }
    }

    fn failed(&self, reason: impl ToString) -> Error {
        Error::NotSigned {
            program: self.config.program.display().to_string(),
            reason: reason.to_string(),
        }
    }
}

/// A public key in the place of a file that holds one.
fn literal_ssh_key(key: &str) -> Option<&str> {
    match key.strip_prefix("key::") {
        Some(key) => Some(key),
        None => key.starts_with("ssh-").then_some(key),
    }
}

/// A path with `~` as Git reads it.
fn in_home(path: &str) -> std::path::PathBuf {
    match (path.strip_prefix("~/"), std::env::home_dir()) {
        (Some(below), Some(home)) => home.join(below),
        _ => Path::new(path).to_owned(),
    }
}

/// The key that `gpg.ssh.defaultKeyCommand` prints first.
fn default_ssh_key(config: &SigningConfig) -> Result<String, Error> {
    let setting = "gpg.ssh.defaultKeyCommand";
    let failed = |program: &str, reason: String| Error::NotSigned {
        program: program.to_owned(),
        reason,
    };
    let Some(line) = &config.key_command else {
        let reason = format!("no key is named: set user.signingKey or {setting}");
        return Err(failed("ssh-keygen", reason));
    };
    let words = shlex::split(line).unwrap_or_default();
    let Some((program, arguments)) = words.split_first() else {
        let reason = format!("`{line}` is no command");
        return Err(failed(setting, reason));
    };
    let done = Command::new(program).args(arguments).output();
    let done = done.map_err(|error| failed(program, error.to_string()))?;
    let printed = String::from_utf8_lossy(&done.stdout);
    match printed.lines().next() {
        Some(key) if done.status.success() && literal_ssh_key(key).is_some() => Ok(key.to_owned()),
        _ => {
            let told = String::from_utf8_lossy(&done.stderr);
            let reason = format!("it printed no key ({}) {}", done.status, told.trim());
            Err(failed(program, reason.trim_end().to_owned()))
        }
    }
}
