//! The form that changes a value: what it shows, and the commit that it stands for.

use form_urlencoded::Serializer;
use serde_json::{Value as Json, json};

use crate::compare::LiftedDocument;
use crate::project::{LoadOptions, Loaded, Project};
use crate::report::{HtmlPage, Proposal, ValueChange};
use crate::serve::{Expected, Form, Problem, Question, StatusCode};
use crate::text::{is_hidden, short_id};
use crate::values::{Address, Leaf, Selector, Value};

use super::asked::ASKED;
use crate::cli::failure::Failure;
use crate::cli::global::Global;

/// A longer value has no form.
const LONGEST: usize = 200_000;

const COMMIT: &str = "commit";

/// What a form has sent.
#[derive(Debug)]
pub(super) struct SentChange<'a> {
    revision: &'a str,
    document: &'a str,
    selector: &'a str,
    commit: &'a str,
    value: String,
    is_json: bool,
    has_crlf: bool,
    message: &'a str,
    accepted: &'a str,
    /// Whether it is to be committed, and not only shown.
    pub(super) writes: bool,
}

impl<'a> SentChange<'a> {
    pub(super) fn new(fields: &'a [(String, String)]) -> Result<SentChange<'a>, Problem> {
        const KNOWN: [&str; 10] = [
            "ref",
            "document",
            "selector",
            "commit",
            "form",
            "ends",
            "value",
            "message",
            "accept_unknown",
            "step",
        ];
        for (place, (name, _)) in fields.iter().enumerate() {
            let is_twice = fields[..place].iter().any(|(known, _)| known == name);
            if is_twice || !KNOWN.contains(&&**name) {
                let name = crate::text::visible_line(name);
                return Err(Problem::usage(format!(
                    "the form has no field `{name}`, or has it twice"
                )));
            }
        }
        let field = |name: &str| {
            let found = fields.iter().find(|(known, _)| known == name);
            found.map_or("", |(_, value)| &**value)
        };
        let needed = |name: &str| match field(name) {
            "" => Err(Problem::usage(format!("the form needs the field `{name}`"))),
            value => Ok(value),
        };
        let has_crlf = field("ends") == "crlf";
        // A browser ends all lines of a field with CR LF, whatever they had.
        let value = field("value").replace("\r\n", "\n");
        Ok(SentChange {
            revision: needed("ref")?,
            document: needed("document")?,
            selector: needed("selector")?,
            commit: needed("commit")?,
            value,
            is_json: field("form") == "json",
            has_crlf,
            message: field("message").trim(),
            accepted: field("accept_unknown"),
            writes: match needed("step")? {
                "write" => true,
                "show" => false,
                _ => return Err(Problem::usage("`step` is `show` or `write`")),
            },
        })
    }

    /// The question that it stands for.
    pub(super) fn order(&self, project: &str) -> Result<Question, Problem> {
        if self.message.is_empty() {
            return Err(Problem::usage("a commit needs a message"));
        }
        let is_id = [40, 64].contains(&self.commit.len())
            && self.commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_id {
            return Err(Problem::usage(
                "`commit` is the commit that the form was made for, in full",
            ));
        }
        let address = Address {
            document: self.document.to_owned(),
            selector: selector(self.selector)
                .map_err(|failure| Problem::usage(failure.message()))?,
        };
        let set = format!(
            "[{{\"address\":{},\"value\":{}}}]",
            json!(address.to_string()),
            self.json()?
        );
        let mut parameters = vec![
            ("ref".to_owned(), self.revision.to_owned()),
            ("message".to_owned(), self.message.to_owned()),
            ("set".to_owned(), set),
        ];
        for version in self.accepted.split(',').filter(|it| !it.is_empty()) {
            let is_number = version.bytes().all(|byte| byte.is_ascii_digit());
            if !is_number || version.len() > 9 {
                return Err(Problem::usage("`accept_unknown` lists versions"));
            }
            parameters.push(("accept_unknown".to_owned(), version.to_owned()));
        }
        if !self.writes {
            parameters.push(("dry_run".to_owned(), "true".to_owned()));
        }
        if parameters.iter().any(|(_, value)| value.contains('\0')) {
            return Err(Problem::usage("the form holds a NUL character"));
        }
        let mut commands = ASKED.iter();
        Ok(Question {
            project: project.to_owned(),
            endpoint: commands
                .position(|asked| asked.command == COMMIT)
                .expect("it is one of them"),
            parameters,
            form: Form::Data,
            expected: Some(Expected::Commit(self.commit.to_ascii_lowercase())),
        })
    }

    /// The value that is meant.
    fn json(&self) -> Result<String, Problem> {
        if !self.is_json {
            let text = if self.has_crlf {
                self.value.replace('\n', "\r\n")
            } else {
                self.value.clone()
            };
            return Ok(Json::from(text).to_string());
        }
        let parsed: Result<Json, _> = serde_json::from_str(&self.value);
        match parsed {
            // As it is written, with its numbers and all its names.
            Ok(_) => Ok(self.value.clone()),
            Err(error) => Err(Problem::usage(format!(
                "the value isn't JSON: {error}; a text is written in double quotes"
            ))),
        }
    }

    /// Where its reader goes on once it is committed.
    pub(super) fn written(&self, answer: &[u8]) -> String {
        let answer: Json = serde_json::from_slice(answer).unwrap_or_default();
        let commit = answer[COMMIT].as_str().unwrap_or_default();
        let mut link = Serializer::for_suffix("./?".to_owned(), 3);
        link.append_pair("ref", self.revision)
            .append_pair("written", commit);
        link.finish()
    }

    /// The form again, with what would be committed, or with what stands against it.
    pub(super) fn page(
        &self,
        global: &Global,
        project: &Project,
        answer: Result<&[u8], Problem>,
    ) -> Result<HtmlPage, Failure> {
        let loaded = branch(global, project, self.revision)?;
        let commit = loaded.commit().to_string();
        let (proposal, problem) = match answer {
            Ok(bytes) => (serde_json::from_slice::<Proposal>(bytes).ok(), None),
            Err(problem) if problem.code == "branch-moved" => {
                let now = match old_value(&loaded, self.document, self.selector) {
                    Ok(now) => format!("The value there is now: {}", now.text),
                    Err(failure) => failure.message(),
                };
                let hint = format!(
                    "Somebody has committed to the branch meanwhile: it is at {} now. {now} What you wrote stands below: look again \
                     at what it would change.",
                    short_id(&commit)
                );
                (None, Some((problem.message, hint)))
            }
            Err(problem) => {
                let hint = hint(&problem);
                (None, Some((problem.message, hint)))
            }
        };
        // What was shown holds for the commit that it was shown for.
        let commit = match &proposal {
            Some(_) => self.commit,
            None => &commit,
        };
        Ok(HtmlPage::value_change(&ValueChange {
            revision: self.revision,
            document: self.document,
            selector: self.selector,
            commit,
            value: &self.value,
            is_json: self.is_json,
            may_be_text: true,
            has_crlf: self.has_crlf,
            message: self.message,
            unknown: &loaded.plan().unknown_versions,
            is_accepted: !self.accepted.is_empty(),
            problem,
            proposal,
        }))
    }
}

/// The form for a value: its ref, document and selector.
pub(super) fn begin(
    global: &Global,
    project: &Project,
    [revision, document, selector]: [&str; 3],
) -> Result<HtmlPage, Failure> {
    let loaded = branch(global, project, revision)?;
    let old = old_value(&loaded, document, selector)?;
    let name = loaded
        .name_of(document)
        .map_or(document, |name| name.as_str());
    Ok(HtmlPage::value_change(&ValueChange {
        revision: loaded.ref_name().unwrap_or(revision),
        document: name,
        selector,
        commit: &loaded.commit().to_string(),
        value: &old.text,
        is_json: old.is_json,
        may_be_text: !old.is_json || !old.is_text,
        has_crlf: old.has_crlf,
        message: &format!("Change {selector} of {name}"),
        unknown: &loaded.plan().unknown_versions,
        is_accepted: false,
        problem: None,
        proposal: None,
    }))
}

fn branch(global: &Global, project: &Project, revision: &str) -> Result<Loaded, Failure> {
    let loaded = global.load(project, revision, LoadOptions::default())?;
    if loaded
        .ref_name()
        .is_some_and(|name| name.starts_with("refs/heads/"))
    {
        return Ok(loaded);
    }
    Err(Failure::Usage(format!(
        "{} is no branch, and only a branch can be changed",
        crate::text::visible_line(revision)
    )))
}

/// A value as a field has it.
struct OldValue {
    text: String,
    is_json: bool,
    is_text: bool,
    has_crlf: bool,
}

fn old_value(loaded: &Loaded, document: &str, text: &str) -> Result<OldValue, Failure> {
    let found = loaded.document(document)?;
    let unread =
        |why: String| Failure::Usage(format!("{}: {why}", crate::text::visible_line(document)));
    let lifted = LiftedDocument::of(loaded, found).map_err(|error| unread(error.to_string()))?;
    let lifted = lifted.ok_or_else(|| unread("a step removes it".to_owned()))?;
    let element = lifted
        .values()
        .find(&selector(text)?)
        .map_err(|error| Failure::Find {
            error,
            document: document.to_owned(),
            revision: loaded.ref_name().map(str::to_owned),
        })?;
    let leaf = element
        .leaf()
        .ok_or_else(|| Failure::Usage(format!("{text} holds other values: choose one of them")))?;
    let old = OldValue::of(&leaf);
    if old.text.len() > LONGEST {
        return Err(Failure::Usage(format!(
            "{text} has more than {LONGEST} bytes, too many for a form: change it with the command `commit`"
        )));
    }
    Ok(old)
}

impl OldValue {
    fn of(leaf: &Leaf<'_>) -> OldValue {
        let value = leaf.value();
        let Value::String(text) = &value else {
            return OldValue::json(leaf, false);
        };
        let plain = text.replace("\r\n", "\n");
        let has_crlf = text.contains('\r');
        let is_alike = !has_crlf || text.matches('\n').count() == text.matches("\r\n").count();
        let is_seen = |c: char| !is_hidden(c) || c == '\n' || c == '\t';
        if !is_alike || !plain.chars().all(is_seen) {
            return OldValue::json(leaf, true);
        }
        OldValue {
            text: plain,
            is_json: false,
            is_text: true,
            has_crlf,
        }
    }

    /// As JSON, in which nothing is unseen.
    fn json(leaf: &Leaf<'_>, is_text: bool) -> OldValue {
        let json = serde_json::to_string(leaf).unwrap_or_default();
        let mut text = String::new();
        for c in json.chars() {
            if is_hidden(c) {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    text.push_str(&format!("\\u{unit:04x}"));
                }
            } else {
                text.push(c);
            }
        }
        OldValue {
            text,
            is_json: true,
            is_text,
            has_crlf: false,
        }
    }
}

/// A selector as a link or a form has it.
pub(super) fn selector(text: &str) -> Result<Selector, Failure> {
    text.parse()
        .map_err(|error| Failure::Usage(format!("`selector`: {error}")))
}

/// What to do about a problem, as far as somebody with a browser can.
pub(super) fn hint(problem: &Problem) -> String {
    let hint = problem.members.get("hint").and_then(Json::as_str);
    let hint = hint.unwrap_or_default();
    match (&*problem.code, problem.status) {
        ("unknown-versions", _) => "The form asks for your consent below.".to_owned(),
        ("busy" | "answer-timed-out", _) => "Try again later.".to_owned(),
        (_, StatusCode::FORBIDDEN) => String::new(),
        _ => hint.to_owned(),
    }
}
