//! What answers questions.

use serde_json::Value;

use super::caller::Caller;
use super::endpoint::Endpoint;
use super::page::Pages;
use super::problem::Problem;
use super::question::{Ended, Question};
use super::sink::Sink;
use super::tls::Tls;

/// The media type of data that is a line of JSON for each item.
pub(crate) const LINES: &str = "application/jsonl";

/// How old what is known of a project is.
pub(crate) struct Mirrored {
    /// In seconds; none: nothing is known yet.
    pub(crate) seconds: Option<u64>,
    /// What whoever reads it should know.
    pub(crate) warning: Option<String>,
}

/// An answer that can be made.
pub(crate) trait Begun {
    /// All that the answer depends on, as it was seen; `None` where that can't be told without making the answer.
    fn state(&self) -> Option<[u8; 32]>;

    /// Makes the answer: where it says a state, of that state alone, whatever has changed meanwhile.
    fn answer(self: Box<Self>, sink: Sink) -> (Sink, Ended);
}

/// What answers questions, and has pages. Answers and what is said of readiness are made on blocking threads.
pub(crate) trait Service: Pages + Send + Sync + 'static {
    /// The names of the projects.
    fn projects(&self) -> Vec<String>;

    /// Who has a token, or shows none.
    fn caller(&self, token: Option<&str>) -> Result<Caller, Problem>;

    /// What can be asked about each.
    fn endpoints(&self) -> &[Endpoint];

    /// The media type of an answer's data, by the place of its endpoint.
    fn media_type(&self, endpoint: usize, parameters: &[(String, String)]) -> &'static str;

    /// Looks at what the answer depends on.
    fn begin<'s>(&'s self, question: &'s Question) -> Box<dyn Begun + 's>;

    /// What a project's readers of what is new, and its writers, wait for, where it lives elsewhere.
    fn remote(&self, project: &str) -> Option<String>;

    /// Brings what is known of a project up to date, where it lives elsewhere. May take as long as somebody else wants.
    fn refresh(&self, project: &str) -> Result<(), Problem>;

    /// How old what is known of a project is, where it lives elsewhere.
    fn mirrored(&self, project: &str) -> Option<Mirrored>;

    /// Refuses notices of what isn't there or has no webhook.
    fn expects_notices(&self, project: &str) -> Result<(), Problem>;

    /// Takes a host's notice that something has changed, by its headers and its body.
    fn notice(
        &self,
        project: &str,
        header: &dyn Fn(&str) -> Option<String>,
        body: &[u8],
    ) -> Result<(), Problem>;

    /// Whether questions can be answered, and what isn't well beside that; an error is why they can't.
    fn ready(&self) -> Result<Vec<String>, String>;

    /// Further metrics: name, help and value.
    fn gauges(&self) -> Vec<(&'static str, &'static str, u64)>;

    /// Whether something may be written to a project.
    fn is_writable(&self, project: &str) -> bool;

    /// What the log keeps of the parameters of what is to be written: none of its contents.
    fn audited(&self, endpoint: &Endpoint, parameters: &[(String, String)]) -> Value;

    /// Says which name stands twice in an object of JSON, of which one would be lost.
    fn doubled_name(&self, json: &str) -> Option<String>;

    /// The certificate, as of now; none: nothing is encrypted. A service has one for as long as it runs, or never.
    fn tls(&self) -> Option<Tls>;

    /// Reads its configuration again, on a blocking thread; keeps what it has where that is wrong. Says in the log what it did.
    fn reload(&self);

    /// Takes a line of the log, without its end.
    fn log(&self, line: &str);
}
