//! Repositories that live elsewhere: mirrored, fetched and pushed to by Git's own program.

mod ending;
mod mirrors;
mod moves;
mod nodes;
mod service;
mod settling;
mod sharing;

use std::path::PathBuf;
use std::time::Duration;

use crate::support::host::git_alone;
use crate::support::{Repo, ada, scratch};
use ocl_migrate::git::{GitProgram, Mirror, ObjectId, RefUpdate, RemoteUrl};
use tempfile::TempDir;

/// A folder with a remote, `remote.git`, whose branch `main` has two commits, and what mirrors it.
struct Place {
    folder: TempDir,
    remote: Repo,
    git: PathBuf,
}

impl Place {
    fn new() -> Place {
        let folder = scratch::folder();
        let remote = Repo::bare(&folder.path().join("remote.git"));
        remote.git(&["config", "http.receivepack", "true"]);
        for text in ["one", "two"] {
            remote.commit("main", None, &[("file", Some(text))]);
        }
        let git = git_alone(folder.path());
        Place {
            folder,
            remote,
            git,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn git(&self) -> GitProgram {
        GitProgram::new(&self.git)
    }

    /// The address of the remote's folder.
    fn url(&self) -> String {
        self.remote.path().to_str().unwrap().to_owned()
    }

    fn mirror(&self, name: &str, url: &str) -> Mirror {
        self.mirror_within(name, url, Duration::from_secs(60))
    }

    fn mirror_within(&self, name: &str, url: &str, limit: Duration) -> Mirror {
        let url = RemoteUrl::parse(url).unwrap();
        Mirror::open_within(&self.path(name), &url, self.git(), limit).unwrap()
    }
}

/// A commit in a mirror that no branch leads to, as one that is about to be published.
fn commit_in(mirror: &Mirror, parent: Option<&str>, message: &str) -> ObjectId {
    let repo = Repo::at(mirror.repository().git_dir());
    let tree = repo.git(&["rev-parse", "main^{tree}"]);
    let mut arguments = vec!["commit-tree", "-m", message, &tree];
    let parent = parent.map(|parent| repo.git(&["rev-parse", parent]));
    if let Some(parent) = &parent {
        arguments.extend(["-p", parent]);
    }
    repo.git(&arguments).parse().unwrap()
}

fn update(branch: &str, expected: Option<ObjectId>, new: ObjectId) -> RefUpdate {
    RefUpdate {
        name: format!("refs/heads/{branch}"),
        expected,
        new,
        message: "commit: change".into(),
        committer: ada(),
    }
}

fn tip(repo: &Repo, branch: &str) -> Option<ObjectId> {
    repo.tip(branch).map(|tip| tip.parse().unwrap())
}
