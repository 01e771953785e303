//! A host that is talked to by SSH: `sshd` for one connection, and keys of its own.

use std::fs;
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The client's settings, in the folder that a host serves.
pub const CLIENT_CONFIG: &str = "ssh_config";

/// Makes keys and settings in a folder. None where `sshd` isn't there, or can't run for this user: why.
pub fn prepare(folder: &Path) -> Result<(), String> {
    let sshd = sshd().ok_or("there is no sshd")?;
    for key in ["host_key", "client_key"] {
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(folder.join(key))
            .status();
        if !made.is_ok_and(|status| status.success()) {
            return Err("there is no ssh-keygen".into());
        }
    }
    let public = |key: &str| fs::read_to_string(folder.join(key).with_extension("pub")).unwrap();
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    let at = folder.display();
    write("authorized_keys", &public("client_key"));
    write("known_hosts", &format!("host {}", public("host_key")));
    write(
        "sshd_config",
        &format!(
            "HostKey {at}/host_key\nAuthorizedKeysFile {at}/authorized_keys\nPasswordAuthentication no\n\
             KbdInteractiveAuthentication no\nUsePAM no\nStrictModes no\nPidFile none\nPermitRootLogin prohibit-password\n"
        ),
    );
    // Whoever has other settings for this host keeps them out.
    write(
        CLIENT_CONFIG,
        &format!(
            "Host *\n IdentityFile {at}/client_key\n IdentitiesOnly yes\n UserKnownHostsFile {at}/known_hosts\n \
             GlobalKnownHostsFile /dev/null\n StrictHostKeyChecking yes\n HostKeyAlias host\n"
        ),
    );
    let mut check = Command::new(&sshd);
    check.arg("-t").arg("-f").arg(folder.join("sshd_config"));
    let told = check.output().unwrap();
    if told.status.success() {
        Ok(())
    } else {
        let said = String::from_utf8_lossy(&told.stderr);
        Err(format!("sshd can't run here: {}", said.trim()))
    }
}

/// One connection.
pub fn serve(folder: &Path, stream: TcpStream) {
    let output = stream.try_clone().unwrap();
    let mut sshd = Command::new(sshd().unwrap());
    sshd.args(["-i", "-f"])
        .arg(folder.join("sshd_config"))
        .stdin(OwnedFd::from(stream))
        .stdout(OwnedFd::from(output))
        .stderr(Stdio::null());
    sshd.status().unwrap();
}

/// It wants to be called by its whole path.
fn sshd() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    folders
        .map(|folder: PathBuf| folder.join("sshd"))
        .find(|it| it.is_file())
}
