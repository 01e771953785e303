//! What the tests ask of a database's server, whichever it is.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use ocl_migrate::store::{Error, Options, ServerStore};
use tempfile::TempDir;

/// The password of the user `ocl` where one is asked for: on TCP.
pub const PASSWORD: &str = "s3cret of the tests";

/// A name for a new database.
pub fn new_database() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::SeqCst);
    format!("ocl_test_{}_{count}", std::process::id())
}

/// A server that can be asked for databases.
pub trait DatabaseServer: Sync {
    /// The address of a new and empty database.
    fn database(&self) -> String;

    /// The address of a place where there is nothing yet, which may share its database with others.
    fn place(&self) -> String {
        self.database()
    }

    /// Where the server listens on this machine, and the same address by a port; none where it isn't this process's own.
    fn behind(&self, address: &str, port: u16) -> Option<(PathBuf, String)>;

    /// The store at an address.
    fn store(&self, address: &str, options: Options) -> ServerStore;

    /// Runs statements in the database of an address: its rows, a line each.
    fn sql(&self, address: &str, statements: &str) -> String;

    /// Ends every connection to the database of an address.
    fn cut_off(&self, address: &str);

    /// Drops the database of an address, whoever uses it.
    fn drop_database(&self, address: &str);

    /// Where the user `ocl` is let in on 127.0.0.1 with a password; none where the server isn't this process's own.
    fn port(&self) -> Option<u16>;

    /// The password of the user `ocl`.
    fn password(&self) -> &'static str {
        PASSWORD
    }

    /// The store at an address, with a password or without one.
    fn store_with(
        &self,
        address: &str,
        password: Option<&str>,
        options: Options,
    ) -> Result<ServerStore, Error>;

    /// How it speaks.
    fn words(&self) -> Words;

    /// A server for one test alone, that it may stop.
    fn own(&self) -> Option<Box<dyn DatabaseServer>>;

    /// Stops the server as a crash does, and starts it again.
    fn crash(&self);
}

/// What servers call things, and say.
#[derive(Clone, Copy)]
pub struct Words {
    pub scheme: &'static str,
    /// A database that is always there.
    pub database: &'static str,
    pub no_database: &'static str,
    pub not_permitted: &'static str,
    /// Whether the root certificates that the driver trusts are the machine's.
    pub takes_roots_of_the_system: bool,
}

/// The store at an address, of whatever kind.
#[allow(dead_code)] // The benchmark has its own.
pub fn store_at(address: &str, options: Options) -> ServerStore {
    if address.starts_with("cockroach") {
        super::cockroach::cockroach_store(address, options)
    } else if address.starts_with("mysql") {
        super::mariadb::mysql_store(address, options)
    } else {
        super::postgres::server_store(address, options)
    }
}

/// The name of the database of an address.
pub fn database_name(address: &str) -> &str {
    let path = address.split('?').next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

/// Waits until something holds, and fails if it doesn't for long.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A program of a server's, which refuses to be root, as the user that is there for it.
pub fn unprivileged(program: &Path, user: &str) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={user}"));
    command.arg(format!("--regid={user}"));
    command.args(["--clear-groups", "--"]).arg(program);
    command
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout == b"0\n")
}

/// An empty folder that is a server's own; `None` where there is no such user.
pub fn new_folder(prefix: &str, user: &str) -> Option<PathBuf> {
    let folder = TempDir::with_prefix_in(prefix, super::scratch::place());
    let folder = folder.unwrap().keep();
    give_away(&folder, user).then_some(folder)
}

/// Lets the server's user have a folder. Returns whether there is such a user.
pub fn give_away(folder: &Path, user: &str) -> bool {
    if !is_root() {
        return true;
    }
    let given = Command::new("chown").arg(user).arg(folder).status();
    let is_given = given.is_ok_and(|status| status.success());
    if !is_given {
        let _ = std::fs::remove_dir_all(folder);
    }
    is_given
}

/// A disk of a few megabytes, in a folder. Gone when it is dropped.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Puts one in the place of what is in a folder, for a server's user; none, and said so, where that isn't permitted.
    pub fn mount(folder: &Path, megabytes: u32, user: &str) -> Option<SmallDisk> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o"])
            .arg(format!("size={megabytes}m,mode=700"))
            .arg("tmpfs")
            .arg(folder)
            .output();
        if !mounted.is_ok_and(|mounted| mounted.status.success()) {
            super::skipped("no disk can be mounted here");
            return None;
        }
        let disk = SmallDisk(folder.to_owned());
        give_away(folder, user).then_some(disk)
    }

    /// Leaves a few kilobytes free.
    pub fn fill(&self) {
        let mut file = std::fs::File::create(self.filler()).unwrap();
        let piece = [0; 1 << 14];
        while std::io::Write::write_all(&mut file, &piece).is_ok() {}
    }

    pub fn free(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// A port at which nobody listens, nor can as long as this lives: the near end of a connection.
#[allow(dead_code)] // The benchmark has none.
pub struct ClosedPort(std::net::TcpStream, std::net::TcpListener);

#[allow(dead_code)]
impl ClosedPort {
    pub fn new() -> ClosedPort {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let near = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        ClosedPort(near, listener)
    }

    pub fn number(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }
}

pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
