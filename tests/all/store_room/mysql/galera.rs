//! Nodes of a Galera cluster, which must not write at a time.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mysql::prelude::Queryable as _;
use ocl_migrate::store::{Error, Options, Store};

use crate::store_room::{TIME, fizz, project, quick};
use crate::support::mariadb::{MariaDb, own_mariadb_on};
use crate::support::servers::{DatabaseServer, database_name, free_port, give_away};
use crate::support::until;

/// A node, and the port by which others join it; `first` is a node that is there already.
fn node(first: Option<(&MariaDb, u16)>) -> Option<(MariaDb, u16)> {
    let provider = [
        "/usr/lib/galera/libgalera_smm.so",
        "/usr/lib64/galera-4/libgalera_smm.so",
    ];
    let Some(provider) = provider
        .into_iter()
        .find(|file| std::path::Path::new(file).exists())
    else {
        crate::support::skipped("there is no Galera here");
        return None;
    };
    let (port, receiver) = (free_port(), free_port());
    let joined = match first {
        Some((_, first)) => format!("--wsrep-cluster-address=gcomm://127.0.0.1:{first}"),
        None => "--wsrep-cluster-address=gcomm://".to_owned(),
    };
    let mut settings = vec![
        "--wsrep-on=ON".to_owned(),
        format!("--wsrep-provider={provider}"),
        joined,
        "--wsrep-sst-method=skip".to_owned(),
        format!(
            "--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:{port};ist.recv_addr=127.0.0.1:{receiver}"
        ),
        format!("--wsrep-node-address=127.0.0.1:{port}"),
        format!("--wsrep-node-name=node-{port}"),
        "--binlog-format=ROW".to_owned(),
        "--innodb-autoinc-lock-mode=2".to_owned(),
    ];
    if first.is_none() {
        settings.push("--wsrep-new-cluster".to_owned());
    }
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let node = own_mariadb_on(&settings, |data| {
        let Some((first, _)) = first else { return };
        // All nodes begin with the same tables, so none needs those of another.
        let state = |name: &str| {
            let shown = first.run(&format!("SHOW STATUS LIKE '{name}'"));
            shown.split_once('|').unwrap().1.to_owned()
        };
        let (cluster, at) = (
            state("wsrep_cluster_state_uuid"),
            state("wsrep_last_committed"),
        );
        let text = format!(
            "# GALERA saved state\nversion: 2.1\nuuid: {cluster}\nseqno: {at}\nsafe_to_bootstrap: 0\n"
        );
        let file = data.join("grastate.dat");
        std::fs::write(&file, text).unwrap();
        give_away(&file, "mysql");
    })?;
    Some((node, port))
}

fn only_writer(address: &str) -> String {
    format!("{address}&galera=only-writer")
}

/// A cluster of one node, which is what one is told from: the setting is the same in every node.
#[test]
fn a_node_of_a_galera_cluster_is_refused_unless_it_is_the_only_one_that_writes() {
    let Some((server, _)) = node(None) else {
        return;
    };
    let address = server.database();
    let store = server.store(&address, quick());
    for result in [store.init(&project()).map(drop), store.projects().map(drop)] {
        let error = result.unwrap_err();
        assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
        assert!(error.to_string().contains("?galera=only-writer"), "{error}");
    }
    let told = server.store(&only_writer(&address), quick());
    assert!(told.init(&project()).unwrap());
    told.put_documents(&project(), &[fizz()]).unwrap();
    let mut write = told.write(&project()).unwrap();
    write.take("fizz", 3, &[fizz()], TIME).unwrap();
    write.commit().unwrap();
    assert_eq!(server.sql(&address, "SELECT @@wsrep_on"), "1");
}

/// Why: a writer holds its project's row, and on another node nobody waits for it. Each transaction here reads a count and writes
/// one more; on one node none is lost, and on two some are that were acknowledged.
#[test]
fn two_nodes_of_a_galera_cluster_that_both_write_lose_what_was_acknowledged() {
    let Some((first, port)) = node(None) else {
        return;
    };
    let Some((second, _)) = node(Some((&first, port))) else {
        return;
    };
    let address = first.database();
    let name = database_name(&address);
    let theirs = second.address(name);
    first.sql(
        &address,
        "CREATE TABLE counter (id INT PRIMARY KEY, n INT); INSERT INTO counter VALUES (1, 0)",
    );
    let store = first.store(&only_writer(&address), Options::default());
    store.init(&project()).unwrap();
    let count = || -> u32 {
        first
            .sql(&address, "SELECT n FROM counter")
            .parse()
            .unwrap()
    };
    until("the other node has it", || {
        second.run(&format!(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = '{name}' AND table_name LIKE 'oclm%'"
        )) == first.run(&format!(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = '{name}' AND table_name LIKE 'oclm%'"
        ))
    });
    assert_eq!(
        first.run("SHOW STATUS LIKE 'wsrep_cluster_size'"),
        "wsrep_cluster_size|2"
    );

    // Adds to the count on some nodes for a time. Returns how many were lost.
    let lost = |nodes: &[(&MariaDb, &str)], most: Duration| -> u32 {
        let deadline = Instant::now() + most;
        let before = count();
        let acknowledged = AtomicU32::new(0);
        thread::scope(|scope| {
            for (server, address) in nodes {
                for _ in 0..4 {
                    let store = server.store(&only_writer(address), Options::default());
                    let acknowledged = &acknowledged;
                    scope.spawn(move || {
                        while Instant::now() < deadline {
                            let Ok(mut write) = store.write(&project()) else {
                                continue;
                            };
                            let added = write.connection().ok().flatten().and_then(|it| {
                                let client: &mut mysql::Conn = it.downcast_mut()?;
                                let n: u32 = client.query_first("SELECT n FROM counter").ok()??;
                                let add = format!("UPDATE counter SET n = {}", n + 1);
                                client.query_drop(add).ok()
                            });
                            if added.is_some() && write.commit().is_ok() {
                                acknowledged.fetch_add(1, Ordering::SeqCst);
                            }
                        }
                    });
                }
            }
        });
        let acknowledged = acknowledged.into_inner();
        assert!(acknowledged > 20, "only {acknowledged}");
        // What the other node has committed last may still be on its way.
        thread::sleep(Duration::from_millis(500));
        println!("{acknowledged} acknowledged, {} there", count() - before);
        acknowledged - (count() - before)
    };
    assert_eq!(lost(&[(&first, &address)], Duration::from_secs(2)), 0);
    let lost = lost(
        &[(&first, &address), (&second, &theirs)],
        Duration::from_secs(6),
    );
    assert!(lost > 0, "none was lost");
}
