//! The progress of a long command.

use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::git::Repository;
use crate::project::SurveyProgress;
use crate::text;

use super::global::Global;

/// A bar on stderr, if that is a terminal and the work takes longer than a moment.
pub(super) struct Progress {
    since: Instant,
    repository: String,
    bar: Option<ProgressBar>,
    is_silent: bool,
    /// Takes it in place of the bar.
    told: Option<Arc<dyn Fn(SurveyProgress) + Send + Sync>>,
}

const A_MOMENT: Duration = Duration::from_secs(1);

impl Progress {
    pub(super) fn new() -> Progress {
        Progress {
            since: Instant::now(),
            repository: String::new(),
            bar: None,
            is_silent: false,
            told: None,
        }
    }

    /// One for a command about a repository: nothing is drawn for one of a fleet, which has a bar for all.
    pub(super) fn of(global: &Global) -> Progress {
        Progress {
            is_silent: global.fleet.is_some() || global.served.is_some(),
            told: global.served.as_ref().and_then(|it| it.progress.clone()),
            ..Progress::new()
        }
    }

    pub(super) fn begin(&mut self, repository: &str) {
        self.repository = text::visible_line(repository).into_owned();
    }

    /// So many repositories are done.
    pub(super) fn tell_repositories(&mut self, done: usize, of: usize) {
        let Some(bar) = self.bar() else {
            return;
        };
        if bar.length() != Some(of as u64) {
            bar.set_length(of as u64);
            bar.set_style(style("{wide_bar} {pos}/{len} repositories, {eta} left"));
        }
        bar.set_position(done as u64);
    }

    /// The bar, once it is worth drawing.
    fn bar(&mut self) -> Option<&ProgressBar> {
        if self.is_silent || (self.bar.is_none() && self.since.elapsed() < A_MOMENT) {
            return None;
        }
        Some(self.bar.get_or_insert_with(|| {
            // Not drawn where stderr is no terminal.
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        }))
    }

    pub(super) fn tell(&mut self, progress: SurveyProgress) {
        if let Some(told) = &self.told {
            told(progress);
        }
        let repository = self.repository.clone();
        let Some(bar) = self.bar() else {
            return;
        };
        match progress {
            SurveyProgress::Listed(refs) => {
                bar.set_style(style("{spinner} {msg}"));
                bar.set_message(format!("{repository}: {}", text::count(refs, "ref")));
            }
            SurveyProgress::Trees { done, of } => {
                if bar.length() != Some(of as u64) {
                    // The next repository's: what the last one came to is not drawn with it.
                    bar.reset();
                    bar.set_length(of as u64);
                    bar.set_style(style("{msg} {wide_bar} {pos}/{len} trees, {eta} left"));
                    bar.set_message(repository);
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
