//! Remotes that hang, beside projects that are well.

use std::net::SocketAddr;
use std::thread::{self, ScopedJoinHandle};

use serde_json::json;

use super::ending::wait_until_it_ends;
use super::service::Served;
use crate::serve::client::{Response, Running, try_ask};
use crate::support::host::{Host, Protocol};
use crate::support::{Repo, project, until};

/// A service with a project at a host, one in a folder that is a remote, and one that is here; it writes one at a time.
fn three(served: &Served, host: &Host) -> Running {
    served
        .sandbox
        .shell("git clone -q --bare . away.git; git clone -q --bare . here.git");
    let catalog = project().join("fixtures/catalogs/fizz");
    let catalog = catalog.display();
    let of_one = |name: &str, place: &str| {
        format!(
            "project \"{name}\" {{\n  catalog = \"{catalog}\"\n  writable = true\n{place}\n}}\n"
        )
    };
    let remote = |url: &str, mirror: &str| {
        format!("remote = \"{url}\"\nmirror = \"{mirror}\"\nfetch_every = \"24h\"")
    };
    let text = [
        of_one("shop", &remote(&host.url("remote.git"), "mirror.git")),
        of_one("away", &remote("away.git", "away-mirror.git")),
        of_one("here", "repository = \"here.git\""),
        "limits {\n  answers = 1\n  waiting = 8\n  stop_seconds = 1\n}\n".to_owned(),
    ];
    served.write("serve.hcl", &text.concat());
    served.start()
}

/// A request that writes to a project: its path, its headers and its body.
fn order(running: &Running, project: &str) -> (String, String, String) {
    let path = |question: &str| format!("/v1/projects/{project}/{question}");
    let status = running.get(&path("status?ref=main"));
    let tag = format!("\"{}\"", status.json()["commit"].as_str().unwrap());
    let body = json!({
        "ref": "main", "message": "Wider", "set": [{"address": "fizz size.width", "value": "77"}],
    });
    (path("commit"), tag, body.to_string())
}

fn send(address: SocketAddr, (path, tag, body): &(String, String, String)) -> Option<Response> {
    let headers = [("Content-Type", "application/json"), ("If-Match", tag)];
    try_ask(address, "POST", path, &headers, body)
}

fn finished<T>(threads: &[ScopedJoinHandle<'_, T>]) -> usize {
    threads.iter().filter(|it| it.is_finished()).count()
}

#[test]
fn a_host_that_says_nothing_holds_up_nobody_elses_writers() {
    let served = Served::new();
    let host = Host::new(served.sandbox.path(), Protocol::Git);
    let running = three(&served, &host);
    let address = running.address;
    let [shop, away, here] = ["shop", "away", "here"].map(|name| order(&running, name));
    until("the fetches at the start", || {
        let metrics = running.get("/metrics");
        metrics.text().contains("ocl_migrate_remote_fetches 4\n")
    });
    host.set_silent(true);
    let fresh =
        |project: &str| running.get(&format!("/v1/projects/{project}/status?ref=main&fresh"));
    let statuses = thread::scope(|scope| {
        // One more than the share of one remote, of which one is carried out.
        let writers: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| send(address, &shop).unwrap()))
            .collect();
        until("the end of its share", || finished(&writers) == 1);
        for order in [&here, &away] {
            let done = send(address, order).unwrap();
            assert_eq!(done.status, 200, "{}", done.text());
        }
        // So it is with those who wait for what is new.
        let readers: Vec<_> = (0..5).map(|_| scope.spawn(|| fresh("shop"))).collect();
        until("the end of its share", || finished(&readers) == 1);
        assert_eq!(fresh("away").status, 200);
        assert_eq!((finished(&writers), finished(&readers)), (1, 1));
        host.set_down(true);
        host.cut();
        let answers = writers
            .into_iter()
            .chain(readers)
            .map(|it| it.join().unwrap());
        answers.map(|it| (it.status, it.code())).collect::<Vec<_>>()
    });
    let busy = statuses.iter().filter(|(_, code)| code == "busy").count();
    assert_eq!(busy, 2, "{statuses:?}");
    assert!(
        statuses.iter().all(|(status, _)| *status == 503),
        "{statuses:?}"
    );
}

#[test]
fn a_push_that_hangs_ends_with_the_service() {
    let served = Served::new();
    let host = Host::new(served.sandbox.path(), Protocol::Git);
    let running = three(&served, &host);
    let remote = Repo::at(&served.sandbox.path().join("away.git"));
    remote.hook(
        "pre-receive",
        "echo $$ >hook.new; mv hook.new hook; for i in $(seq 1200); do sleep 0.1; done",
    );
    let (address, order) = (running.address, order(&running, "away"));
    let cut_off = thread::spawn(move || send(address, &order).is_none());
    remote.wait_for("hook", true);
    let (exit, log) = running.stop();
    assert_eq!(exit, Some(1), "{log}");
    assert!(cut_off.join().unwrap());
    let hook = std::fs::read_to_string(remote.path().join("hook")).unwrap();
    wait_until_it_ends(hook.trim());
}
