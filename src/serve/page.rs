//! Pages for people that aren't the answer to one question: where one begins to look, a ref's values, a form.

use hyper::StatusCode;

use super::given_up::IsGivenUp;
use super::problem::Problem;
use super::question::Question;

/// A page of the service's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageInfo {
    /// The last part of its path; empty for where a project's pages begin.
    pub(crate) name: &'static str,
    /// Whether it takes a form, which may write.
    pub(crate) takes_form: bool,
}

/// What a client asks of a page, or sends it in a form.
#[derive(Debug, Clone)]
pub(crate) struct PageQuestion {
    /// The project's name in the path.
    pub(crate) project: String,
    /// The name of the page.
    pub(crate) page: &'static str,
    pub(crate) parameters: Vec<(String, String)>,
    /// Whether the client may write to the project.
    pub(crate) may_write: bool,
}

/// What a client sees after it has sent a form.
#[derive(Debug)]
pub(crate) enum AfterForm {
    Page(StatusCode, String),
    /// The page at this link, which is relative.
    See(String),
}

/// What of a service is pages. They are made on blocking threads.
pub(crate) trait Pages {
    /// The pages that there are of a project.
    fn pages(&self) -> &'static [PageInfo];

    /// A page.
    fn page(&self, asked: &PageQuestion, is_given_up: IsGivenUp) -> Result<String, Problem>;

    /// Why there is no page, as one.
    fn problem_page(&self, asked: &PageQuestion, problem: &Problem) -> String;

    /// The question that a form stands for; it may write.
    fn order(&self, sent: &PageQuestion) -> Result<Question, Problem>;

    /// What is shown of the answer to that question.
    fn after(&self, sent: &PageQuestion, answer: Result<&[u8], Problem>) -> AfterForm;
}
