//! A PostgreSQL server for the tests: one for each process of tests, unprivileged, in a folder that goes with it.
//!
//! `OCL_TEST_POSTGRES` names another server instead, by an address whose user may make databases: tests that stop the server
//! or need its files are skipped then. Where that variable is `required`, a missing server is a failure. `OCL_TEST_POSTGRES_PROGRAMS`
//! names the folder of the programs to start one with, for another release than the installed one.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use ocl_migrate::store::{Error, Options, PostgresAddress, ServerStore};

pub use super::servers::database_name;
use super::servers::{
    DatabaseServer, PASSWORD, Words, free_port, new_database, new_folder, unprivileged, until,
};

use super::skipped;

/// Who runs it where the tests are root's.
const USER: &str = "postgres";

/// A server that can be asked for databases.
pub struct Postgres {
    /// An address without a database, up to its end: `postgres://USER@HOST:PORT`.
    authority: String,
    /// Of a server of this process's own.
    cluster: Option<Cluster>,
    /// A database that has a schema for each of several tests.
    shared: OnceLock<String>,
}

/// A server of the tests' own.
pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    /// Closing its input ends the server and removes its folder, however this process ends.
    _keeper: Child,
}

/// The server that all tests of this process share; `None`, and said so, where there is none.
pub fn postgres() -> Option<&'static Postgres> {
    static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
    let server = SERVER.get_or_init(|| match std::env::var("OCL_TEST_POSTGRES") {
        Ok(address) if address != "required" => Some(Postgres {
            authority: address.trim_end_matches('/').to_owned(),
            cluster: None,
            shared: OnceLock::new(),
        }),
        named => {
            let cluster = Cluster::start(false);
            assert!(
                cluster.is_some() || named.is_err(),
                "OCL_TEST_POSTGRES is `required`, and no PostgreSQL is installed"
            );
            cluster.map(Postgres::of)
        }
    });
    if server.is_none() {
        skipped("there is no PostgreSQL here; OCL_TEST_POSTGRES names one");
    }
    server.as_ref()
}

/// A server for one test alone, that it may stop.
pub fn own_postgres() -> Option<Postgres> {
    postgres()?.cluster.as_ref().or_else(|| {
        skipped("the server of OCL_TEST_POSTGRES isn't this test's to stop");
        None
    })?;
    Cluster::start(false).map(Postgres::of)
}

/// A server that flushes what it commits, for the measurements in `benches/`.
#[allow(dead_code)]
pub fn durable_postgres() -> Option<Postgres> {
    let cluster = Cluster::start(true);
    if cluster.is_none() {
        skipped("there is no PostgreSQL here");
    }
    cluster.map(Postgres::of)
}

impl Postgres {
    fn of(cluster: Cluster) -> Postgres {
        let folder = cluster.folder.display().to_string().replace('/', "%2F");
        Postgres {
            authority: format!("postgres://ocl@{folder}:{}", cluster.port),
            cluster: Some(cluster),
            shared: OnceLock::new(),
        }
    }

    /// A server that has all that this one commits before the commit is acknowledged.
    pub fn standby(&self) -> Option<Postgres> {
        let standby = Postgres::of(self.cluster()?.standby());
        self.sql(
            "postgres",
            "ALTER SYSTEM SET synchronous_standby_names = 'standby'",
        );
        self.sql("postgres", "SELECT pg_reload_conf()");
        until("the standby follows", || {
            let state = "SELECT sync_state FROM pg_stat_replication";
            self.sql("postgres", state) == "sync"
        });
        Some(standby)
    }

    /// The address of a database that is on this server or on another one, whichever takes changes.
    pub fn or(&self, other: &Postgres, address: &str) -> String {
        let name = database_name(address);
        let (_, other) = other.authority.split_once('@').unwrap();
        format!(
            "{},{other}/{name}?target_session_attrs=read-write",
            self.authority
        )
    }

    pub fn cluster(&self) -> Option<&Cluster> {
        let cluster = self.cluster.as_ref();
        if cluster.is_none() {
            skipped("it needs a server of its own");
        }
        cluster
    }

    /// The address of a new and empty database.
    pub fn database(&self) -> String {
        let name = new_database();
        self.sql(
            "postgres",
            &format!("CREATE DATABASE {name} TEMPLATE template0"),
        );
        format!("{}/{name}", self.authority)
    }

    /// The address of the database of a name.
    pub fn address(&self, database: &str) -> String {
        format!("{}/{database}", self.authority)
    }

    /// The address of a new and empty schema in a database.
    pub fn schema(&self, database: &str) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("s{}", COUNT.fetch_add(1, Ordering::SeqCst));
        sql(database, &format!("CREATE SCHEMA {name}"));
        format!("{database}?options=-c%20search_path%3D{name}")
    }

    /// Runs statements in a database of a name.
    pub fn sql(&self, database: &str, statements: &str) -> String {
        sql(&format!("{}/{database}", self.authority), statements)
    }
}

/// Runs statements at an address, as PostgreSQL's own program does: its rows, a line each.
pub fn sql(address: &str, statements: &str) -> String {
    // What Debian has as `psql` is a script that looks for the program first.
    let program = programs().map(|programs| programs.join("psql"));
    let program = program.filter(|program| program.exists());
    let done = Command::new(program.unwrap_or_else(|| "psql".into()))
        .args([
            "-XqAt",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            address,
            "-c",
            statements,
        ])
        .output()
        .expect("psql, which comes with PostgreSQL");
    let error = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{statements}\n{error}");
    String::from_utf8(done.stdout)
        .unwrap()
        .trim_end()
        .to_owned()
}

/// The store at an address.
pub fn server_store(address: &str, options: Options) -> ServerStore {
    ServerStore::postgres(PostgresAddress::parse(address).unwrap(), options).unwrap()
}

impl DatabaseServer for Postgres {
    fn database(&self) -> String {
        Postgres::database(self)
    }

    fn place(&self) -> String {
        self.schema(self.shared.get_or_init(|| self.database()))
    }

    fn behind(&self, address: &str, port: u16) -> Option<(PathBuf, String)> {
        let cluster = self.cluster()?;
        let socket = cluster.folder.join(format!(".s.PGSQL.{}", cluster.port));
        let (_, name) = address.rsplit_once('/').unwrap();
        let mark = if name.contains('?') { '&' } else { '?' };
        let address = format!("postgres://ocl@127.0.0.1:{port}/{name}{mark}sslmode=disable");
        Some((socket, address))
    }

    fn store(&self, address: &str, options: Options) -> ServerStore {
        server_store(address, options)
    }

    fn sql(&self, address: &str, statements: &str) -> String {
        sql(address, statements)
    }

    fn cut_off(&self, address: &str) {
        let name = database_name(address);
        let all = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        );
        Postgres::sql(self, "postgres", &all);
    }

    fn drop_database(&self, address: &str) {
        let name = database_name(address);
        Postgres::sql(
            self,
            "postgres",
            &format!("DROP DATABASE {name} WITH (FORCE)"),
        );
    }

    fn port(&self) -> Option<u16> {
        self.cluster().map(Cluster::port)
    }

    fn store_with(
        &self,
        address: &str,
        password: Option<&str>,
        options: Options,
    ) -> Result<ServerStore, Error> {
        let address = PostgresAddress::parse(address)?;
        let address = match password {
            Some(password) => address.password(password),
            None => address,
        };
        ServerStore::postgres(address, options)
    }

    fn words(&self) -> Words {
        Words {
            scheme: "postgres",
            database: "postgres",
            no_database: "does not exist",
            not_permitted: "permission denied",
            takes_roots_of_the_system: true,
        }
    }

    fn own(&self) -> Option<Box<dyn DatabaseServer>> {
        Some(Box::new(own_postgres()?))
    }

    fn crash(&self) {
        self.cluster().unwrap().crash();
    }
}

impl Cluster {
    fn start(is_durable: bool) -> Option<Cluster> {
        let programs = programs()?;
        let folder = new_folder("ocl-pg-", USER)?;
        let password_file = folder.join("password");
        std::fs::write(&password_file, PASSWORD).unwrap();
        let made = unprivileged(&programs.join("initdb"), USER)
            .arg("-D")
            .arg(folder.join("data"))
            .args(["-U", "ocl", "--encoding=UTF8", "--locale=C", "--no-sync"])
            .args(["--auth-local=trust", "--auth-host=scram-sha-256"])
            .arg(format!("--pwfile={}", password_file.display()))
            .current_dir(&folder)
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "initdb: {error}");
        Some(Cluster::run(programs, folder, is_durable))
    }

    /// One that follows this one. It begins with a copy, made while this one stands still: not every package of PostgreSQL has
    /// `pg_basebackup`, and an older one doesn't talk to a newer server.
    fn standby(&self) -> Cluster {
        let folder = new_folder("ocl-pg-", USER).unwrap();
        let data = folder.join("data");
        self.control(&["-m", "fast", "stop"]);
        let copied = unprivileged(Path::new("cp"), USER)
            .arg("-r")
            .args([&self.folder.join("data"), &data])
            .status();
        assert!(copied.unwrap().success());
        self.control(&["-w", "start"]);
        let leader = format!(
            "primary_conninfo = 'host={} port={} user=ocl application_name=standby'\n",
            self.folder.display(),
            self.port
        );
        append(&data.join("postgresql.conf"), &leader);
        append(&data.join("standby.signal"), "");
        Cluster::run(self.programs.clone(), folder, false)
    }

    /// Starts a server on the data in a folder. Of settings that are there already, the last counts.
    fn run(programs: PathBuf, folder: PathBuf, is_durable: bool) -> Cluster {
        let port = free_port();
        let settings = format!(
            "port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\nmax_connections = 150\n\
             log_min_messages = warning\n{}",
            folder.display(),
            // What a server that crashes leaves is there all the same, as long as the machine stands.
            if is_durable {
                ""
            } else {
                "fsync = off\nfull_page_writes = off\n"
            }
        );
        append(&folder.join("data/postgresql.conf"), &settings);
        let mut stop = unprivileged(&programs.join("pg_ctl"), USER);
        stop.arg("-D").arg(folder.join("data"));
        stop.args(["-m", "immediate", "stop"]);
        let keeper = Command::new("sh")
            .args(["-c", "cat >/dev/null; cd /; \"$@\"; rm -rf \"$0\""])
            .arg(&folder)
            .arg(stop.get_program())
            .args(stop.get_args())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let cluster = Cluster {
            programs,
            folder,
            port,
            _keeper: keeper,
        };
        cluster.control(&["-w", "start"]);
        cluster
    }

    /// Runs `pg_ctl`.
    pub fn control(&self, arguments: &[&str]) {
        let mut command = unprivileged(&self.programs.join("pg_ctl"), USER);
        let status = command
            .arg("-D")
            .arg(self.folder.join("data"))
            .arg("-l")
            .arg(self.folder.join("log"))
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        assert!(status.success(), "pg_ctl {arguments:?}\n{log}");
    }

    /// Stops the server as a crash does, and starts it again.
    pub fn crash(&self) {
        self.control(&["-m", "immediate", "stop"]);
        self.control(&["-w", "start"]);
    }

    /// Kills the server with all its processes, as when its machine is gone.
    pub fn kill(&self) {
        let file = self.folder.join("data/postmaster.pid");
        let text = std::fs::read_to_string(&file).unwrap();
        let server = text.lines().next().unwrap().to_owned();
        let kill = |signal: &str, processes: &[String]| {
            let status = Command::new("kill").arg(signal).args(processes).status();
            assert!(status.unwrap().success());
        };
        // It starts no more of them from here on.
        kill("-STOP", std::slice::from_ref(&server));
        let mut all = children_of(&server);
        all.push(server);
        kill("-KILL", &all);
        // Another process may have its number later.
        std::fs::remove_file(&file).unwrap();
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// The processes that a process has started, where the system lists them as files.
fn children_of(process: &str) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_child = |folder: &PathBuf| {
        let status = std::fs::read_to_string(folder.join("stat")).unwrap_or_default();
        // NUMBER (NAME) STATE PARENT ..
        let rest = status.rsplit(')').next().unwrap_or_default();
        rest.split_whitespace().nth(1) == Some(process)
    };
    let children = processes.map(|it| it.path()).filter(is_child);
    let name = |child: PathBuf| Some(child.file_name()?.to_str()?.to_owned());
    children.filter_map(name).collect()
}

fn append(file: &Path, text: &str) {
    let file = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(file);
    file.unwrap().write_all(text.as_bytes()).unwrap();
}

/// PostgreSQL's programs: those in the folder that `OCL_TEST_POSTGRES_PROGRAMS` names, or of the newest release that is installed.
fn programs() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("OCL_TEST_POSTGRES_PROGRAMS") {
        let named = PathBuf::from(named);
        let is_there = named.join("initdb").exists();
        assert!(is_there, "{} has no initdb", named.display());
        return Some(named);
    }
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter();
    let releases = installed.flatten().flatten().map(|entry| entry.path());
    let newest = releases.max_by_key(|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.and_then(|name| name.parse::<u32>().ok())
    });
    if let Some(newest) = newest.map(|newest| newest.join("bin"))
        && newest.join("initdb").exists()
    {
        return Some(newest);
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).find(|folder| folder.join("initdb").exists())
}
