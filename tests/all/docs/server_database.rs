//! `docs/how-to/server-database.md`: its commands are run, on a PostgreSQL and a MariaDB of the tests, and print what it says.

use std::fs;
use std::path::Path;

use crate::support::Sandbox;
use crate::support::mariadb::mariadb;
use crate::support::postgres::postgres;
use crate::support::servers::DatabaseServer;

#[test]
fn the_way_to_a_servers_database_and_back_is_as_the_page_says() {
    let (Some(postgres), Some(mariadb)) = (postgres(), mariadb()) else {
        return;
    };
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/how-to/server-database.md");
    let text = fs::read_to_string(page).unwrap();
    let places = [
        (
            "postgres://ocl@db.example.org/ocl",
            DatabaseServer::database(postgres),
        ),
        ("mysql://ocl@db.example.org/ocl", mariadb.database()),
    ];
    let here = |text: &str| {
        places
            .iter()
            .fold(text.to_owned(), |text, (named, address)| {
                text.replace(named, &format!("'{address}'"))
            })
    };
    let repo = Sandbox::empty();
    let program = Path::new(env!("CARGO_BIN_EXE_ocl-migrate"))
        .parent()
        .unwrap();
    let mut exports = format!("set -e; export PATH={}:$PATH; ", program.display());
    repo.shell(&format!(
        "{exports} mkdir .octopus; printf 'version = 1\\n' > .octopus/schema_version.ocl; git add .; git commit -qm x;
         ocl-migrate store init; printf 'x = 1\\n' | ocl-migrate store put variables --shape 5;
         ocl-migrate --tenant north --project shop store init"
    ));
    let mut played = 0;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line != "```console" {
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let commands = block.iter().filter_map(|line| line.strip_prefix("$ "));
        // The others make databases, and this program.
        let ours: Vec<&str> = commands
            .filter(|line| {
                ["ocl-migrate ", "export "]
                    .iter()
                    .any(|it| line.starts_with(it))
            })
            .collect();
        let script = here(&ours.join("; "));
        let mut said = repo.shell(&[&*exports, &*script].concat());
        for (named, address) in &places {
            said = said.replace(address, named);
        }
        let shown: Vec<&str> = block
            .iter()
            .filter(|line| !line.starts_with("$ "))
            .copied()
            .collect();
        if !shown.is_empty() {
            let of_tenant = "shop of tenant north: copied";
            let said: Vec<&str> = said.lines().filter(|line| *line != of_tenant).collect();
            let shown: Vec<String> = shown
                .iter()
                .map(|it| it.replace("1 project", "2 projects"))
                .collect();
            assert_eq!(said, shown, "{script}");
        }
        exports.extend(
            ours.iter()
                .filter(|it| it.starts_with("export "))
                .map(|it| here(it) + "; "),
        );
        played += ours.len();
    }
    assert!(played >= 7, "only {played} commands were played");
}
