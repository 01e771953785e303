//! `--store postgres://..`: the same commands on a server's database, and those that are about one.

use std::process::Output;

use crate::support::mariadb::mariadb;
use crate::support::postgres::{Postgres, database_name, postgres, sql};
use crate::support::servers::{ClosedPort, DatabaseServer, PASSWORD};
use crate::support::{Sandbox, isolated, project};

/// A repository, and a store of its own in PostgreSQL.
struct Server {
    repo: Sandbox,
    server: &'static Postgres,
    address: String,
}

impl Server {
    fn new(script: Option<&str>) -> Option<Server> {
        let server = postgres()?;
        Some(Server {
            repo: script.map_or_else(Sandbox::empty, Sandbox::new),
            server,
            address: server.database(),
        })
    }

    /// What the command says, with the address as ADDRESS.
    fn run(&self, arguments: &[&str]) -> String {
        let said = self
            .repo
            .run(&[&["--store", &self.address], arguments].concat());
        said.replace(&self.address, "ADDRESS")
    }

    fn done(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert!(said.ends_with("--- exit 0"), "{arguments:?}\n{said}");
        said
    }

    /// The address by TCP, where a password is asked for; `None` where the server isn't this process's own.
    fn on_tcp(&self) -> Option<String> {
        let port = self.server.cluster()?.port();
        let name = database_name(&self.address);
        Some(format!("postgres://ocl@127.0.0.1:{port}/{name}"))
    }

    fn with_environment(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
        let mut command = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), self.repo.path());
        let catalog = project().join("fixtures/catalogs/fizz");
        command.arg("--catalog").arg(catalog).args(arguments);
        command.envs(variables.iter().copied()).output().unwrap()
    }
}

/// Both streams.
fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    [String::from_utf8_lossy(out), String::from_utf8_lossy(err)].concat()
}

#[test]
fn the_commands_of_a_store_work_on_a_server() {
    let Some(server) = Server::new(None) else {
        return;
    };
    let repo = &server.repo;
    repo.shell("printf 'name = \"Gold\"\\n' > gold.ocl");
    insta::assert_snapshot!(server.run(&["store", "status"]));
    server.done(&["store", "init"]);
    server.done(&["store", "put", "team/gold", "gold.ocl", "--shape", "5"]);
    server.done(&["store", "lookup", "put", "names", "Gold", "gold"]);
    insta::assert_snapshot!(server.run(&["store", "list"]));
    insta::assert_snapshot!(
        server
            .run(&["store", "status"])
            .replace(&sql(&server.address, "SHOW server_version"), "VERSION")
    );
    insta::assert_snapshot!(server.run(&["store", "tenants"]));
    insta::assert_snapshot!(server.run(&["store", "validate"]));
    insta::assert_snapshot!(server.run(&["store", "migrate"]));
    assert!(
        server
            .done(&["store", "get", "team/gold"])
            .contains("name = \"Gold\"")
    );
    insta::assert_snapshot!(server.run(&["store", "get", "team/gol"]));
    server.done(&["store", "remove", "team/gold"]);
    sql(
        &server.address,
        "ALTER TABLE oclm_documents DROP CONSTRAINT oclm_documents_shape_valid",
    );
    insta::assert_snapshot!(server.run(&["store", "validate"]));
}

#[test]
fn migrating_dry_prints_the_statements() {
    let Some(server) = Server::new(None) else {
        return;
    };
    let planned = server.done(&["store", "migrate", "--dry-run"]);
    assert!(planned.contains("CREATE TABLE oclm_history"), "{planned}");
    assert!(
        planned.contains("-- this would make the tables of version 2"),
        "{planned}"
    );
    assert!(
        server
            .run(&["store", "status"])
            .contains("there is no store at ADDRESS")
    );
    // The server takes them, and they make every table.
    let statements = planned
        .lines()
        .filter(|line| !line.starts_with("---"))
        .collect::<Vec<_>>();
    sql(&server.address, &statements.join("\n"));
    let tables = "SELECT count(*) FROM pg_class WHERE relname LIKE 'oclm%' AND relkind = 'r'";
    assert_eq!(sql(&server.address, tables), "9");
}

#[test]
fn a_store_is_copied_to_a_server_and_back_and_nothing_is_lost() {
    let Some(server) = Server::new(None) else {
        return;
    };
    let repo = &server.repo;
    repo.shell(
        "printf 'name = \"Gold\"\\n' > gold.ocl; printf 'name = \"Silver\"\\n' > silver.ocl",
    );
    for project in ["shop", "bar"] {
        let named =
            |arguments: &[&str]| repo.run(&[&["--project", project, "store"], arguments].concat());
        named(&["init"]);
        named(&["put", "team/gold", "gold.ocl", "--shape", "5"]);
        named(&["lookup", "put", "names", "Gold", "gold"]);
    }
    let own = repo
        .path()
        .join(".git/ocl-migrate/state.db")
        .display()
        .to_string();
    let copy = |from: &str, to: &str| {
        repo.run(&["store", "copy", from, to])
            .replace(&server.address, "ADDRESS")
    };
    insta::assert_snapshot!("copied", copy(&own, &server.address));
    insta::assert_snapshot!("copied_again", copy(&own, &server.address));
    let back = repo.path().join("back.db").display().to_string();
    assert!(copy(&server.address, &back).contains("2 projects, compared"));
    let listed = |store: &str, project: &str| {
        repo.run(&["--store", store, "--project", project, "store", "list"])
    };
    for project in ["shop", "bar"] {
        let expected = listed(&own, project);
        assert!(expected.contains("team/gold"), "{expected}");
        assert_eq!(listed(&server.address, project), expected);
        assert_eq!(listed(&back, project), expected);
    }
    // What is there and isn't the same stays.
    repo.run(&[
        "--store",
        &server.address,
        "--project",
        "bar",
        "store",
        "put",
        "team/gold",
        "silver.ocl",
        "--shape",
        "5",
    ]);
    insta::assert_snapshot!("not_replaced", copy(&own, &server.address));
    assert!(listed(&server.address, "bar").contains("team/gold"));
    let text = repo.run(&[
        "--store",
        &server.address,
        "--project",
        "bar",
        "store",
        "get",
        "team/gold",
    ]);
    assert!(text.contains("Silver"), "{text}");
}

#[test]
fn a_backup_of_a_server_is_a_store_in_a_file() {
    let Some(server) = Server::new(None) else {
        return;
    };
    let repo = &server.repo;
    repo.shell("printf 'name = \"Gold\"\\n' > gold.ocl");
    server.done(&["store", "init"]);
    server.done(&["store", "put", "team/gold", "gold.ocl", "--shape", "5"]);
    server.done(&["store", "backup", "backup.db"]);
    let again = server.run(&["store", "backup", "backup.db"]);
    assert!(again.contains("exists and was not overwritten"), "{again}");
    server.done(&["store", "backup", "backup.db", "--force"]);
    let listed = server.run(&["store", "list"]);
    assert_eq!(repo.run(&["--store", "backup.db", "store", "list"]), listed);
    let elsewhere = server.server.database();
    let restored = repo.run(&["--store", &elsewhere, "store", "restore", "backup.db"]);
    assert!(restored.ends_with("--- exit 0"), "{restored}");
    assert_eq!(repo.run(&["--store", &elsewhere, "store", "list"]), listed);
    server.done(&["store", "remove", "team/gold"]);
    server.done(&["store", "lookup", "put", "names", "Gold", "gold"]);
    let refused = server.run(&["store", "restore", "backup.db"]);
    assert!(refused.contains("nothing of it was replaced"), "{refused}");
    let forced = server.run(&["store", "restore", "backup.db", "--force"]);
    assert!(
        forced.contains("restore into an empty database"),
        "{forced}"
    );
}

#[test]
fn a_commit_takes_its_rows_from_a_server() {
    let Some(server) = Server::new(None) else {
        return;
    };
    let repo = &server.repo;
    repo.shell(
        "mkdir .config; printf 'version = 4\\n' > .config/schema_version.ocl; git add .; git commit -qm x; git switch -qd;
         printf 'name = \"Gold\"\\n' > gold.ocl",
    );
    let before = server.run(&["preview", "main"]);
    assert!(
        before.contains("there is no store at ADDRESS, which was named"),
        "{before}"
    );
    let refused = server.run(&["upgrade", "main", "-m", "x"]);
    assert!(
        refused.contains("error: there is no store at ADDRESS"),
        "{refused}"
    );
    server.done(&["store", "init"]);
    server.done(&["store", "put", "team/gold", "gold.ocl", "--shape", "5"]);
    let done = server.run(&["upgrade", "main", "-m", "x"]);
    assert!(done.ends_with("--- exit 0"), "{done}");
    let listed = server.run(&["store", "list"]);
    assert!(listed.contains("snapshot of   5 team/gold"), "{listed}");
    assert!(!listed.contains("table"), "{listed}");
}

#[test]
fn a_password_is_taken_from_where_it_belongs_and_never_shown() {
    let Some(server) = Server::new(None) else {
        return;
    };
    let Some(address) = server.on_tcp() else {
        return;
    };
    server.done(&["store", "init"]);
    let list = ["--store", &address, "store", "list"];
    let run = |variables: &[(&str, &str)]| server.with_environment(variables, &list);
    assert!(run(&[("PGPASSWORD", PASSWORD)]).status.success());
    for variables in [&[][..], &[("PGPASSWORD", "not the right one")]] {
        let output = run(variables);
        let told = said(&output);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(
            told.contains("refuses this user") && told.contains("PGPASSWORD"),
            "{told}"
        );
        assert!(!told.contains("right one"), "{told}");
    }
    // In the file, for this server and another.
    let file = server.repo.path().join(".pgpass");
    std::fs::write(
        &file,
        format!("other:*:*:*:no\n127.0.0.1:*:*:ocl:{PASSWORD}\n"),
    )
    .unwrap();
    let told = said(&run(&[]));
    assert!(
        told.contains("others may read the password file") && !told.contains(PASSWORD),
        "{told}"
    );
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&file, private).unwrap();
    let output = run(&[]);
    assert!(output.status.success(), "{}", said(&output));
    let elsewhere = server.repo.path().join("passwords");
    std::fs::rename(&file, &elsewhere).unwrap();
    let named = elsewhere.display().to_string();
    assert!(run(&[("PGPASSFILE", &named)]).status.success());
    // In an address it would be in every list of processes: refused, wherever the address stands, and not repeated.
    let leaky = address.replacen("ocl@", "ocl:l3aked@", 1);
    let in_query = format!("{address}?password=l3aked");
    for leaky in [leaky, in_query] {
        for output in [
            server.with_environment(&[], &["--store", &leaky, "store", "list"]),
            server.with_environment(&[], &["status", "--store", &leaky]),
            server.with_environment(&[], &["store", "copy", &leaky, "x.db"]),
            server.with_environment(&[("OCL_MIGRATE_STORE", &leaky)], &["store", "status"]),
            server.with_environment(&[], &["--format", "json", "--store", &leaky, "doctor"]),
            server.with_environment(&[], &["--store", &leaky, "store", "lookup"]),
        ] {
            let told = said(&output);
            assert!(!output.status.success(), "{told}");
            assert!(!told.contains("l3aked"), "{told}");
        }
    }
}

#[test]
fn addresses_that_cannot_be_used_are_told() {
    let repo = Sandbox::empty();
    let with = |address: &str| repo.run(&["--store", address, "store", "status"]);
    insta::assert_snapshot!(with("oracle://ocl@db/ocl"));
    insta::assert_snapshot!(with("MySQL://ocl:s3cret@db?a=b"));
    insta::assert_snapshot!(with("postgres://ocl@db"));
    insta::assert_snapshot!(with("postgres://ocl@db/ocl?sslmode=verify-ca"));
    let closed = ClosedPort::new();
    let free = format!("127.0.0.1:{}", closed.number());
    let away = with(&format!("postgres://ocl@{free}/ocl"));
    insta::assert_snapshot!(away.replace(&free, "HOST"));
    // PostgreSQL's own program knows neither the word nor the port.
    let away = with("cockroach://ocl@cockroach.invalid/ocl");
    assert!(
        away.contains("hint: see whether it answers: pg_isready -h cockroach.invalid -p 26257\n"),
        "{away}"
    );
}

#[test]
fn the_commands_of_a_store_work_on_mariadb() {
    let Some(server) = mariadb() else { return };
    let repo = Sandbox::empty();
    repo.shell("printf 'name = \"Gold\"\\n' > gold.ocl");
    let address = server.database();
    let run = |arguments: &[&str]| {
        let said = repo.run(&[&["--store", &address], arguments].concat());
        let said = said.replace(&address, "ADDRESS");
        // What MariaDB calls itself.
        let version = server.sql(&address, "SELECT version()");
        said.replace(version.split('-').next().unwrap(), "VERSION")
    };
    let planned = run(&["store", "migrate", "--dry-run"]);
    assert!(planned.contains("ENGINE=InnoDB"), "{planned}");
    let absent = run(&["store", "status"]);
    assert!(absent.contains("there is no store at ADDRESS"), "{absent}");
    for arguments in [
        &["store", "init"][..],
        &["store", "put", "team/gold", "gold.ocl", "--shape", "5"],
        &["store", "lookup", "put", "names", "Gold", "gold"],
        &["store", "validate"],
    ] {
        let said = run(arguments);
        assert!(said.ends_with("--- exit 0"), "{arguments:?}\n{said}");
    }
    insta::assert_snapshot!("mariadb_status", run(&["store", "status"]));
    let listed = run(&["store", "list"]);
    assert!(listed.contains("team/gold"), "{listed}");
    // To a file, to another database, and to the other kind of server.
    let mut places = vec!["copy.db".to_owned(), server.database()];
    places.extend(postgres().map(|postgres| postgres.database()));
    for place in &places {
        let copied = run(&["store", "copy", &address, place]);
        assert!(copied.contains("1 project, compared"), "{copied}");
        let back = server.database();
        let copied = run(&["store", "copy", place, &back]);
        assert!(copied.contains("1 project, compared"), "{copied}");
        for store in [place, &back] {
            assert_eq!(repo.run(&["--store", store, "store", "list"]), listed);
        }
    }
    let backed_up = run(&["store", "backup", "backup.db"]);
    assert!(backed_up.ends_with("--- exit 0"), "{backed_up}");
    let elsewhere = server.database();
    let restored = repo.run(&["--store", &elsewhere, "store", "restore", "backup.db"]);
    assert!(restored.ends_with("--- exit 0"), "{restored}");
    assert_eq!(repo.run(&["--store", &elsewhere, "store", "list"]), listed);
    server.sql(
        &address,
        "ALTER TABLE oclm_documents DROP CONSTRAINT oclm_documents_shape_valid",
    );
    insta::assert_snapshot!("mariadb_validate", run(&["store", "validate"]));
}

#[test]
fn a_password_for_mariadb_is_taken_from_where_it_belongs_and_never_shown() {
    let Some(server) = mariadb() else { return };
    let Some(cluster) = server.cluster() else {
        return;
    };
    let repo = Sandbox::empty();
    let socket = server.database();
    repo.run(&["--store", &socket, "store", "init"]);
    let name = crate::support::servers::database_name(&socket);
    let address = format!("mysql://ocl@127.0.0.1:{}/{name}", cluster.port());
    let run = |variables: &[(&str, &str)], address: &str| {
        let mut command = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), repo.path());
        let catalog = project().join("fixtures/catalogs/fizz");
        command.arg("--catalog").arg(catalog);
        command.args(["--store", address, "store", "list"]);
        command.envs(variables.iter().copied()).output().unwrap()
    };
    let password = PASSWORD;
    assert!(run(&[("MYSQL_PWD", password)], &address).status.success());
    for variables in [&[][..], &[("MYSQL_PWD", "not the right one")]] {
        let output = run(variables, &address);
        let told = said(&output);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(
            told.contains("refuses this user") && told.contains("~/.my.cnf"),
            "{told}"
        );
        assert!(!told.contains("right one"), "{told}");
    }
    let file = repo.path().join(".my.cnf");
    std::fs::write(
        &file,
        format!("[client]\nuser=ocl\npassword=\"{password}\"\n"),
    )
    .unwrap();
    let told = said(&run(&[], &address));
    assert!(
        told.contains("others may read the password file") && !told.contains(password),
        "{told}"
    );
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&file, private).unwrap();
    let output = run(&[], &address);
    assert!(output.status.success(), "{}", said(&output));
    let leaky = address.replacen("ocl@", "ocl:l3aked@", 1);
    let told = said(&run(&[], &leaky));
    assert!(
        told.contains("MYSQL_PWD") && !told.contains("l3aked"),
        "{told}"
    );
}

#[test]
fn a_database_that_is_missing_is_made_by_what_is_told() {
    let (Some(postgres), Some(mariadb)) = (postgres(), mariadb()) else {
        return;
    };
    let repo = Sandbox::empty();
    for server in [postgres as &dyn DatabaseServer, mariadb] {
        let there = server.database();
        let name = crate::support::servers::database_name(&there);
        let missing = there.replacen(name, &format!("{name}_missing"), 1);
        let said = repo.run(&["--store", &missing, "store", "init"]);
        let (_, statement) = said.split_once("as a user who may: ").expect(&said);
        server.sql(&there, statement.lines().next().unwrap());
        let done = repo.run(&["--store", &missing, "store", "init"]);
        assert!(done.ends_with("--- exit 0"), "{done}");
    }
}

/// What lacks a table isn't well, and nothing is replaced on a server: what helps is said so.
#[test]
fn doctor_finds_tables_that_are_gone_and_says_what_helps_on_a_server() {
    for (change, told) in [
        (
            "DROP TABLE oclm_effects",
            "of its tables, oclm_effects is missing",
        ),
        (
            "DROP TABLE oclm_history",
            "of its tables, oclm_history is missing",
        ),
        ("DELETE FROM oclm_history", "oclm_history names no version"),
    ] {
        let Some(server) = Server::new(Some("versions")) else {
            return;
        };
        server.done(&["store", "init"]);
        sql(&server.address, change);
        let doctor = server.run(&["doctor"]);
        assert!(doctor.contains(told), "{doctor}");
        assert!(!doctor.contains("--force"), "{doctor}");
        let restore = "    to use a backup, restore it into an empty database: ocl-migrate --catalog \
                       PROJECT/fixtures/catalogs/fizz --store STORE store restore FILE\n";
        assert!(doctor.contains(restore), "{doctor}");
        let validated = server.run(&["store", "validate"]);
        assert!(validated.contains("oclm_"), "{validated}");
        assert!(!validated.contains("something else has"), "{validated}");
        assert!(validated.ends_with("--- exit 1"), "{validated}");
    }
}
