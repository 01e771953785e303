//! Forms: what a page of the service's own sends to be written, and what its reader sees then.

use hyper::body::Incoming;
use hyper::header::ORIGIN;
use hyper::{HeaderMap, Request, Response, StatusCode};

use super::audit::Audit;
use super::body::Body;
use super::caller::{Caller, Scope};
use super::order::{expect_media, read};
use super::page::{AfterForm, PageQuestion};
use super::problem::Problem;
use super::question::Expected;
use super::request::of_query;
use super::response::{broken, moved_to, page_with_status};
use super::write::Writes;

impl Writes {
    /// Does what a form says, and shows what came of it. What is refused is in the log, too.
    pub(super) async fn form(
        &self,
        mut sent: PageQuestion,
        caller: &Caller,
        request_id: &str,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Problem> {
        let mut audit = Audit::new(self.service.clone(), caller, request_id, &sent.project);
        audit.add("page", sent.page);
        match self.fields(&sent, caller, request).await {
            Ok(fields) => sent.parameters = fields,
            Err(problem) => {
                audit.refused(&problem);
                return Err(problem);
            }
        }
        let (service, asked) = (self.service.clone(), sent.clone());
        let ordered = tokio::task::spawn_blocking(move || service.order(&asked)).await;
        let answer = match ordered.map_err(|_| broken())? {
            Ok(question) => {
                let endpoint = &self.service.endpoints()[question.endpoint];
                audit.add("endpoint", endpoint.name);
                audit.add(
                    "if_match",
                    question.expected.as_ref().map(Expected::to_string),
                );
                audit.add_asked(endpoint, &question.parameters);
                let done = self.carry_out(question, audit, None).await?;
                done.map(|kept| kept.body)
            }
            Err(problem) => {
                audit.refused(&problem);
                Err(problem)
            }
        };
        let place = self.answers.place().await?;
        let service = self.service.clone();
        let shown = tokio::task::spawn_blocking(move || {
            let _place = place;
            let answer = answer.as_deref().map_err(Clone::clone);
            service.after(&sent, answer)
        });
        match shown.await.map_err(|_| broken())? {
            AfterForm::Page(status, page) => Ok(page_with_status(status, page)),
            AfterForm::See(link) => moved_to(StatusCode::SEE_OTHER, &link),
        }
    }

    /// The fields of a form, of somebody who may send it.
    async fn fields(
        &self,
        sent: &PageQuestion,
        caller: &Caller,
        request: Request<Incoming>,
    ) -> Result<Vec<(String, String)>, Problem> {
        let (head, body) = request.into_parts();
        expect_own(&head.headers)?;
        caller.expect(Scope::Write)?;
        self.expect_writable(&sent.project)?;
        let bytes = read(body, &self.limits).await?;
        let text = String::from_utf8(bytes).map_err(|_| Problem::usage("the form isn't UTF-8"))?;
        of_query(&text)
    }
}

/// Refuses a form that isn't a page's of the service's own: any site can make a browser send one, with the token that it has.
/// [`Guard`](super::guard::Guard) has compared the origin with the service's; here it must have been told.
fn expect_own(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).map(|it| it.to_str().unwrap_or_default());
    let site = text("sec-fetch-site").unwrap_or("same-origin");
    if !headers.contains_key(ORIGIN) || site != "same-origin" {
        let message =
            "this form wasn't sent by a page of this service: open its page and send it from there";
        return Err(Problem::new(StatusCode::FORBIDDEN, "cross-site", message)
            .with("remedy", "mend".into()));
    }
    expect_media(
        headers,
        "application/x-www-form-urlencoded",
        "a form is sent as `application/x-www-form-urlencoded`",
    )
}
