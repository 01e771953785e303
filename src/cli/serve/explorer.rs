//! The pages that aren't a command's: where a project begins, a ref, its values, the search, and the form for a change.

use crate::catalog::DocumentName;
use crate::git::RefScope;
use crate::project::{LoadOptions, Project};
use crate::report::{Explorer, HtmlPage, RefChoice, ValueTree};
use crate::serve::{
    AfterForm, IsGivenUp, PageInfo, PageQuestion, Pages, Problem, Question, StatusCode,
};

use super::change::{self, SentChange, selector};
use super::commands::Commands;
use super::problems::{no_project, problem};
use super::projects::expect_repository;
use super::search::search;
use crate::cli::failure::Failure;
use crate::cli::global::Global;

/// The form for a change.
const EDIT: &str = "edit";

const PAGES: [PageInfo; 4] = [
    page_info(""),
    page_info("values"),
    page_info("search"),
    PageInfo {
        takes_form: true,
        ..page_info(EDIT)
    },
];

const fn page_info(name: &'static str) -> PageInfo {
    PageInfo {
        name,
        takes_form: false,
    }
}

impl Pages for Commands {
    fn pages(&self) -> &'static [PageInfo] {
        &PAGES
    }

    fn page(&self, asked: &PageQuestion, is_given_up: IsGivenUp) -> Result<String, Problem> {
        if asked.page == EDIT && !asked.may_write {
            let message = "nothing can be changed here: the project isn't writable, or your token hasn't the scope `write`";
            return Err(Problem::new(StatusCode::FORBIDDEN, "not-writable", message)
                .with("remedy", "mend".into()));
        }
        let page = self.in_project(asked, |global, project| {
            page(global, &project.until(is_given_up), asked)
        })?;
        Ok(self.shown(page))
    }

    fn problem_page(&self, asked: &PageQuestion, problem: &Problem) -> String {
        let title = problem.status.canonical_reason().unwrap_or("No answer");
        let hint = change::hint(problem);
        let page = HtmlPage::problem(title, &problem.message, &hint);
        // What there is no project of has no other pages either.
        if problem.code == "path-not-found" || asked.project.is_empty() {
            return page.called(self.called()).to_string();
        }
        self.shown(page)
    }

    fn order(&self, sent: &PageQuestion) -> Result<Question, Problem> {
        let change = SentChange::new(&sent.parameters)?;
        change.order(&sent.project)
    }

    fn after(&self, sent: &PageQuestion, answer: Result<&[u8], Problem>) -> AfterForm {
        let status = match &answer {
            Ok(_) => StatusCode::OK,
            Err(problem) => problem.status,
        };
        let change = match SentChange::new(&sent.parameters) {
            Ok(change) => change,
            Err(problem) => return AfterForm::Page(status, self.problem_page(sent, &problem)),
        };
        if let (Ok(bytes), true) = (&answer, change.writes) {
            return AfterForm::See(change.written(bytes));
        }
        let problem = answer.as_ref().err().cloned();
        let page = self.in_project(sent, |global, project| change.page(global, project, answer));
        match (page, problem) {
            (Ok(page), _) => AfterForm::Page(status, self.shown(page)),
            // What stood against the change says more than that the form can't be shown.
            (Err(_), Some(problem)) | (Err(problem), None) => {
                AfterForm::Page(problem.status, self.problem_page(sent, &problem))
            }
        }
    }
}

impl Commands {
    fn shown(&self, page: HtmlPage) -> String {
        page.called(self.called()).served().to_string()
    }

    /// Makes something of a project, whose repository is there before and after it.
    fn in_project<T>(
        &self,
        asked: &PageQuestion,
        make: impl FnOnce(&Global, &Project) -> Result<T, Failure>,
    ) -> Result<T, Problem> {
        let projects = self.now();
        let global = projects.by_name.get(&asked.project);
        let mut global = global.ok_or_else(|| no_project(&asked.project))?.clone();
        // What it tells of environments is this question's own.
        global.shadowed = Default::default();
        let served = global.served.as_ref();
        let project = served
            .ok_or_else(|| no_project(&asked.project))?
            .project
            .clone();
        expect_repository(&global)
            .and_then(|()| make(&global, &project))
            .and_then(|made| expect_repository(&global).map(|()| made))
            .map_err(|failure| problem(&failure, None))
    }
}

/// The parameters of a page; empty fields of a form count as not given.
struct Given<'a>(&'a [(String, String)]);

impl<'a> Given<'a> {
    fn new(asked: &'a PageQuestion, known: &[&str]) -> Result<Given<'a>, Failure> {
        for (place, (name, _)) in asked.parameters.iter().enumerate() {
            if !known.contains(&&**name) {
                let name = crate::text::visible_line(name);
                let known = crate::text::list(known);
                return Err(Failure::Usage(format!(
                    "this page has no parameter `{name}`: it takes {known}"
                )));
            }
            if asked.parameters[..place].iter().any(|(it, _)| it == name) {
                return Err(Failure::Usage(format!(
                    "`{name}` is given twice, and is one value"
                )));
            }
        }
        Ok(Given(&asked.parameters))
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| &**value)
            .filter(|value| !value.is_empty())
    }

    fn needed(&self, name: &str) -> Result<&'a str, Failure> {
        self.text(name)
            .ok_or_else(|| Failure::Usage(format!("this page needs the parameter `{name}`")))
    }
}

fn page(global: &Global, project: &Project, asked: &PageQuestion) -> Result<HtmlPage, Failure> {
    match asked.page {
        "values" => values(global, project, asked),
        "search" => {
            let given = Given::new(asked, &["q", "ref"])?;
            let words = given.text("q").unwrap_or_default();
            let found = search(
                global,
                project,
                words,
                given.text("ref").unwrap_or_default(),
            )?;
            Ok(found.page())
        }
        EDIT => {
            let given = Given::new(asked, &["ref", "document", "selector"])?;
            let place = [
                given.needed("ref")?,
                given.needed("document")?,
                given.needed("selector")?,
            ];
            change::begin(global, project, place)
        }
        _ => index(global, project, asked),
    }
}

/// Where the pages of a project begin, or those of a ref.
fn index(global: &Global, project: &Project, asked: &PageQuestion) -> Result<HtmlPage, Failure> {
    if asked.parameters.iter().any(|(name, _)| name == "ref") {
        let given = Given::new(asked, &["ref", "written"])?;
        let revision = given.needed("ref")?;
        let loaded = global.load(project, revision, LoadOptions::default())?;
        return Ok(HtmlPage::of_ref(revision, &loaded, given.text("written")));
    }
    let given = Given::new(asked, &["filter", "version", "state", "sort", "page"])?;
    let text = |name: &str| given.text(name).unwrap_or_default().to_owned();
    let choice = RefChoice {
        filter: text("filter"),
        version: text("version"),
        state: text("state"),
        sort: text("sort"),
        page: match given.text("page").map(str::parse) {
            None => 1,
            Some(Ok(page)) => page,
            Some(Err(_)) => return Err(Failure::Usage("`page` must be a number".to_owned())),
        },
    };
    choice.check().map_err(Failure::Usage)?;
    let mut explorer = Explorer::new(&asked.project, project.catalog(), choice);
    project.status().every_ref(RefScope::All, |status| {
        explorer.add(status);
        Ok::<(), Failure>(())
    })?;
    Ok(explorer.page())
}

/// A ref's documents as a tree of values.
fn values(global: &Global, project: &Project, asked: &PageQuestion) -> Result<HtmlPage, Failure> {
    let given = Given::new(asked, &["ref", "document", "selector"])?;
    let revision = given.needed("ref")?;
    let options = LoadOptions::default();
    let selector = selector(given.text("selector").unwrap_or_default())?;
    let mut tree = ValueTree {
        revision,
        document: None,
        selector: &selector,
        may_write: asked.may_write,
        loaded: &match given.text("document") {
            Some(document) => {
                global
                    .load_document(project, revision, document, options)?
                    .0
            }
            None => global.load(project, revision, options)?,
        },
    };
    let is_branch = tree
        .loaded
        .ref_name()
        .is_some_and(|name| name.starts_with("refs/heads/"));
    tree.may_write &= is_branch;
    let document: Option<DocumentName> = match given.text("document") {
        Some(document) => {
            let loaded = tree.loaded;
            let found = loaded.name_of(document);
            // What isn't there has an error that says so.
            let name = match found {
                Some(name) => name,
                None => &loaded.document(document)?.name,
            };
            Some(name.clone())
        }
        None => None,
    };
    tree.document = document.as_ref();
    HtmlPage::values(&tree).map_err(|error| Failure::Find {
        error,
        document: document
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        revision: Some(revision.to_owned()),
    })
}
