//! A MariaDB server for the tests: one for each process of tests, unprivileged, in a folder that goes with it.
//!
//! `OCL_TEST_MYSQL` names another server instead, MariaDB or MySQL, by an address whose user may make databases and whose password
//! is in `MYSQL_PWD`: tests that stop the server or need one set up in a certain way are skipped then. Where that variable is
//! `required`, a missing server is a failure.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use mysql::prelude::Queryable as _;
use ocl_migrate::store::{Error, MysqlAddress, Options, ServerStore};

use super::servers::{
    DatabaseServer, PASSWORD, Words, database_name, free_port, new_database, new_folder,
    unprivileged, until,
};
use super::skipped;

/// Who runs it where the tests are root's.
const USER: &str = "mysql";

/// A server that can be asked for databases.
pub struct MariaDb {
    /// An address without a database, up to its end: `mysql://USER@HOST:PORT`, and what follows the database.
    authority: String,
    parameters: String,
    /// Of a server of this process's own.
    cluster: Option<Cluster>,
}

/// A server of the tests' own.
pub struct Cluster {
    program: PathBuf,
    folder: PathBuf,
    port: u16,
    settings: Vec<String>,
    /// The server's process; none while it is stopped.
    server: Mutex<Option<Child>>,
    /// Closing its input ends the server and removes its folder, however this process ends.
    _keeper: Child,
}

/// The server that all tests of this process share; `None`, and said so, where there is none.
pub fn mariadb() -> Option<&'static MariaDb> {
    static SERVER: OnceLock<Option<MariaDb>> = OnceLock::new();
    let server = SERVER.get_or_init(|| match std::env::var("OCL_TEST_MYSQL") {
        Ok(address) if address != "required" => {
            let (authority, parameters) = address.split_once('?').unwrap_or((&*address, ""));
            let mark = if parameters.is_empty() { "" } else { "?" };
            Some(MariaDb {
                authority: authority.trim_end_matches('/').to_owned(),
                parameters: [mark, parameters].concat(),
                cluster: None,
            })
        }
        named => {
            let cluster = Cluster::start(&[], |_| {});
            assert!(
                cluster.is_some() || named.is_err(),
                "OCL_TEST_MYSQL is `required`, and no MariaDB is installed"
            );
            cluster.map(MariaDb::of)
        }
    });
    if server.is_none() {
        skipped("there is no MariaDB here; OCL_TEST_MYSQL names one");
    }
    server.as_ref()
}

/// A server for one test alone, that it may stop, with settings of its own.
pub fn own_mariadb(settings: &[&str]) -> Option<MariaDb> {
    own_mariadb_on(settings, |_| {})
}

/// The same, where something is done to its folder of data before it starts.
pub fn own_mariadb_on(settings: &[&str], prepare: impl FnOnce(&Path)) -> Option<MariaDb> {
    mariadb()?.cluster()?;
    Cluster::start(settings, prepare).map(MariaDb::of)
}

/// A server that flushes what it commits, for the measurements in `benches/`.
#[allow(dead_code)]
pub fn durable_mariadb() -> Option<MariaDb> {
    let cluster = Cluster::start(&["--innodb-flush-method=fsync"], |_| {});
    if cluster.is_none() {
        skipped("there is no MariaDB here");
    }
    cluster.map(MariaDb::of)
}

impl MariaDb {
    fn of(cluster: Cluster) -> MariaDb {
        let socket = cluster.folder.join("s").display().to_string();
        MariaDb {
            authority: "mysql://root@localhost".to_owned(),
            parameters: format!("?socket={}", socket.replace('/', "%2F")),
            cluster: Some(cluster),
        }
    }

    pub fn cluster(&self) -> Option<&Cluster> {
        let cluster = self.cluster.as_ref();
        if cluster.is_none() {
            skipped("it needs a server of its own");
        }
        cluster
    }

    /// Runs statements without a database.
    pub fn run(&self, statements: &str) -> String {
        self.sql(&self.address("mysql"), statements)
    }

    pub fn address(&self, database: &str) -> String {
        format!("{}/{database}{}", self.authority, self.parameters)
    }
}

impl DatabaseServer for MariaDb {
    fn database(&self) -> String {
        let name = new_database();
        self.run(&format!("CREATE DATABASE {name}"));
        self.address(&name)
    }

    fn behind(&self, address: &str, port: u16) -> Option<(PathBuf, String)> {
        let socket = self.cluster()?.folder.join("s");
        let name = database_name(address);
        Some((
            socket,
            format!("mysql://root@127.0.0.1:{port}/{name}?sslmode=disable"),
        ))
    }

    fn store(&self, address: &str, options: Options) -> ServerStore {
        mysql_store(address, options)
    }

    fn sql(&self, address: &str, statements: &str) -> String {
        let mut client = client(address);
        let mut results = client
            .query_iter(statements)
            .unwrap_or_else(|error| panic!("{statements}\n{error}"));
        let mut lines = Vec::new();
        while let Some(rows) = results.iter() {
            for row in rows {
                let row = row.unwrap_or_else(|error| panic!("{statements}\n{error}"));
                let cells = row.unwrap().into_iter().map(|cell| match cell {
                    mysql::Value::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                    other => other.as_sql(true),
                });
                lines.push(cells.collect::<Vec<_>>().join("|"));
            }
        }
        lines.join("\n")
    }

    fn cut_off(&self, address: &str) {
        let name = database_name(address);
        let mut client = client(&self.address("mysql"));
        let listed = format!("SELECT id FROM information_schema.processlist WHERE db = '{name}'");
        let mine = client.connection_id();
        let ids: Vec<u32> = client.query(listed).unwrap();
        for id in ids.into_iter().filter(|id| *id != mine) {
            // It may have ended by itself.
            let _ = client.query_drop(format!("KILL {id}"));
        }
        until("they are gone", || {
            let left =
                format!("SELECT count(*) FROM information_schema.processlist WHERE db = '{name}'");
            client.query_first::<u32, _>(left).unwrap() == Some(0)
        });
    }

    fn drop_database(&self, address: &str) {
        // DROP waits for who reads or writes; they are cut off first.
        self.cut_off(address);
        self.run(&format!("DROP DATABASE {}", database_name(address)));
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
        let address = MysqlAddress::parse(address)?;
        let address = match password {
            Some(password) => address.password(password),
            None => address,
        };
        ServerStore::mysql(address, options)
    }

    fn words(&self) -> Words {
        Words {
            scheme: "mysql",
            database: "mysql",
            no_database: "Unknown database",
            not_permitted: "command denied",
            takes_roots_of_the_system: false,
        }
    }

    fn own(&self) -> Option<Box<dyn DatabaseServer>> {
        Some(Box::new(own_mariadb(&[])?))
    }

    fn crash(&self) {
        self.cluster().unwrap().crash();
    }
}

/// A connection of somebody else's.
pub fn client(address: &str) -> mysql::Conn {
    let (place, query) = address.split_once('?').unwrap_or((address, ""));
    let rest = place.split_once("://").unwrap().1;
    let (user, rest) = rest.split_once('@').unwrap();
    let (host, database) = rest.split_once('/').unwrap();
    let (host, port) = host.split_once(':').unwrap_or((host, "3306"));
    let socket = query.split('&').find_map(|it| it.strip_prefix("socket="));
    let options = mysql::OptsBuilder::new()
        .ip_or_hostname(Some(host))
        .tcp_port(port.parse().unwrap())
        .prefer_socket(false)
        .socket(socket.map(|socket| socket.replace("%2F", "/")))
        .user(Some(user))
        .pass(std::env::var("MYSQL_PWD").ok())
        .db_name(Some(database));
    mysql::Conn::new(options).unwrap_or_else(|error| panic!("{address}: {error}"))
}

/// The store at an address.
pub fn mysql_store(address: &str, options: Options) -> ServerStore {
    let address = MysqlAddress::parse(address).unwrap();
    let address = match std::env::var("MYSQL_PWD") {
        Ok(password) => address.password(password),
        Err(_) => address,
    };
    ServerStore::mysql(address, options).unwrap()
}

/// A folder of tables that servers begin with. Made once, as it takes seconds, and gone when the process ends: no server's end
/// takes it from the next.
fn template() -> Option<&'static Path> {
    static TEMPLATE: OnceLock<Option<(PathBuf, Child)>> = OnceLock::new();
    let made = TEMPLATE.get_or_init(|| {
        let folder = new_folder("ocl-my-", USER)?;
        let template = folder.join("template");
        let made = unprivileged(Path::new("mariadb-install-db"), USER)
            .args(["--no-defaults", "--skip-test-db", "--skip-name-resolve"])
            .arg("--auth-root-authentication-method=normal")
            .args(["--innodb-log-file-size=8M", "--innodb-use-native-aio=0"])
            .arg(format!("--datadir={}", template.display()))
            .env("TMPDIR", &folder) // the tests' own may be closed to this user
            .current_dir(&folder)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&made.stdout);
        assert!(made.status.success(), "mariadb-install-db: {said}");
        Some((template, keeper(&folder)))
    });
    made.as_ref().map(|(template, _)| template.as_path())
}

/// Ends the server of a folder, if there is one, and removes the folder, when this process lets go of it or ends, however it does.
fn keeper(folder: &Path) -> Child {
    Command::new("sh")
        .args([
            "-c",
            "cat >/dev/null; cd /; test -e \"$0/pid\" && kill -9 $(cat \"$0/pid\"); sleep 0.1; rm -rf \"$0\"",
        ])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

impl Cluster {
    fn start(settings: &[&str], prepare: impl FnOnce(&Path)) -> Option<Cluster> {
        let program = [
            "/usr/sbin/mariadbd",
            "/usr/libexec/mariadbd",
            "/usr/bin/mariadbd",
        ]
        .into_iter()
        .map(PathBuf::from)
        .find(|path| path.exists())?;
        let template = template()?;
        let folder = new_folder("ocl-my-", USER)?;
        let data = folder.join("data");
        let copied = unprivileged(Path::new("cp"), USER)
            .arg("-r")
            .args([template, &data])
            .status();
        assert!(copied.unwrap().success());
        prepare(&data);
        let keeper = keeper(&folder);
        let cluster = Cluster {
            program,
            folder,
            port: free_port(),
            settings: settings.iter().map(|&it| it.to_owned()).collect(),
            server: Mutex::new(None),
            _keeper: keeper,
        };
        cluster.run();
        let mut client = client(&MariaDb::of_socket(&cluster));
        let user = format!(
            "CREATE USER IF NOT EXISTS ocl@'%' IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON *.* TO ocl@'%'"
        );
        // A node of a cluster takes statements a little later than connections.
        until("it takes statements", || client.query_drop(&user).is_ok());
        Some(cluster)
    }

    /// Starts the server, and waits until it answers.
    pub fn run(&self) {
        let log = std::fs::File::create(self.folder.join("log")).unwrap();
        let server = unprivileged(&self.program, USER)
            .arg("--no-defaults")
            .arg(format!("--datadir={}", self.folder.join("data").display()))
            .arg(format!("--socket={}", self.folder.join("s").display()))
            .arg(format!("--pid-file={}", self.folder.join("pid").display()))
            .arg(format!("--port={}", self.port))
            .args(["--bind-address=127.0.0.1", "--max-allowed-packet=64M"])
            .args(["--max-connections=200", "--skip-name-resolve"])
            // What a server that crashes leaves is there all the same, as long as the machine stands.
            .args(["--innodb-flush-method=nosync", "--innodb-log-file-size=64M"])
            .args(["--innodb-buffer-pool-size=64M", "--innodb-use-native-aio=0"])
            .args(&self.settings)
            .env("TMPDIR", &self.folder)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        *self.lock() = Some(server);
        let socket = self.folder.join("s");
        until("MariaDB answers", || {
            let ended = self
                .lock()
                .as_mut()
                .is_none_or(|it| it.try_wait().unwrap().is_some());
            let log = || std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(!ended, "{}", log());
            std::os::unix::net::UnixStream::connect(&socket).is_ok()
        });
    }

    /// Kills the server, as a crash does.
    pub fn kill(&self) {
        if let Some(mut server) = self.lock().take() {
            server.kill().unwrap();
            server.wait().unwrap();
            // Another process may have its number later.
            let _ = std::fs::remove_file(self.folder.join("pid"));
        }
    }

    pub fn crash(&self) {
        self.kill();
        self.run();
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Child>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MariaDb {
    fn of_socket(cluster: &Cluster) -> String {
        let socket = cluster.folder.join("s").display().to_string();
        format!(
            "mysql://root@localhost/mysql?socket={}",
            socket.replace('/', "%2F")
        )
    }
}
