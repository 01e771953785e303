//! The progress of a long command.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::git::Repository;
use crate::project::SurveyProgress;
use crate::text;

/// A bar on stderr, if that is a terminal and the work takes longer than a moment.
pub(super) struct Progress {
    since: Instant,
    repository: String,
    bar: Option<ProgressBar>,
}

const A_MOMENT: Duration = Duration::from_secs(1);

impl Progress {
    pub(super) fn new() -> Progress {
        Progress {
            since: Instant::now(),
            repository: String::new(),
            bar: None,
        }
    }

    pub(super) fn begin(&mut self, repository: &str) {
        self.repository = text::visible_line(repository).into_owned();
    }

    pub(super) fn tell(&mut self, progress: SurveyProgress) {
        if self.bar.is_none() && self.since.elapsed() < A_MOMENT {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            // Not drawn where stderr is no terminal.
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        });
        match progress {
            SurveyProgress::Listed(refs) => {
                bar.set_style(style("{spinner} {msg}"));
                bar.set_message(format!("{}: {}", self.repository, text::count(refs, "ref")));
            }
            SurveyProgress::Trees { done, of } => {
                if bar.length() != Some(of as u64) {
                    // The next repository's: what the last one came to is not drawn with it.
                    bar.reset();
                    bar.set_length(of as u64);
                    bar.set_style(style("{msg} {wide_bar} {pos}/{len} trees, {eta} left"));
                    bar.set_message(self.repository.clone());
                    bar.reset_eta();
                }
                bar.set_position(done as u64);
            }
        }
    }

    pub(super) fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

/// The name of a repository in the output.
pub(super) fn folder_of(repository: &Repository) -> String {
    let folder = repository.work_dir().unwrap_or(repository.git_dir());
    folder.display().to_string()
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
