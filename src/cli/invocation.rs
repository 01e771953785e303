//! How the command was called, so that hints can repeat it with a change.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use clap::ArgMatches;
use clap::parser::ValueSource;

use crate::text::folder;
use crate::values::{Address, Selector};

use super::command_line::CommandLine;
use super::failure::quoted;
use super::store_place::without_password;

/// How the command was called.
#[derive(Clone)]
pub(super) struct Invocation {
    /// Whose command line it is.
    pub(super) host: Arc<CommandLine>,
    /// The options that choose repository, catalog, store and project, by their ids, as they are written.
    chosen: Vec<(&'static str, String)>,
    /// Those among them that the environment says: a command to paste names them.
    unsaid: Vec<(&'static str, String)>,
    /// The base path that was asked for.
    base_path: Option<String>,
    /// Where settings say the base path: a file and a line.
    pub(super) base_path_place: Option<String>,
    /// The base path at which the project was found, where commands about the store wouldn't take that one: they don't look for it.
    pub(super) found_base_path: Option<String>,
    /// What can be put into the store.
    pub(super) store_takes: StoreTakes,
    /// The projects that the store knows by names that no folder of the branch has, where it doesn't know the one in question.
    pub(super) strays: Vec<String>,
    /// Whether the store is a file, which the command `store` takes: otherwise it is the server's own.
    store_is_file: bool,
    /// Git, in the same repository.
    pub(super) git: String,
    /// The command line, word for word.
    pub(super) words: Vec<String>,
    /// The command's name, a store's command with both words.
    pub(super) name: String,
    /// The revision or branch that was asked for.
    pub(super) revision: Option<String>,
    /// Where a new branch begins, from where something is restored, or what is merged.
    pub(super) from: Option<String>,
    /// The message of the commit.
    pub(super) message: Option<String>,
    /// The version that was asked for, as an option: ` --to 5`.
    pub(super) to: String,
    /// What a command that writes was told of how it begins and what is accepted, and the format, as options.
    pub(super) writing: String,
}

/// What a store takes of a project.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum StoreTakes {
    #[default]
    Answers,
    /// Answers, once it knows the project; or once it is there.
    AnswersOnceInit,
    /// Nothing: it can't be used.
    Nothing,
}

/// The options that every command in a hint repeats.
const REPEATED: [(&str, &str); 7] = [
    ("directory", "-C"),
    ("repo", "--repo"),
    ("base_path", "--base-path"),
    ("catalog", "--catalog"),
    ("store", "--store"),
    ("project", "--project"),
    ("tenant", "--tenant"),
];

/// The options whose value is any text.
const TEXTS: [&str; 3] = ["-m", "--message", "--migration-message"];

impl Invocation {
    pub(super) fn new(
        words: &[OsString],
        matches: &ArgMatches,
        host: &Arc<CommandLine>,
    ) -> Invocation {
        let (mut chosen, mut unsaid) = (Vec::new(), Vec::new());
        let mut git = "git".to_owned();
        for (id, option) in REPEATED {
            let source = matches.value_source(id);
            if !matches!(
                source,
                Some(ValueSource::CommandLine | ValueSource::EnvVariable)
            ) {
                continue;
            }
            let mut values = matches.get_raw(id).into_iter().flatten();
            if let Some(value) = values.next() {
                let value = quoted(&without_password(&value.to_string_lossy()));
                if matches!(id, "directory" | "repo") {
                    git.push_str(&format!(" -C {value}"));
                }
                let option = format!("{option} {value}");
                if source == Some(ValueSource::EnvVariable) {
                    unsaid.push((id, option.clone()));
                }
                chosen.push((id, option));
            }
        }
        let store_is_file = host.own_store().is_none() || matches.value_source("store").is_some();
        let words = words.iter().skip(1);
        let words: Vec<String> = words
            .map(|word| without_password(&word.to_string_lossy()))
            .collect();
        let mut name = Vec::new();
        let mut inner = matches;
        while let Some((word, below)) = inner.subcommand() {
            name.push(word);
            inner = below;
        }
        let revision = matches.subcommand().and_then(|(_, command)| {
            let named = |id| command.try_get_one::<String>(id).ok().flatten();
            named("revision").or_else(|| named("branch")).cloned()
        });
        let from = matches.subcommand().and_then(|(_, command)| {
            let named = |id| command.try_get_one::<String>(id).ok().flatten();
            named("from").or_else(|| named("theirs")).cloned()
        });
        let message = matches.subcommand().and_then(|(_, command)| {
            let message = command.try_get_one::<String>("message").ok().flatten();
            message.cloned()
        });
        let to = matches.subcommand().and_then(|(_, command)| {
            let version = command.try_get_one::<u32>("to").ok().flatten()?;
            Some(format!(" --to {version}"))
        });
        Invocation {
            writing: writing_options(matches),
            to: to.unwrap_or_default(),
            host: host.clone(),
            chosen,
            unsaid,
            base_path: matches.get_one::<String>("base_path").cloned(),
            base_path_place: None,
            found_base_path: None,
            store_takes: StoreTakes::default(),
            strays: Vec::new(),
            store_is_file,
            git,
            words,
            name: name.join(" "),
            revision,
            from,
            message,
        }
    }

    /// The same, about the project that these options choose, by their ids.
    pub(super) fn of_project(&self, options: Vec<(&'static str, String)>) -> Invocation {
        let value = |id: &str| {
            let found = options.iter().find(|(known, _)| *known == id);
            found.map(|(_, value)| value.as_str())
        };
        let chosen = REPEATED.into_iter();
        let chosen = chosen.filter_map(|(id, option)| Some((id, option, value(id)?)));
        let chosen: Vec<_> = chosen.collect();
        // Whoever serves them names them in a file.
        let repeated = chosen.iter().filter(|_| self.name != "serve");
        let repeated = repeated.flat_map(|(_, option, value)| [*option, *value]);
        let words = repeated.chain(self.words.iter().map(String::as_str));
        let folders = ["directory", "repo"].into_iter().filter_map(value);
        let folders = folders.map(|folder| format!(" -C {}", quoted(folder)));
        Invocation {
            words: words.map(str::to_owned).collect(),
            chosen: chosen
                .iter()
                .map(|(id, option, value)| (*id, format!("{option} {}", quoted(value))))
                .collect(),
            base_path: value("base_path").map(str::to_owned),
            store_is_file: self.store_is_file || value("store").is_some(),
            git: format!("git{}", folders.collect::<String>()),
            ..self.clone()
        }
    }

    /// The same, as if another revision had been asked for.
    pub(super) fn about(&self, revision: &str) -> Invocation {
        Invocation {
            revision: Some(revision.to_owned()),
            ..self.clone()
        }
    }

    /// The same about the project at a base path, one of several. A name that was chosen for another is not its name.
    pub(super) fn at(&self, base_path: &str) -> Invocation {
        if self.base_path.as_deref() == Some(base_path) {
            return self.clone();
        }
        let mut chosen = self.chosen.clone();
        chosen.retain(|(id, _)| !matches!(*id, "base_path" | "project"));
        chosen.push((
            "base_path",
            format!("--base-path {}", quoted(folder(base_path))),
        ));
        Invocation {
            chosen,
            base_path: Some(base_path.to_owned()),
            found_base_path: None,
            ..self.clone()
        }
    }

    /// The same command, about a project that the store knows by this name.
    pub(super) fn known_as(&self, project: &str) -> String {
        let mut value = quoted(project);
        let is_unsaid = |path: &&str| !self.words.iter().any(|word| word == path);
        if let Some(path) = self.base_path.as_deref().filter(is_unsaid) {
            value = format!("{value} --base-path {}", quoted(folder(path)));
        }
        self.again_with("--project", &value)
    }

    /// Whether somebody chose one of the options that every command takes, by its id.
    pub(super) fn chooses(&self, option: &str) -> bool {
        self.chosen.iter().any(|(id, _)| *id == option)
    }

    /// What says the base path, where it isn't the command line: a file and a line, or a variable of the environment.
    pub(super) fn says_base_path(&self) -> Option<String> {
        let is_of_environment = self.unsaid.iter().any(|(id, _)| *id == "base_path");
        let variable = is_of_environment.then(|| self.host.variable("BASE_PATH"));
        variable.or_else(|| self.base_path_place.clone())
    }

    /// Whether the command removes a document that it calls so.
    pub(super) fn removes(&self, document: &str) -> bool {
        let words = || self.words.iter().map(String::as_str);
        let mut pairs = words().zip(words().skip(1));
        let attached = |word: &str| word.strip_prefix("--remove=") == Some(document);
        self.name == "commit"
            && (words().any(attached) || pairs.any(|pair| pair == ("--remove", document)))
    }

    /// Whether the command can begin a branch.
    pub(super) fn can_begin(&self) -> bool {
        matches!(&*self.name, "commit" | "upgrade")
    }

    /// The same on a new branch, which begins at what was asked for; `None` where the command can't begin one, or does already.
    pub(super) fn begun_there(&self) -> Option<String> {
        let revision = self.revision.as_deref()?;
        let words = self.replaced(revision, "NAME")?;
        let options = format!("--new --from {}", quoted(revision));
        (self.can_begin() && !self.begins()).then(|| self.line(&words, &options))
    }

    /// Whether it begins a branch: what it reads lies elsewhere.
    pub(super) fn begins(&self) -> bool {
        self.writing.starts_with(" --new")
    }

    /// The same, for commands that no base path narrows.
    pub(super) fn everywhere(&self, rest: &str) -> String {
        format!("{} {rest}", self.program(Some("base_path")))
    }

    /// Another command with the same global options.
    pub(super) fn command(&self, rest: &str) -> String {
        format!("{} {rest}", self.program(None))
    }

    /// The program with the options that were chosen, but for one.
    fn program(&self, left_out: Option<&str>) -> String {
        let chosen = self.chosen.iter();
        let chosen = chosen.filter(|(id, _)| Some(*id) != left_out);
        let options = chosen.map(|(_, option)| option.as_str());
        let words: Vec<_> = [self.host.called()].into_iter().chain(options).collect();
        words.join(" ")
    }

    /// A command about the store; `None` where that isn't a file.
    pub(super) fn store(&self, rest: &str) -> Option<String> {
        let base_path = self.found_base_path.as_deref();
        let base_path = base_path.map(|path| format!("--base-path {} ", quoted(folder(path))));
        let base_path = base_path.unwrap_or_default();
        self.store_is_file
            .then(|| self.command(&format!("{base_path}store {rest}")))
    }

    /// A command about the store in a file that isn't the one that the options choose.
    pub(super) fn other_store(&self, path: &str, rest: &str) -> String {
        let (program, path) = (self.program(Some("store")), quoted(path));
        format!("{program} --store {path} store {rest}")
    }

    /// A command that explains a document of what was asked for, at the same version.
    pub(super) fn explain(&self, document: &str) -> String {
        let (revision, to) = (self.revision(), &self.to);
        self.command(&format!("explain {revision} {}{to}", quoted(document)))
    }

    /// The same command once more.
    pub(super) fn whole(&self) -> String {
        self.again("")
    }

    /// The same with further options.
    pub(super) fn again(&self, options: &str) -> String {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        self.line(&words, options)
    }

    /// The words with one replaced by another; `None` if they don't hold it.
    fn replaced<'w>(&'w self, word: &str, meant: &'w str) -> Option<Vec<&'w str>> {
        let place = self.place(word)?;
        let mut words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        words[place] = meant;
        Some(words)
    }

    /// Where a word stands that names something: a message may say the same.
    fn place(&self, word: &str) -> Option<usize> {
        let is_text = |at: usize| {
            let before = at.checked_sub(1).and_then(|before| self.words.get(before));
            before.is_some_and(|option| TEXTS.contains(&&**option))
        };
        (0..self.words.len())
            .rev()
            .find(|at| self.words[*at] == word && !is_text(*at))
    }

    /// A line of words and options; these come before a `--`, behind which they would be none.
    fn line(&self, words: &[&str], options: &str) -> String {
        let end = words.iter().position(|word| *word == "--");
        let (before, after) = words.split_at(end.unwrap_or(words.len()));
        let all_quoted = |words: &[&str]| words.iter().map(|word| quoted(word)).collect::<Vec<_>>();
        let mut line = vec![self.host.called().to_owned()];
        let replaces = |option: &str| options.split(' ').next() == option.split(' ').next();
        let unsaid = self.unsaid.iter().map(|(_, option)| option.clone());
        line.extend(unsaid.filter(|option| !replaces(option)));
        line.extend(all_quoted(before));
        line.extend((!options.is_empty()).then(|| options.to_owned()));
        line.extend(all_quoted(after));
        if self.reads_stdin() {
            // What was read there is gone.
            line.push("< FILE".to_owned());
        }
        line.join(" ")
    }

    /// Whether a document's text was taken from the standard input.
    fn reads_stdin(&self) -> bool {
        let before = std::iter::once("").chain(self.words.iter().map(String::as_str));
        let mut words = self.words.iter().zip(before);
        words.any(|(word, before)| {
            let is_put = before == "--put" || word.starts_with("--put=");
            is_put && word.ends_with("=-") || word == "-" && before != "--"
        })
    }

    /// The same with this value of an option that may stand once.
    pub(super) fn again_with(&self, option: &str, value: &str) -> String {
        self.line(&self.words_without(option), &format!("{option} {value}"))
    }

    /// The same without an option that has a value.
    pub(super) fn again_without(&self, option: &str) -> String {
        self.line(&self.words_without(option), "")
    }

    fn words_without(&self, option: &str) -> Vec<&str> {
        let mut words = Vec::new();
        let mut is_value = false;
        for word in &self.words {
            let is_attached = word
                .strip_prefix(option)
                .is_some_and(|it| it.starts_with('='));
            if !std::mem::take(&mut is_value) && !is_attached {
                is_value = word == option;
                if !is_value {
                    words.push(&**word);
                }
            }
        }
        words
    }

    /// A path in a command that is pasted where this one was called: with `-C`, it is relative to another folder.
    pub(super) fn path(&self, path: impl AsRef<Path>) -> String {
        let path = path.as_ref();
        let from_here = std::path::absolute(path).ok();
        let from_here = from_here.filter(|_| self.chooses("directory"));
        quoted(&from_here.as_deref().unwrap_or(path).to_string_lossy())
    }

    /// Whether the command writes to the repository.
    pub(super) fn writes(&self) -> bool {
        const WRITE: [&str; 6] = [
            "commit",
            "upgrade",
            "downgrade",
            "restore",
            "merge",
            "rename-thing",
        ];
        WRITE.contains(&&*self.name)
    }

    /// Whether it is a branch of this name that the command asks for: one that it moves, or that the store is to catch up with.
    pub(super) fn takes_branch(&self, name: &str) -> bool {
        let takes_branch = self.writes() || self.name == "adopt";
        takes_branch && self.revision.as_deref() == Some(name)
    }

    /// The same with one word replaced by another; `None` if the command line doesn't hold that word.
    pub(super) fn with(&self, word: &str, meant: &str) -> Option<String> {
        let words = self.replaced(word, meant)?;
        Some(self.line(&words, ""))
    }

    /// The same with one word in the place of which there are two.
    pub(super) fn with_two(&self, word: &str, meant: [&str; 2]) -> Option<String> {
        let mut words = self.replaced(word, meant[0])?;
        words.insert(self.place(word)? + 1, meant[1]);
        Some(self.line(&words, ""))
    }

    /// The same with one document replaced by another, which may stand in an address; `None` if the command line doesn't hold it.
    pub(super) fn with_document(&self, document: &str, meant: &str) -> Option<String> {
        self.with(document, meant).or_else(|| {
            let mut words = self.words.iter().rev();
            let (word, rest) = words.find_map(|word| {
                let rest = word.strip_prefix(document)?;
                rest.starts_with(char::is_whitespace)
                    .then_some((word, rest))
            })?;
            let meant = Address {
                document: meant.to_owned(),
                selector: Selector::default(),
            };
            self.with(word, &format!("{meant}{rest}"))
        })
    }

    /// The same with one selector replaced by another, which may stand behind its document, and before a value; `None` if the command
    /// line doesn't hold it.
    pub(super) fn with_selector(&self, selector: &str, meant: &str) -> Option<String> {
        self.with(selector, meant).or_else(|| {
            let mut words = self.words.iter().rev();
            let (word, begin, rest) = words.find_map(|word| {
                let (at, _) = word.match_indices(selector).find(|(at, _)| {
                    let rest = &word[at + selector.len()..];
                    word[..*at].ends_with(' ') && (rest.is_empty() || rest.starts_with('='))
                })?;
                let (begin, rest) = (&word[..at], &word[at + selector.len()..]);
                self.place(word).map(|_| (word, begin, rest))
            })?;
            self.with(word, &format!("{begin}{meant}{rest}"))
        })
    }

    /// For a remote's branch: the name that it would have here, and the same command for that.
    pub(super) fn local_branch(&self, ref_name: &str) -> Option<(String, String)> {
        let (_, name) = ref_name.strip_prefix("refs/remotes/")?.split_once('/')?;
        let command = self.with(self.revision.as_deref()?, name)?;
        Some((quoted(name), command))
    }

    pub(super) fn revision(&self) -> String {
        quoted(self.revision.as_deref().unwrap_or("HEAD"))
    }
}

fn writing_options(matches: &ArgMatches) -> String {
    let mut text = String::new();
    let command = matches.subcommand().map(|(_, command)| command);
    if let Some(command) = command {
        let is_set = |id| matches!(command.try_get_one::<bool>(id), Ok(Some(true)));
        if is_set("new") {
            text.push_str(" --new");
            if let Ok(Some(from)) = command.try_get_one::<String>("from") {
                text.push_str(&format!(" --from {}", quoted(from)));
            }
            if is_set("orphan") {
                text.push_str(" --orphan");
            }
        }
        let versions = command.try_get_many::<u32>("accept_unknown");
        if let Ok(Some(versions)) = versions {
            let versions: Vec<String> = versions.map(ToString::to_string).collect();
            text.push_str(&format!(" --accept-unknown {}", versions.join(",")));
        }
        let lookups = command.try_get_many::<String>("accept_missing_lookup");
        for lookup in lookups.ok().flatten().into_iter().flatten() {
            text.push_str(&format!(" --accept-missing-lookup {}", quoted(lookup)));
        }
    }
    if matches.value_source("format") == Some(ValueSource::CommandLine) {
        let format = matches.get_raw("format").into_iter().flatten().next();
        let format = format.map(|format| format.to_string_lossy());
        text.extend(format.map(|format| format!(" --format {}", quoted(&format))));
    }
    text
}
