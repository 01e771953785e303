//! `docs/examples/two-nodes`: what its containers run is run here, on the databases of the tests. The containers themselves, and their
//! images, are nobody's here to try.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use saphyr_parser::{Event, Parser};

use crate::support::Sandbox;
use crate::support::mariadb::mariadb;
use crate::support::postgres::postgres;
use crate::support::servers::DatabaseServer;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/examples/two-nodes")
}

/// The texts of the compose file, in their order.
fn texts() -> Vec<String> {
    let file = fs::read_to_string(folder().join("compose.yaml")).unwrap();
    let events = Parser::new_from_str(&file).map(|event| event.unwrap().0);
    let texts = events.filter_map(|event| match event {
        Event::Scalar(text, ..) => Some(text.into_owned()),
        _ => None,
    });
    texts.collect()
}

/// The texts of a service's command, which come after its name.
fn command_of(service: &str) -> Vec<String> {
    let texts = texts();
    let begin = texts.iter().position(|it| it == service).unwrap();
    let command = texts[begin..]
        .iter()
        .position(|it| it == "command")
        .unwrap();
    texts[begin + command + 1..].to_vec()
}

#[test]
fn two_nodes_of_the_compose_file_serve_what_one_database_holds() {
    let (Some(postgres), Some(mariadb)) = (postgres(), mariadb()) else {
        return;
    };
    let script = command_of("prepare").remove(0).replace("$$", "$");
    for address in [DatabaseServer::database(postgres), mariadb.database()] {
        let place = Sandbox::empty();
        let srv = place.path().join("srv").display().to_string();
        fs::create_dir(&srv).unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_ocl-migrate"));
        let folder = program.parent().unwrap().display();
        let script = script.replace("/srv/", &format!("{srv}/"));
        // Once, however often it is started.
        for _ in 0..2 {
            place.shell(&format!(
                "set -e; export PATH={folder}:$PATH OCL_MIGRATE_STORE='{address}'; {script}"
            ));
        }
        let nodes = ["node-1", "node-2"].map(|node| {
            let words = command_of(node).into_iter().take(5);
            let words = words.map(|it| it.replace("/srv/", &format!("{srv}/")));
            let mut words: Vec<String> = words.collect();
            assert_eq!(words[3], "--listen");
            words[4] = "127.0.0.1:0".to_owned();
            Command::new(program)
                .args(words)
                .env("OCL_MIGRATE_STORE", &address)
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        });
        for mut node in nodes {
            let mut line = String::new();
            let mut said = BufReader::new(node.stdout.take().unwrap());
            said.read_line(&mut line).unwrap();
            let place = line.split("http://").nth(1).unwrap();
            let place = place.split('/').next().unwrap();
            let ask = |path: &str| {
                let mut stream = TcpStream::connect(place).unwrap();
                let head =
                    format!("GET {path} HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\n\r\n");
                stream.write_all(head.as_bytes()).unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).unwrap();
                answer
            };
            let ready = ask("/readyz");
            let status = ask("/v1/projects/default/status?ref=main");
            node.kill().unwrap();
            node.wait().unwrap();
            assert!(ready.starts_with("HTTP/1.1 200"), "{ready}");
            assert!(status.starts_with("HTTP/1.1 200"), "{status}");
        }
    }
}

/// Each file of settings names a profile of the compose file, and a store at the port that the profile's server has.
#[test]
fn the_files_of_settings_name_what_the_compose_file_has() {
    let texts = texts();
    for (database, scheme) in [
        ("postgres", "postgres://"),
        ("mariadb", "mysql://"),
        ("cockroach", "cockroach://"),
    ] {
        let settings = fs::read_to_string(folder().join(format!("{database}.env"))).unwrap();
        assert!(settings.contains(&format!("COMPOSE_PROFILES={database}\n")));
        let (_, store) = settings.split_once("STORE=").unwrap();
        assert!(store.starts_with(scheme), "{store}");
        let port = store.split(['@', '/']).nth(3).unwrap();
        let is_published = |text: &String| text.starts_with(&format!("{port}:"));
        assert!(texts.iter().any(is_published), "{port}");
    }
}
