//! Many threads read while Git commits, packs and cleans up.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::git::{RefScope, RefTarget};

use super::script::Sandbox;
use super::trees::files_below;

#[test]
fn nothing_goes_missing_while_git_repacks() {
    let sandbox = Sandbox::new(
        "for i in $(seq 20); do commit c$i dir/f$i=$i; git branch b$i; git tag -a -m t t$i; done",
    );
    let repository = sandbox.repository();
    let first = sandbox.id("b1");
    let done = AtomicBool::new(false);
    let read_everything = || {
        let reader = repository.reader();
        let (mut rounds, mut newest) = (0, 0);
        while !done.load(Ordering::Relaxed) || rounds < 2 {
            let refs = reader.refs(RefScope::All).unwrap();
            let names: Vec<&str> = refs.iter().map(|found| found.name.as_str()).collect();
            for i in 1..=20 {
                assert!(
                    names.contains(&format!("refs/heads/b{i}").as_str()),
                    "b{i} of {names:?}"
                );
                assert!(
                    names.contains(&format!("refs/tags/t{i}").as_str()),
                    "t{i} of {names:?}"
                );
            }
            for found in &refs {
                let RefTarget::Commit(commit) = found.target else {
                    panic!("{found:?}");
                };
                let tree = reader.tree_of(commit).unwrap();
                for file in files_below(&reader, tree, "dir") {
                    reader.blob(file.id).unwrap();
                }
            }
            let main = reader.resolve("main").unwrap();
            // A branch that only grows is never seen to shrink.
            let files = files_below(&reader, main.tree, "dir").len();
            assert!(files >= newest, "{files} files after {newest}");
            newest = files;
            assert!(reader.is_reachable(first).unwrap());
            reader.resolve("t7^{commit}").unwrap();
            reader.resolve(&main.commit.to_string()[..12]).unwrap();
            rounds += 1;
        }
        rounds
    };
    let rounds: Vec<usize> = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..3).map(|_| scope.spawn(read_everything)).collect();
        let end = Instant::now() + Duration::from_secs(6);
        let mut number = 100;
        while Instant::now() < end && readers.iter().all(|reader| !reader.is_finished()) {
            sandbox.run(&format!(
                "cd repo; commit n dir/f{number}=x; git pack-refs --all --prune; commit m dir/g{number}=y
                 git gc -q --prune=now; commit o dir/h{number}=z; git repack -qadf; git pack-refs --all"
            ));
            number += 1;
        }
        done.store(true, Ordering::Relaxed);
        readers
            .into_iter()
            .map(|reader| reader.join().unwrap())
            .collect()
    });
    assert!(rounds.iter().all(|rounds| *rounds > 1), "{rounds:?}");
}
