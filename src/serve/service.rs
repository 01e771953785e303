//! What answers questions.

use serde_json::Value;

use super::caller::Caller;
use super::endpoint::Endpoint;
use super::problem::Problem;
use super::question::{Ended, Question};
use super::sink::Sink;
use super::tls::Tls;

/// The media type of data that is a line of JSON for each item.
pub(crate) const LINES: &str = "application/jsonl";

/// What answers questions. Answers, indexes and what is said of readiness are made on blocking threads.
pub(crate) trait Service: Send + Sync + 'static {
    /// The names of the projects.
    fn projects(&self) -> Vec<String>;

    /// Who has a token, or shows none.
    fn caller(&self, token: Option<&str>) -> Result<Caller, Problem>;

    /// What can be asked about each.
    fn endpoints(&self) -> &[Endpoint];

    /// The media type of an answer's data, by the place of its endpoint.
    fn media_type(&self, endpoint: usize, parameters: &[(String, String)]) -> &'static str;

    /// All that the answer depends on, put into a few bytes; `None` where that can't be told without making the answer.
    fn state(&self, question: &Question) -> Option<[u8; 32]>;

    /// Answers.
    fn answer(&self, question: &Question, sink: Sink) -> (Sink, Ended);

    /// Whether questions can be answered: what is wrong, where they can't.
    fn ready(&self) -> Result<(), String>;

    /// Further metrics: name, help and value.
    fn gauges(&self) -> Vec<(&'static str, &'static str, u64)>;

    /// The page at the root of a project, or that of a ref: what there is to see.
    fn index(&self, project: &str, revision: Option<&str>) -> Result<String, Problem>;

    /// Whether something may be written to a project.
    fn is_writable(&self, project: &str) -> bool;

    /// What the log keeps of the parameters of what is to be written: none of its contents.
    fn audited(&self, endpoint: &Endpoint, parameters: &[(String, String)]) -> Value;

    /// Says which name stands twice in an object of JSON, of which one would be lost.
    fn doubled_name(&self, json: &str) -> Option<String>;

    /// The certificate, as of now; none: nothing is encrypted. A service has one for as long as it runs, or never.
    fn tls(&self) -> Option<Tls>;

    /// Whether a signal may make it read its configuration again.
    fn can_reload(&self) -> bool;

    /// Reads its configuration again, on a blocking thread; keeps what it has where that is wrong. Says in the log what it did.
    fn reload(&self);

    /// Takes a line of the log, without its end.
    fn log(&self, line: &str);
}
