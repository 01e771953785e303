//! The statements that are sent to CockroachDB: each is on a list, under what says that CockroachDB takes it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ocl_migrate::store::{Error, Inspect, ProjectKey, Scope, Store, conformance};
use proc_macro2::{TokenStream, TokenTree};

use crate::store_room::{TIME, buzzes, project, quick};
use crate::support::cockroach::{stand_in, store_on};
use crate::support::postgres::own_postgres;
use crate::support::servers::DatabaseServer;
use crate::support::until;

/// The statements of the list, each once.
fn listed() -> BTreeSet<String> {
    let list = include_str!("statements.md");
    let mut source_is_given = false;
    let mut listed = BTreeSet::new();
    for line in list.lines() {
        if line.starts_with("## ") {
            source_is_given = false;
        }
        source_is_given |= line.contains("https://");
        if let Some(statement) = line.strip_prefix("- `") {
            assert!(source_is_given, "no source before {statement}");
            let statement = statement.strip_suffix('`').unwrap().to_owned();
            assert!(!listed.contains(&statement), "twice: {statement}");
            listed.insert(statement);
        }
    }
    listed
}

/// The statements of a text, without comments, on one line each, and without the number of how long to wait.
fn statements(text: &str) -> impl Iterator<Item = String> {
    let lines = text.lines();
    let code = lines.map(|line| line.split("--").next().unwrap_or_default());
    let code = code.collect::<Vec<_>>().join(" ");
    let statements: Vec<String> = code
        .split(';')
        .map(|it| it.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|it| !it.is_empty())
        .map(|it| match it.strip_prefix("SET LOCAL lock_timeout = ") {
            Some(_) => "SET LOCAL lock_timeout = 1".to_owned(),
            None => it,
        })
        .collect();
    statements.into_iter()
}

/// Who is listed and never sent is as wrong as who is sent and not listed.
fn compare(sent: &BTreeSet<String>) {
    let listed = listed();
    let missing: Vec<&String> = sent.difference(&listed).collect();
    assert!(
        missing.is_empty(),
        "not on the list: {}",
        missing
            .iter()
            .map(|it| format!("\n- `{it}`"))
            .collect::<String>()
    );
    let unused: Vec<&String> = listed.difference(sent).collect();
    assert!(unused.is_empty(), "listed, and never sent: {unused:#?}");
}

/// The texts in a source file that begin as a statement does.
fn literals(stream: TokenStream, found: &mut BTreeSet<String>) {
    for token in stream {
        match token {
            TokenTree::Group(group) => literals(group.stream(), found),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                let Some(text) = text.strip_prefix('"') else {
                    continue;
                };
                let text = text.trim_end_matches('"').replace("\\\\", "\\");
                let verb = text.split_whitespace().next().unwrap_or_default();
                let verbs = [
                    "ALTER",
                    "BEGIN",
                    "COMMIT",
                    "CREATE",
                    "DELETE",
                    "INSERT",
                    "RELEASE",
                    "ROLLBACK",
                    "SAVEPOINT",
                    "SELECT",
                    "SET",
                    "UPDATE",
                ];
                if verbs.contains(&verb) {
                    found.extend(statements(&text));
                }
            }
            _ => {}
        }
    }
}

/// What a store in a server's database can do, said to a PostgreSQL that writes down what it is told.
#[test]
fn every_statement_that_is_sent_to_cockroachdb_is_on_the_list() {
    let Some(server) = own_postgres() else { return };
    let cluster = server.cluster().unwrap();
    for setting in [
        "ALTER SYSTEM SET log_line_prefix = '@@%a@@'",
        "ALTER SYSTEM SET log_statement = 'all'",
        "SELECT pg_reload_conf()",
    ] {
        server.sql("postgres", setting);
    }
    until("it writes down what it is told", || {
        server.sql("postgres", "SHOW log_statement") == "all"
    });

    let new = || -> Box<dyn Store> { Box::new(store_on(&server, quick()).0) };
    conformance::check(&new).unwrap_or_else(|broken| panic!("{broken}"));
    let (store, _) = store_on(&server, quick());
    let next = store.clone().of_next_release();
    next.migrate(Some(1), false).unwrap();
    next.migrate(Some(2), false).unwrap();
    store.init(&project()).unwrap();
    store.put_documents(&project(), &buzzes()).unwrap();
    let tenant = Scope::Tenant("north".to_owned());
    store
        .put_lookup(&tenant, "table", "key", &serde_json::json!(1))
        .unwrap();
    store.lookups(&tenant).unwrap();
    store.lookups(&Scope::Project(project())).unwrap();
    store.remove_lookup(&tenant, "table", "key").unwrap();
    let mut write = store.write(&project()).unwrap();
    write.begin_effect("buzz", 3, "effect", TIME).unwrap();
    write.connection().unwrap();
    write.record_effect("buzz", 3, "done", TIME).unwrap();
    write.take("buzz", 3, &buzzes(), TIME).unwrap();
    write.commit().unwrap();
    store.status().unwrap();
    store.server().unwrap();
    store.tenants().unwrap();
    assert_eq!(store.validate().unwrap(), Vec::<String>::new());
    let moved = ProjectKey::new("elsewhere");
    store.rename(&project(), &moved).unwrap();
    next.migrate(None, false).unwrap();
    let (absent, _) = store_on(&server, quick());
    assert!(matches!(absent.status(), Err(Error::Absent { .. })));

    let log = fs::read_to_string(cluster.folder().join("log")).unwrap();
    let mut sent = BTreeSet::new();
    for entry in log.split("@@ocl-migrate@@").skip(1) {
        let entry = entry.split("@@").next().unwrap_or_default();
        let told = entry.strip_prefix("LOG:  ").unwrap_or_default();
        // `execute NAME: ` where it is prepared.
        let text = told.strip_prefix("statement: ").or_else(|| {
            let executed = told.strip_prefix("execute ")?;
            Some(executed.split_once(": ")?.1)
        });
        sent.extend(text.into_iter().flat_map(statements));
    }
    assert!(sent.len() > 50, "{sent:#?}");

    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    for folder in ["server", "postgres/cockroach"] {
        for entry in fs::read_dir(sources.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|it| it != "rs") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod").next().unwrap_or_default();
            literals(text.parse().unwrap(), &mut sent);
        }
    }
    // An insert is sent with the clause that returns its number, where somebody asks for it.
    let returning = |it: &str| format!("{it} RETURNING id");
    let is_sent = |it: &&String| it.contains(' ') && !sent.contains(&returning(it));
    let words = ["COMMIT", "ROLLBACK"].map(str::to_owned);
    let sent = sent.iter().filter(is_sent).cloned().chain(words).collect();
    compare(&sent);
}

#[test]
fn validate_finds_what_is_called_otherwise() {
    let Some(server) = stand_in() else { return };
    crate::store_room::servers::tables::validate_finds_every_difference(
        server,
        &[
            (
                "ALTER TABLE oclm_documents DROP CONSTRAINT oclm_documents_shape_valid",
                "constraint oclm_documents_shape_valid of oclm_documents is missing: CHECK",
            ),
            (
                "ALTER TABLE oclm_documents ALTER content DROP NOT NULL",
                "column oclm_documents.content is bytea, and should be bytea not null",
            ),
            (
                "ALTER TABLE oclm_documents ALTER shape TYPE INT",
                "column oclm_documents.shape is integer not null, and should be bigint not null",
            ),
            (
                "ALTER TABLE oclm_lookups DROP CONSTRAINT oclm_lookups_of_tenant",
                "constraint oclm_lookups_of_tenant of oclm_lookups is missing: UNIQUE",
            ),
            (
                "ALTER TABLE oclm_snapshots RENAME CONSTRAINT oclm_snapshots_key TO mine",
                "constraint mine of oclm_snapshots is there, and shouldn't be: PRIMARY KEY",
            ),
            (
                "DROP INDEX oclm_intents_of_project",
                "index oclm_intents_of_project of oclm_intents is missing",
            ),
            (
                "DROP TABLE oclm_catalogs",
                "column oclm_catalogs.content is missing: bytea not null",
            ),
            (
                "ALTER TABLE oclm_tenants ADD COLUMN mine TEXT",
                "column oclm_tenants.mine is there, and shouldn't be: text",
            ),
        ],
        |_| {},
    );
}

/// A server that isn't what its address says is refused with the address that it needs.
#[test]
fn a_postgresql_at_an_address_of_cockroachdb_is_refused() {
    let Some(server) = stand_in() else { return };
    let address = server.database();
    let address = ocl_migrate::store::PostgresAddress::parse(&address).unwrap();
    let store = ocl_migrate::store::ServerStore::postgres(address, quick()).unwrap();
    let error = store.init(&project()).unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
    assert!(
        error.to_string().ends_with("begin it with postgres://"),
        "{error}"
    );
}
