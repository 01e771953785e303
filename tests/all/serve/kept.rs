//! What the service keeps to use again has a bound.

use super::client::Running;
use super::{configure, configured, path};
use crate::support::Sandbox;

/// A gauge of the service.
fn gauge(running: &Running, name: &str) -> u64 {
    let metrics = running.get("/metrics");
    let text = metrics.text();
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    value
        .unwrap_or_else(|| panic!("{text}"))
        .trim()
        .parse()
        .unwrap()
}

#[test]
fn documents_and_answers_take_no_more_than_the_configuration_gives_them() {
    let sandbox = Sandbox::new("versions");
    // 40 branches with documents of 30 KB that differ: more than a mebibyte, twice.
    sandbox.shell(
        "for branch in $(seq 40); do
           git read-tree main
           id=$({ printf 'color = \"'; head -c 30000 /dev/zero | tr '\\0' x; printf '%s\"\\n' $branch; } | git hash-object -w --stdin)
           git update-index --cacheinfo 100644,$id,.config/fizz.ocl
           git branch many/$branch $(git commit-tree $(git write-tree) -p main -m $branch)
         done",
    );
    configure(&sandbox, "limits {\n  cache_mib = 1\n}\n", "");
    let running = configured(&sandbox);
    for _ in 0..2 {
        for branch in 1..=40 {
            let answer = running.get(&path(&format!("show?ref=many/{branch}")));
            assert_eq!(answer.status, 200);
            assert!(
                answer.text().contains(&format!("xxx{branch}\"")),
                "{branch}"
            );
        }
    }
    let documents = gauge(&running, "ocl_migrate_documents_bytes ");
    let answers = gauge(&running, "ocl_migrate_answers_bytes ");
    assert!(
        documents > 100_000 && answers > 30_000,
        "{documents} {answers}"
    );
    assert!(documents + answers <= 1 << 20, "{documents} {answers}");
    assert_eq!(running.stop().0, Some(0));
}
