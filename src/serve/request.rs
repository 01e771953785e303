//! What a request asks for.

use super::caller::Caller;
use super::problem::Problem;
use super::service::Service;

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    Metrics,
    OpenApi,
    /// The projects, for programs or for people.
    Projects,
    /// Where a project's pages begin, without the slash that their links hang on.
    Unslashed(String),
    /// A page about a project: its place among the service's.
    Page(String, usize),
    /// A question about a project: the place of its endpoint.
    Endpoint(String, usize),
}

/// Where a path leads.
pub(super) fn route(path: &str, service: &dyn Service, caller: &Caller) -> Option<Route> {
    let known =
        |project: &str| caller.knows(project) && service.projects().iter().any(|it| it == project);
    Some(match path {
        "/metrics" => Route::Metrics,
        "/openapi.json" => Route::OpenApi,
        "/" | "/v1/projects" => Route::Projects,
        _ => {
            let rest = path.strip_prefix("/v1/projects/")?;
            let (project, name) = match rest.split_once('/') {
                Some(parts) => parts,
                None => return known(rest).then(|| Route::Unslashed(rest.to_owned())),
            };
            if !known(project) {
                return None;
            }
            let mut pages = service.pages().iter();
            if let Some(place) = pages.position(|page| page.name == name) {
                return Some(Route::Page(project.to_owned(), place));
            }
            let mut endpoints = service.endpoints().iter();
            let place = endpoints.position(|endpoint| endpoint.name == name)?;
            Route::Endpoint(project.to_owned(), place)
        }
    })
}

/// The parameters of a query: `ref=main&all`.
pub(super) fn of_query(query: &str) -> Result<Vec<(String, String)>, Problem> {
    let parsed = form_urlencoded::parse(query.as_bytes());
    let parsed = parsed.map(|(name, value)| (name.into_owned(), value.into_owned()));
    let parsed: Vec<(String, String)> = parsed.collect();
    // What isn't UTF-8 comes as that character.
    const REPLACED: char = '\u{fffd}';
    let is_replaced = |text: &String| text.contains(REPLACED);
    let is_meant = query.contains(REPLACED) || query.to_ascii_lowercase().contains("%ef%bf%bd");
    if !is_meant
        && parsed
            .iter()
            .any(|(name, value)| is_replaced(name) || is_replaced(value))
    {
        return Err(Problem::usage("the query isn't UTF-8"));
    }
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_or_refused() {
        let parsed = of_query("ref=a%2Fb&all&ref=c+d").unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            parsed,
            [pair("ref", "a/b"), pair("all", ""), pair("ref", "c d")]
        );
        assert!(of_query("ref=%ff").is_err());
        assert_eq!(
            of_query("ref=%EF%BF%BD").unwrap(),
            [pair("ref", "\u{fffd}")]
        );
    }
}
