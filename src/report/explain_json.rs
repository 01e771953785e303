//! The JSON of `explain`.

use serde::Serialize;

use super::{FORMAT_VERSION, FileDiff};
use crate::catalog::DocumentName;
use crate::project::{Happened, Loaded, Story, StoryOrigin};

/// `explain`.
#[derive(Debug, Serialize)]
pub struct ExplainReport {
    format_version: u32,
    #[serde(rename = "ref")]
    ref_name: Option<String>,
    commit: String,
    base_path: String,
    branch_version: Option<u32>,
    target_version: u32,
    document: DocumentName,
    outcome: &'static str,
    shape: u32,
    origin: OriginReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded: Option<RecordedReport>,
    missed: Vec<u32>,
    looks_older: Vec<u32>,
    steps: Vec<StepReport>,
    asked: Vec<AskedReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "from", rename_all = "snake_case")]
enum OriginReport {
    Git {
        path: String,
        blob: Option<String>,
        written: Option<WrittenReport>,
    },
    Store {
        source: String,
        import_version: u32,
    },
    BroughtBack {
        source: String,
        remove_version: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        commit: Option<String>,
    },
}

#[derive(Debug, Serialize)]
struct WrittenReport {
    commit: String,
    author: String,
    seconds: i64,
    subject: String,
    version: Option<u32>,
}

#[derive(Debug, Serialize)]
struct RecordedReport {
    import_version: u32,
    seconds: i64,
}

#[derive(Debug, Serialize)]
struct StepReport {
    version: u32,
    name: String,
    action: &'static str,
    happened: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
}

#[derive(Debug, Serialize)]
struct AskedReport {
    table: String,
    key: String,
    answer: Option<serde_json::Value>,
}

impl ExplainReport {
    /// A document's story.
    pub fn new(loaded: &Loaded, story: &Story) -> ExplainReport {
        let catalog = loaded.project().catalog();
        let document = loaded.document(story.name.as_str()).ok();
        let path = document.map_or("", |document| &document.path);
        let path = &format!("{}/{path}", loaded.base_path());
        let steps = story.steps.iter().map(|told| {
            let step = &catalog.steps()[told.step];
            StepReport {
                version: step.version(),
                name: step.name().to_owned(),
                action: step.action().name(),
                happened: told.happened.name(),
                diff: told.happened.diff(path).map(|diff| diff.to_string()),
            }
        });
        ExplainReport {
            format_version: FORMAT_VERSION,
            ref_name: loaded.ref_name().map(str::to_owned),
            commit: loaded.commit().to_string(),
            base_path: loaded.base_path().to_owned(),
            branch_version: Some(loaded.version().number()).filter(|version| *version > 0),
            target_version: loaded.plan().target,
            document: story.name.clone(),
            outcome: document.map_or("failed", |document| document.outcome.name()),
            shape: story.shape,
            origin: match &story.origin {
                StoryOrigin::Git {
                    path,
                    blob,
                    written,
                } => OriginReport::Git {
                    path: path.clone(),
                    blob: blob.map(|blob| blob.to_string()),
                    written: written.as_ref().map(|written| WrittenReport {
                        commit: written.commit.to_string(),
                        author: written.author.clone(),
                        seconds: written.seconds,
                        subject: written.subject.clone(),
                        version: written.version,
                    }),
                },
                StoryOrigin::BroughtBack {
                    source,
                    remove_version,
                    commit,
                } => OriginReport::BroughtBack {
                    source: source.to_string(),
                    remove_version: *remove_version,
                    commit: commit.map(|commit| commit.to_string()),
                },
                StoryOrigin::Store {
                    source,
                    import_version,
                } => OriginReport::Store {
                    source: source.to_string(),
                    import_version: *import_version,
                },
            },
            recorded: story.recorded.as_ref().map(|recorded| RecordedReport {
                import_version: recorded.import_version,
                seconds: recorded.seconds,
            }),
            missed: story.missed.clone(),
            looks_older: story.looks_older.clone(),
            steps: steps.collect(),
            asked: story
                .asked
                .iter()
                .map(|asked| AskedReport {
                    table: asked.table.clone(),
                    key: asked.key.clone(),
                    answer: asked.answer.clone(),
                })
                .collect(),
            error: document.and_then(|document| document.failure(loaded.base_path())),
        }
    }
}

impl Happened {
    /// As a word, for scripts.
    pub fn name(&self) -> &'static str {
        match self {
            Happened::RanBefore => "ran_before",
            Happened::AboveTarget => "above_target",
            Happened::Changed { .. } => "changed",
            Happened::NothingToDo => "nothing_to_do",
            Happened::Moved { .. } => "moved",
            Happened::BroughtIn => "brought_in",
            Happened::PassedOver => "passed_over",
            Happened::AlreadyInShape => "already_in_shape",
            Happened::RemovedLater => "removed_later",
            Happened::AnotherLife => "another_life",
            Happened::Failed(_) => "failed",
            Happened::NotReached => "not_reached",
        }
    }

    /// The lines that the step changed, in a file of this name.
    pub fn diff(&self, path: &str) -> Option<FileDiff> {
        match self {
            Happened::Changed { before, after } => Some(FileDiff::new(
                Some((path, before)),
                after.as_deref().map(|text| (path, text.as_bytes())),
            )),
            _ => None,
        }
    }
}
